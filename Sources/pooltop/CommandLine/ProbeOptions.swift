import ArgumentParser

/// All options of `pooltop probe`.
struct ProbeOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The downstreams to probe. Default: the bundled downstreams.", valueName: "URL"))
    var urls: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long to hold idle connections and count requests; 0: do neither. Default: 70s.", valueName: "D"))
    var maxWait: String?

    @Option(
        name: [.customShort("n", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp(
            "Requests to put on one connection to find its limit; 0: none. Default: 1000.", valueName: "N"))
    var requests: String?

    @Option(
        name: [.customShort("X", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp("Request method: GET, HEAD or OPTIONS. Default: GET.", valueName: "M"),
        completion: .list(Self.methods))
    var method: String?

    @Option(
        name: [.customShort("H", allowingJoined: true), .customLong("header")], parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A request header, 'Name: value'. Repeatable.", valueName: "K: V"))
    var headers: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Connect to this unix socket instead of to the URL's host.", valueName: "PATH"),
        completion: .file())
    var unixSocket: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Limit of a connect, TLS included, or none. Default: 10s.", valueName: "D"))
    var connectTimeout: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Limit of a whole request, or none. Default: 30s.", valueName: "D"))
    var timeout: String?

    @Option(
        name: .customLong("dns-server"), parsing: .unconditional,
        help: ArgumentHelp("Ask this DNS server. Default: the system's.", valueName: "IP[:PORT]"))
    var dnsServer: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Use this address for HOST:PORT; * is any host or port, IPv6 in brackets. Repeatable.",
            valueName: "HOST:PORT:ADDR[:PORT]"))
    var resolve: [String] = []

    @OptionGroup(title: "TLS") var tls: TLSOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("text for people, json for one object. Default: text.", valueName: "F"),
        completion: .list(["text", "json"]))
    var format: String?

    @Option(
        name: [.customShort("o", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp(
            "Write the report to this file instead of standard output; it appears when it is complete.",
            valueName: "FILE"), completion: .file())
    var output: String?

    @Flag(help: "No progress on standard error.")
    var quiet = false

    /// Those that may be sent a thousand times over (RFC 9110 §9.2.1).
    static let methods = ["GET", "HEAD", "OPTIONS"]

    func plan() throws(CommandLineError) -> ProbePlan {
        var plan = ProbePlan(session: try PlanAssembly(draft: try draft()).plan(randomSeed: 1))
        if let value = try read(maxWait, "--max-wait", DurationText.parse) { plan.maxWait = value.value }
        let requests = try read(requests, "--requests") { text throws(TextProblem) in
            try CountText.parse(text, in: 0...1_000_000)
        }
        if let requests { plan.requests = requests.value }
        if let format {
            guard format == "text" || format == "json" else {
                throw Source.option("--format").error("unknown format '\(format)'", allowed: "text, json")
            }
            plan.json = format == "json"
        }
        if let output, output.isEmpty { throw Source.option("--output").error("is empty") }
        plan.outputFile = output == "-" ? nil : output
        plan.isQuiet = quiet
        return plan
    }

    private func draft() throws(CommandLineError) -> PlanDraft {
        var draft = PlanDraft()
        for url in urls {
            draft.targets.append(
                TargetDraft(
                    url: try Source.option("URL").read { () throws(TextProblem) in try TargetURL.parse(url) }))
        }
        draft.request.method = try read(method, "--method", Self.parseMethod)
        for header in headers {
            if let field = try read(header, "--header", RequestText.parseHeader) { draft.request.headers.append(field) }
        }
        draft.request.unixSocket = try read(unixSocket, "--unix-socket", UnixSocketText.parse)
        draft.dnsServer = try read(dnsServer, "--dns-server", ResolveText.parseServer)
        for text in resolve {
            if let override = try read(text, "--resolve", ResolveText.parse) { draft.resolve.append(override) }
        }
        tls.fill(&draft)
        let limits: [(AgentSetting, String, String?)] = [
            (.connectTimeout, "--connect-timeout", connectTimeout), (.requestTimeout, "--timeout", timeout),
        ]
        for (setting, option, text) in limits {
            if let value = try read(text, option, setting.parse) { draft.agent[setting] = value }
        }
        return draft
    }

    private static func parseMethod(_ text: String) throws(TextProblem) -> String {
        guard methods.contains(text) else {
            throw TextProblem(
                "'\(text)' would be sent many times over, which only safe methods allow",
                allowed: methods.joined(separator: ", "))
        }
        return text
    }
}
