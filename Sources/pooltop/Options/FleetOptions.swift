import ArgumentParser
import FoundationEssentials
import PlainDocuments
import SessionConfig

/// All options of `pooltop fleet`.
struct FleetOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The address of a Prometheus, or of what answers as it does: http://127.0.0.1:9090.", valueName: "URL"))
    var url: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only these series: 'job=\"api\",zone=~\"eu-.*\"'. Default: all.", valueName: "SELECTOR"))
    var match: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Sum instances by this label, too. Default: not.", valueName: "LABEL"))
    var by: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The time that rates are over; four scrapes at least. Default: 1m.", valueName: "D"))
    var window: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Read a bearer token from this file. Default: the variable POOLTOP_BEARER, if it is set.",
            valueName: "FILE"),
        completion: .file())
    var bearerFile: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Read USER:PASSWORD for basic authentication from this file.", valueName: "FILE"),
        completion: .file())
    var basicFile: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With ndjson: go on for this time, a line per --interval.", valueName: "D"))
    var duration: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long an answer may take. Default: 10s.", valueName: "D"))
    var timeout: String?

    @OptionGroup(title: "TLS") var tls: SectionOptions<TLSSection>

    @OptionGroup var checks: SectionOptions<CheckSection>
    @OptionGroup(title: "Report") var report: ReportOptions
    @OptionGroup(title: "Screen") var screen: ScreenOptions

    func plan(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandLineError) -> FleetPlan {
        var plan = FleetPlan(
            url: try Source.option("URL").read { () throws(TextProblem) in try TargetURL.parse(url) }.value)
        plan.match = match
        plan.groupLabel = by
        if let window = try read(window, "--window", DurationText.parse) {
            guard window.value >= .seconds(1) else { throw window.source.error("must be at least 1s") }
            plan.window = window.value
        }
        plan.authorization = try authorization(environment)
        if let timeout = try read(timeout, "--timeout", DurationText.parse) {
            guard timeout.value >= .milliseconds(100) else { throw timeout.source.error("must be at least 100ms") }
            plan.timeout = timeout.value
        }
        var draft = PlanDraft()
        try checks.fill(&draft)
        plan.checks = draft.checks.map(\.value)
        plan.tls = try tlsPlan()
        if plan.url.scheme != "https", let option = TLSSection.options.first(where: tls.has) {
            throw Source.option("--\(option.name.long)").error("is for https://, and the URL begins with http://")
        }
        plan.report = try report.plan()
        try screen.fill(&draft, environment: environment)
        try screen.checkTheme(draft, environment: environment)
        plan.screen = ScreenPlan(draft)
        screen.finish(&plan.screen)
        plan.showsScreen =
            report.format == nil && report.destination.output == nil && duration == nil && plan.checks.isEmpty
        if let duration = try read(duration, "--duration", DurationText.parse) {
            guard plan.report.format == .ndjson else {
                throw duration.source.error("is for lines: --format ndjson", allowed: "ndjson")
            }
            plan.duration = duration.value
        }
        return plan
    }

    private func tlsPlan() throws(CommandLineError) -> TLSPlan {
        var draft = PlanDraft()
        let target = try Source.option("URL").read { () throws(TextProblem) in try URLText.parse(url) }
        draft.targets = [TargetDraft(url: target)]
        try tls.fill(&draft)
        return try PlanAssembly(draft: draft).plan(randomSeed: 1).tls
    }

    private func authorization(_ environment: [String: String]) throws(CommandLineError) -> String? {
        if basicFile != nil, bearerFile != nil {
            throw Source.option("--basic-file").error("contradicts --bearer-file: give one of the two")
        }
        if let basicFile {
            let pair = try secret(basicFile, "--basic-file")
            guard pair.contains(":") else { throw Source.option("--basic-file").error("the file has no USER:PASSWORD") }
            return "Basic " + Data(pair.utf8).base64EncodedString()
        }
        if let bearerFile { return "Bearer " + (try secret(bearerFile, "--bearer-file")) }
        return environment["POOLTOP_BEARER"].flatMap { $0.isEmpty ? nil : "Bearer \($0)" }
    }

    /// The first line of a file.
    private func secret(_ path: String, _ option: String) throws(CommandLineError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandLineError(.cannotRun, "\(option): \(PlainText.clean(path)) cannot be read")
        }
        let line = String(decoding: data.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        guard !line.isEmpty, line.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            throw Source.option(option).error("the first line of the file is not a secret of printable ASCII")
        }
        return line
    }
}
