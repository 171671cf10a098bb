import CYaml

/// Looks a config file over, event by event, before Yams makes nodes of it.
///
/// Nodes are values in Yams: an alias copies what it names, and to compare or hash a key walks all that is in it, so a few
/// lines of aliases of aliases, as a value or as a key, would be more work than there is time. A config has a use for
/// none of that, and for no more levels than its schema has. All of it is refused here, in one pass whose work grows with
/// the text and no faster.
enum ConfigScan {
    /// More than any config file has a use for, and the most that is read.
    static let mostBytes = 1 << 20
    /// The schema has six: `targets`, its items, `headers`, a list for one name, and the document itself.
    static let mostLevels = 16
    /// Keys and values of the whole file.
    static let mostValues = 50_000

    /// Returns at what is not YAML, and after the first document: Yams has words of its own for that.
    static func check(_ text: String, file: String) throws(CommandLineError) {
        // The parser keeps pointers to itself, so it must not move.
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else { return }
        defer { yaml_parser_delete(parser) }
        let found = Array(text.utf8).withUnsafeBufferPointer { bytes in
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
            return finding(parser)
        }
        if let found { throw CommandLineError(.config, "\(file):\(found.line): \(found.problem)") }
    }

    private struct Finding {
        var line: Int
        var problem: String
    }

    /// One list or mapping that is open.
    private struct Level {
        var isMapping: Bool
        /// In a mapping: what comes next is a key.
        var expectsKey: Bool
    }

    private static let levelProblem = "is nested more than \(mostLevels) levels deep"

    /// libYAML reads ahead, and has a limit of its own then.
    private static func tooDeep(_ parser: UnsafeMutablePointer<yaml_parser_t>) -> Finding? {
        guard let problem = parser.pointee.problem, String(cString: problem).hasPrefix("Maximum nesting level") else {
            return nil
        }
        return Finding(line: Int(parser.pointee.problem_mark.line) + 1, problem: levelProblem)
    }

    private static func finding(_ parser: UnsafeMutablePointer<yaml_parser_t>) -> Finding? {
        var levels: [Level] = []
        var values = 0
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { return tooDeep(parser) }
            defer { yaml_event_delete(&event) }
            let line = Int(event.start_mark.line) + 1
            switch event.type {
            case YAML_ALIAS_EVENT:
                return Finding(line: line, problem: "aliases (*) are not read here; write the value once more")
            case YAML_SCALAR_EVENT, YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
                values += 1
                if values > mostValues {
                    return Finding(line: line, problem: "has more than \(mostValues) keys and values in all")
                }
                let isKey = levels.last.map { $0.isMapping && $0.expectsKey } ?? false
                if let last = levels.indices.last, levels[last].isMapping { levels[last].expectsKey.toggle() }
                guard event.type != YAML_SCALAR_EVENT else { continue }
                if isKey { return Finding(line: line, problem: "has a key that is not a word") }
                guard levels.count < mostLevels else {
                    return Finding(line: line, problem: levelProblem)
                }
                levels.append(Level(isMapping: event.type == YAML_MAPPING_START_EVENT, expectsKey: true))
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: levels.removeLast()
            case YAML_DOCUMENT_END_EVENT, YAML_STREAM_END_EVENT: return nil
            default: continue
            }
        }
    }
}
