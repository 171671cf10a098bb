import ArgumentParser
import PlainDocuments
import SessionConfig

/// Where requests go and what they look like.
struct TargetOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Downstreams to send requests to, as with --target. Default: the bundled downstreams.", valueName: "URL"))
    var urls: [String] = []

    @Option(
        name: .customLong("target"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A downstream: http://… or https://…, with NAME= in front to name it. Repeatable.", valueName: "URL"))
    var targets: [String] = []

    @Option(
        name: [.customShort("X", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp("Request method. Default: GET, or POST where there is a body.", valueName: "M"))
    var method: String?

    @OptionGroup var request: RequestOptions

    @Option(
        name: [.customShort("d", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp(
            "Request body, sent as it is, or @FILE: from a file, @- from standard input.", valueName: "S"))
    var body: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Request body from a file.", valueName: "F"), completion: .file())
    var bodyFile: String?

    private static var commands: [String] {
        PooltopCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
    }

    func fill(_ draft: inout PlanDraft) throws(CommandLineError) {
        for url in urls {
            // A command that is mistyped ends up here.
            guard URLText.looksLikeOne(url) else {
                let meant = NearestName.of(url, among: Self.commands).map { "; did you mean '\($0)'?" } ?? ""
                throw CommandLineError(.usage, "\(URLText.named(url)) is neither a command nor a URL\(meant)")
            }
            draft.targets.append(try target(url, from: .option("URL")))
        }
        for url in targets { draft.targets.append(try target(url, from: .option("--target"))) }
        if let method {
            draft.request.method = try Source.option("--method").read { () throws(TextProblem) in
                try RequestText.parseMethod(method)
            }
        }
        try request.fill(&draft)
        try fillBody(&draft)
    }

    private func target(_ text: String, from source: Source) throws(CommandLineError) -> TargetDraft {
        var name: Sourced<String>?
        var url = text[...]
        // `catalog=http://…`; an equals sign further on belongs to the query.
        if let equals = text.firstIndex(of: "="), !text[..<equals].contains("/") {
            name = try source.read { () throws(TextProblem) in try TargetNameText.parse(String(text[..<equals])) }
            url = text[equals...].dropFirst()
        }
        let parsed = try source.read { () throws(TextProblem) in try URLText.parse(String(url)) }
        return TargetDraft(name: name, url: parsed)
    }

    private func fillBody(_ draft: inout PlanDraft) throws(CommandLineError) {
        if let body {
            let source = Source.option("--body")
            if bodyFile != nil { throw source.error("contradicts --body-file: give one of the two") }
            draft.request.body = try source.read { () throws(TextProblem) in
                body.hasPrefix("@") ? try FileText.bytes(of: String(body.dropFirst())) : Array(body.utf8)
            }
        }
        if let bodyFile {
            draft.request.body = try Source.option("--body-file").read { () throws(TextProblem) in
                try FileText.bytes(of: bodyFile)
            }
        }
    }
}

/// What a request carries and where it goes, whatever its method.
struct RequestOptions: ParsableArguments {
    @Option(
        name: [.customShort("H", allowingJoined: true), .customLong("header")], parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A request header, 'Name: value', or @FILE: from a file, one a line, @- from standard input. Repeatable.",
            valueName: "K: V"))
    var headers: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Connect to this unix socket instead of to the URL's host.", valueName: "PATH"),
        completion: .file())
    var unixSocket: String?

    func fill(_ draft: inout PlanDraft) throws(CommandLineError) {
        for header in headers {
            if header.hasPrefix("@") {
                draft.request.headers += try HeaderFile.fields(
                    of: String(header.dropFirst()), from: .option("--header"))
            } else if let field = try read(header, "--header", RequestText.parseHeader) {
                draft.request.headers.append(field)
            }
        }
        draft.request.unixSocket = try read(unixSocket, "--unix-socket", UnixSocketText.parse)
    }
}
