import ArgumentParser
import PlainDocuments
import SessionConfig

/// All options of `pooltop probe`.
struct ProbeOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The downstreams to probe. Default: the bundled downstreams.", valueName: "URL"))
    var urls: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "How long to hold idle connections and count requests; 0: do neither.",
                default: HelpText.duration(ProbePlan.defaultMaxWait)),
            valueName: "D"))
    var maxWait: String?

    @Option(
        name: [.customShort("n", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Requests to put on one connection to find its limit; 0: none.", default: "\(ProbePlan.defaultRequests)"
            ),
            valueName: "N"))
    var requests: String?

    @Option(
        name: [.customShort("X", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp("Request method: GET, HEAD or OPTIONS. Default: GET.", valueName: "M"),
        completion: .list(Self.methods))
    var method: String?

    @OptionGroup var request: SectionOptions<RequestSection>

    @OptionGroup var limits: SectionOptions<ProbeLimitSection>

    @OptionGroup(title: "DNS") var names: SectionOptions<NameServerSection>

    @OptionGroup(title: "TLS") var tls: SectionOptions<TLSSection>

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("text for people, json for one object. Default: text.", valueName: "F"),
        completion: .list(["text", "json"]))
    var format: String?

    @OptionGroup var destination: DestinationOptions

    /// The methods that are safe to send a thousand times (RFC 9110 §9.2.1).
    static let methods = ["GET", "HEAD", "OPTIONS"]

    func plan() throws(CommandLineError) -> ProbePlan {
        var plan = ProbePlan(session: try PlanAssembly(draft: try draft()).plan(randomSeed: 1))
        if let value = try read(maxWait, "--max-wait", DurationText.parse) { plan.maxWait = value.value }
        let requests = try read(requests, "--requests") { text throws(TextProblem) in
            try CountText.parse(text, in: 0...1_000_000)
        }
        if let requests { plan.requests = requests.value }
        plan.json = try FormatText.isJSON(format)
        plan.outputFile = try destination.file()
        plan.isQuiet = destination.quiet
        return plan
    }

    private func draft() throws(CommandLineError) -> PlanDraft {
        var draft = PlanDraft()
        for url in urls {
            draft.targets.append(
                TargetDraft(
                    url: try Source.option("URL").read { () throws(TextProblem) in try URLText.parse(url) }))
        }
        draft.request.method = try read(method, "--method", Self.parseMethod)
        try request.fill(&draft)
        try names.fill(&draft)
        try tls.fill(&draft)
        try limits.fill(&draft)
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
