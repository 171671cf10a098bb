import CYaml
import PlainDocuments

/// Makes nodes of a config file, event by event, as libYAML finds them.
///
/// A few lines of aliases of aliases, as a value or as a key, would be more work than there is time. A config has a use for
/// none of that, and for no more levels than its schema has. All of it is refused here, in one pass whose work grows with
/// the text and no faster.
///
/// Only the part of Yams in C is used. Its part in Swift needs all of Foundation, which is larger than the program.
struct YAMLReader {
    /// More than any config file has a use for, and the most that is read.
    static let mostBytes = 1 << 20
    /// The schema has six: `targets`, its items, `headers`, a list for one name, and the document itself.
    static let mostLevels = 16
    /// Keys and values of the whole file.
    static let mostValues = 50_000

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let file: String
    private var values = 0
    private var levels = 0

    /// The only document of a file; nil if there is none.
    static func root(of text: String, file: String) throws(CommandLineError) -> YAMLNode? {
        // The parser keeps pointers to itself, so it must not move.
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else {
            throw CommandLineError(.config, "\(file): there is no memory to read it")
        }
        defer { yaml_parser_delete(parser) }
        return try Array(text.utf8).withUnsafeBufferPointer { bytes throws(CommandLineError) in
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
            var reader = YAMLReader(parser: parser, file: file)
            return try reader.root()
        }
    }

    private init(parser: UnsafeMutablePointer<yaml_parser_t>, file: String) {
        self.parser = parser
        self.file = file
    }

    private mutating func root() throws(CommandLineError) -> YAMLNode? {
        // The stream begins.
        _ = try next()
        guard try next().kind == .documentStart else { return nil }
        let root = try node(try next())
        // The document ends.
        _ = try next()
        let end = try next()
        guard end.kind == .streamEnd else { throw fault(end.line, "a second document begins; only one is read") }
        return root
    }

    private mutating func node(_ event: Event) throws(CommandLineError) -> YAMLNode {
        try count(event)
        switch event.kind {
        case .alias: throw fault(event.line, "aliases (*) are not read here; write the value once more")
        case .scalar(let text, let isPlain):
            return YAMLNode(content: .scalar(text, isPlain: isPlain), line: event.line)
        case .sequenceStart: return YAMLNode(content: .sequence(try items(event)), line: event.line)
        case .mappingStart: return YAMLNode(content: .mapping(try entries(event)), line: event.line)
        case .end, .documentStart, .streamEnd, .other: throw fault(event.line, "not valid YAML")
        }
    }

    private mutating func items(_ start: Event) throws(CommandLineError) -> [YAMLNode] {
        try enter(start)
        defer { levels -= 1 }
        var items: [YAMLNode] = []
        while true {
            let event = try next()
            if event.kind == .end { return items }
            items.append(try node(event))
        }
    }

    private mutating func entries(_ start: Event) throws(CommandLineError) -> [YAMLNode.Entry] {
        try enter(start)
        defer { levels -= 1 }
        var entries: [YAMLNode.Entry] = []
        var keys: Set<String> = []
        while true {
            let event = try next()
            if event.kind == .end { return entries }
            // Before anything is read of a key that is a list or a mapping.
            if event.kind == .sequenceStart || event.kind == .mappingStart {
                throw fault(event.line, "has a key that is not a word")
            }
            guard let name = try node(event).scalar else { continue }
            guard keys.insert(name).inserted else { throw fault(event.line, "\(name): given twice") }
            entries.append(YAMLNode.Entry(key: name, line: event.line, value: try node(try next())))
        }
    }

    private mutating func enter(_ event: Event) throws(CommandLineError) {
        guard levels < Self.mostLevels else { throw tooDeep(event.line) }
        levels += 1
    }

    private mutating func count(_ event: Event) throws(CommandLineError) {
        values += 1
        if values > Self.mostValues {
            throw fault(event.line, "has more than \(Self.mostValues) keys and values in all")
        }
    }

    private func fault(_ line: Int, _ problem: String) -> CommandLineError {
        CommandLineError(.config, "\(file):\(line): \(problem)")
    }

    private func tooDeep(_ line: Int) -> CommandLineError {
        fault(line, "is nested more than \(Self.mostLevels) levels deep")
    }
}

extension YAMLReader {
    private struct Event {
        enum Kind: Equatable {
            case scalar(String, isPlain: Bool)
            case alias, sequenceStart, mappingStart
            /// A sequence or a mapping ends.
            case end
            case documentStart, streamEnd
            case other
        }

        var kind: Kind
        var line: Int
    }

    private func next() throws(CommandLineError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw parserFault }
        defer { yaml_event_delete(&event) }
        return Event(kind: Self.kind(event), line: Int(event.start_mark.line) + 1)
    }

    private static func kind(_ event: yaml_event_t) -> Event.Kind {
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            // The text may have NUL characters.
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_ALIAS_EVENT: return .alias
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart
        case YAML_MAPPING_START_EVENT: return .mappingStart
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        default: return .other
        }
    }

    private var parserFault: CommandLineError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "there is no memory to read it"
        let line = Int(parser.pointee.problem_mark.line) + 1
        // libYAML reads ahead, and has a limit of its own then.
        if problem.hasPrefix("Maximum nesting level") { return tooDeep(line) }
        // A text that cannot be read has no mark.
        if parser.pointee.error == YAML_SCANNER_ERROR || parser.pointee.error == YAML_PARSER_ERROR {
            return fault(line, "not valid YAML: \(problem)")
        }
        return CommandLineError(.config, "\(file): not valid YAML: \(problem)")
    }
}
