import PlainDocuments

/// One thing that can be said about a session, declared once: its key in config files, its option of the command line,
/// how its text is read, where it goes in a draft, how a stronger source wins over a weaker one, and how documents show
/// it. Help, `ConfigFile`, `PlanDraft.over`, `--print-config` and the JSON reports read the row.
struct OptionRow<Draft, Plan>: Sendable {
    /// In a section of a config file, and in the JSON reports.
    let key: String
    /// The option of the command line; nil: the key has none.
    let command: Command?
    /// Puts the value of the key into a draft.
    let read: @Sendable (ConfigNode, inout Draft) throws(CommandLineError) -> Void
    /// Puts what a stronger draft says over what a weaker one does.
    let merge: @Sendable (_ stronger: Draft, _ weaker: inout Draft) -> Void
    /// The value in a plan; nil: the plan has none, and no document has the key.
    let shown: @Sendable (Plan) -> ShownValue?
    /// The key that documents have before this one, where that is not the row above.
    var printedAfter: String?

    /// How an option is written, and its effect.
    struct Command: Sendable {
        var name: OptionName
        var form: OptionForm
        var help: String
        var fill: @Sendable ([String], Source, inout Draft) throws(CommandLineError) -> Void
    }

    /// The words of an option, for a row that knows its effect.
    struct Words: Sendable {
        var name: OptionName
        var form: OptionForm
        var help: String

        /// The default, as people say it, goes behind the sentences of `help` and before `rest`.
        init(
            _ name: String, short: Character? = nil, _ form: OptionForm, _ help: String, default value: String? = nil,
            after rest: String = ""
        ) {
            self.name = OptionName(name, short: short)
            self.form = form
            self.help = HelpText.text(help, default: value, after: rest)
        }

        func filling(
            _ fill: @escaping @Sendable ([String], Source, inout Draft) throws(CommandLineError) -> Void
        ) -> Command {
            Command(name: name, form: form, help: help, fill: fill)
        }
    }

    typealias Place<Value> = WritableKeyPath<Draft, Sourced<Value>?> & Sendable
    typealias ListPlace<Value> = WritableKeyPath<Draft, [Sourced<Value>]> & Sendable
    typealias Parser<Value> = @Sendable (String) throws(TextProblem) -> Value
}

// MARK: Rows by the type of their value

extension OptionRow {
    /// A key of config files alone, whose place no source wins over by itself.
    static func key(
        _ key: String, shown: @escaping @Sendable (Plan) -> ShownValue? = { _ in nil },
        read: @escaping @Sendable (ConfigNode, inout Draft) throws(CommandLineError) -> Void
    ) -> OptionRow {
        OptionRow(key: key, command: nil, read: read, merge: { _, _ in }, shown: shown)
    }

    /// A single value, read alike in a file and on the command line.
    static func value<Value>(
        _ key: String, _ place: any Place<Value>, _ parse: @escaping Parser<Value>, _ words: Words? = nil,
        printedAfter: String? = nil, shown: @escaping @Sendable (Plan) -> ShownValue?
    ) -> OptionRow {
        let command = words?.filling { texts, source, draft throws(CommandLineError) in
            for text in texts {
                draft[keyPath: place] = try source.read { () throws(TextProblem) in try parse(text) }
            }
        }
        return single(key, place, command, printedAfter: printedAfter, shown: shown) {
            node throws(CommandLineError) in try node.read(parse)
        }
    }

    /// A single value whose two readings differ.
    static func single<Value>(
        _ key: String, _ place: any Place<Value>, _ command: Command?, printedAfter: String? = nil,
        shown: @escaping @Sendable (Plan) -> ShownValue?,
        read: @escaping @Sendable (ConfigNode) throws(CommandLineError) -> Sourced<Value>
    ) -> OptionRow {
        OptionRow(
            key: key, command: command,
            read: { node, draft throws(CommandLineError) in draft[keyPath: place] = try read(node) },
            merge: { stronger, weaker in
                if let value = stronger[keyPath: place] { weaker[keyPath: place] = value }
            },
            shown: shown, printedAfter: printedAfter)
    }

    /// A switch that the option, which has no value, puts to `given`.
    static func flag(
        _ key: String, _ place: any Place<Bool>, given: Bool, _ words: Words,
        shown: @escaping @Sendable (Plan) -> ShownValue?
    ) -> OptionRow {
        let command = words.filling { texts, source, draft throws(CommandLineError) in
            if !texts.isEmpty { draft[keyPath: place] = Sourced(given, from: source) }
        }
        return single(key, place, command, shown: shown) { node throws(CommandLineError) in
            try node.read(SwitchText.parse)
        }
    }

    /// A file, whose path in a config file is meant from that file's own folder.
    static func file(
        _ key: String, _ place: any Place<String>, _ words: Words, shown: @escaping @Sendable (Plan) -> String?
    ) -> OptionRow {
        let command = words.filling { texts, source, draft throws(CommandLineError) in
            for text in texts { draft[keyPath: place] = Sourced(text, from: source) }
        }
        return single(key, place, command, shown: { .path(shown($0)) }) { node throws(CommandLineError) in
            Sourced(node.filePath(try node.text()), from: node.source)
        }
    }

    /// A list, to which every source adds: the stronger one at the end, or in front where the first that fits wins.
    static func list<Value>(
        _ key: String, _ place: any ListPlace<Value>, _ parse: @escaping Parser<Value>, strongerFirst: Bool = false,
        _ words: Words, shown: @escaping @Sendable (Plan) -> [String]
    ) -> OptionRow {
        OptionRow(
            key: key,
            command: words.filling { texts, source, draft throws(CommandLineError) in
                for text in texts {
                    draft[keyPath: place].append(try source.read { () throws(TextProblem) in try parse(text) })
                }
            },
            read: { node, draft throws(CommandLineError) in
                for item in node.items() {
                    item.attempt { () throws(CommandLineError) in
                        draft[keyPath: place].append(try item.read(parse))
                    }
                }
            },
            merge: { stronger, weaker in
                let (mine, theirs) = (stronger[keyPath: place], weaker[keyPath: place])
                weaker[keyPath: place] = strongerFirst ? mine + theirs : theirs + mine
            },
            shown: { .list(shown($0)) })
    }
}

// MARK: Rows in a config file

extension ConfigNode {
    /// Reads a mapping whose keys are those of the rows. A fault in one value is noted, and the others are read.
    func read<Draft, Plan>(_ rows: [OptionRow<Draft, Plan>], into draft: inout Draft) throws(CommandLineError) {
        for (key, value) in try fields(rows.map(\.key)) {
            for row in rows where row.key == key {
                value.attempt { () throws(CommandLineError) in try row.read(value, &draft) }
            }
        }
    }

    /// A path in a config file is meant from the file's own folder.
    func filePath(_ text: String) -> String {
        guard !text.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return text }
        return file[...slash] + text
    }
}
