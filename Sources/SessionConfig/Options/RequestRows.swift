import FoundationEssentials
import PlainDocuments

/// A row about the requests of a target, or of every target where it is an option.
typealias RequestRow = OptionRow<RequestDraft, TargetPlan>

extension RequestRow {
    /// The option of the command line; nil: the key has none.
    var option: CommandOption? {
        command.map { command in
            let source = command.name.source
            return CommandOption(name: command.name, form: command.form, help: command.help) {
                texts, draft throws(CommandLineError) in try command.fill(texts, source, &draft.request)
            }
        }
    }
}

/// The keys of a target that say something about its requests. Options hold for every target.
enum RequestRows {
    private typealias Words = RequestRow.Words

    static let method: RequestRow = .value(
        "method", \.method, RequestText.parseMethod,
        Words("method", short: "X", .value("M"), "Request method.", default: "GET, or POST where there is a body"),
        shown: { .word($0.method) })

    static let headers = RequestRow(
        key: "headers",
        command: Words(
            "header", short: "H", .list("K: V"),
            "A request header, 'Name: value', or @FILE: from a file, one a line, @- from standard input. Repeatable."
        ).filling { texts, source, draft throws(CommandLineError) in
            for text in texts {
                if text.hasPrefix("@") {
                    draft.headers += try HeaderFile.fields(of: String(text.dropFirst()), from: source)
                } else {
                    draft.headers.append(
                        try source.read { () throws(TextProblem) in try RequestText.parseHeader(text) })
                }
            }
        },
        read: { node, draft throws(CommandLineError) in draft.headers = try HiddenText.headers(node) },
        // A header takes the place of all those of the weaker draft with its name.
        merge: { stronger, weaker in
            let names = stronger.headers.map { $0.value.name.lowercased() }
            weaker.headers.removeAll { names.contains($0.value.name.lowercased()) }
            weaker.headers += stronger.headers
        },
        shown: { $0.headers.isEmpty ? nil : .headers($0.headers) })

    static let unixSocket: RequestRow = .value(
        "unixSocket", \.unixSocket, UnixSocketText.parse,
        Words(
            "unix-socket", .value("PATH", .file), "Connect to this unix socket instead of to the URL's host."),
        shown: { plan in plan.unixSocket.map { .word($0) } })

    static let body = bodyRow(
        "body",
        Words(
            "body", short: "d", .value("S"),
            "Request body, sent as it is, or @FILE: from a file, @- from standard input."),
        option: { text throws(TextProblem) in
            text.hasPrefix("@") ? try FileText.bytes(of: String(text.dropFirst())) : Array(text.utf8)
        },
        file: { text, _ throws(TextProblem) in Array(try HiddenText.refuse(text).utf8) },
        shown: { .body($0.body) })

    static let bodyFile = bodyRow(
        "bodyFile", Words("body-file", .value("F", .file), "Request body from a file."),
        option: { text throws(TextProblem) in try FileText.bytes(of: text) },
        file: { text, node throws(TextProblem) in try FileText.bytes(of: node.filePath(text)) })

    static let bodyBase64 = bodyRow(
        "bodyBase64",
        file: { text, _ throws(TextProblem) in
            guard let data = Data(base64Encoded: text) else { throw TextProblem("is not base64") }
            return Array(data)
        })

    /// One of the ways to give a body, of which a request has one. `--print-config` picks the key itself.
    private static func bodyRow(
        _ key: String, _ words: RequestRow.Words? = nil,
        option: @escaping @Sendable (String) throws(TextProblem) -> [UInt8] = { text in Array(text.utf8) },
        file: @escaping @Sendable (String, ConfigNode) throws(TextProblem) -> [UInt8],
        shown: @escaping @Sendable (TargetPlan) -> ShownValue? = { _ in nil }
    ) -> RequestRow {
        RequestRow(
            key: key,
            command: words?.filling { texts, source, draft throws(CommandLineError) in
                for text in texts {
                    if let other = draft.body?.source {
                        throw other.error("contradicts \(source.name): give one of the two")
                    }
                    draft.body = try source.read { () throws(TextProblem) in try option(text) }
                }
            },
            read: { node, draft throws(CommandLineError) in
                let body = try node.read { text throws(TextProblem) in try file(text, node) }
                if let other = draft.body { throw body.source.error("contradicts \(other.source.name)") }
                draft.body = body
            },
            merge: { stronger, weaker in if let body = stronger.body { weaker.body = body } },
            shown: shown)
    }

    static let all: [RequestRow] = [method, headers, unixSocket, body, bodyFile, bodyBase64]
}
