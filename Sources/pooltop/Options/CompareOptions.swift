import ArgumentParser
import Experiment
import PlainDocuments
import PoolModel
import SessionConfig
import Wording

/// The settings of the two arms, and how they are compared.
struct CompareOptions: ParsableArguments {
    private static let standard = ExperimentPlan()
    private static let model = CapacityPlan().model

    @Option(
        name: .customLong("a"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            """
            A setting of arm A, by the names that --at takes, with @HOST for one host. Repeatable. Default: \
            \(HelpText.list(ComparePlan.defaultArms.a)).
            """, valueName: "SETTING=VALUE"))
    var a: [String] = []

    @Option(
        name: .customLong("b"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            """
            A setting of arm B. Repeatable. Default: \(HelpText.list(ComparePlan.defaultArms.b)). What only one arm \
            names, the other has from the common options.
            """, valueName: "SETTING=VALUE"))
    var b: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Pairs of windows that count; one more begins each session.", default: "\(Self.standard.pairs)"),
            valueName: "N"))
    var pairs: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Length of one window, two of which make a pair.",
                default: "\(HelpText.duration(Self.standard.window)), or what --duration leaves for each"),
            valueName: "D"))
    var window: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "The longest wait after a switch until the pools are at rest, in no figure.",
                default: HelpText.duration(Self.standard.longestWashout)),
            valueName: "D"))
    var washout: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Start everything afresh so many times and spread the pairs over it: intervals then hold for a next session \
            too. Default: \(Self.standard.sessions).
            """, valueName: "N"))
    var sessions: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Ratios within 1 plus or minus this are no difference.",
                default: HelpText.share(Self.standard.equivalence)),
            valueName: "SHARE"))
    var equivalence: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Containers: the service's own CPU time per request, outside of the agent.",
                default: HelpText.duration(.seconds(Self.model.ownCPUSecondsPerRequest))),
            valueName: "D"))
    var ownCpu: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text("Containers: cores of each.", default: HelpText.number(Self.model.cores)), valueName: "N"))
    var cores: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text("Containers: how busy each may be.", default: HelpText.share(Self.model.utilisation)),
            valueName: "SHARE")
    )
    var utilisation: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Load that the capacity figures are for. Default: as measured.", valueName: "RATE"))
    var capacityRate: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Write a page with the charts to this file: HTML, everything in it, nothing loaded from elsewhere.",
            valueName: "FILE"), completion: .file(extensions: ["html"]))
    var report: String?

    private static let pairCounts = 1...1000
    private static let sessionCounts = 1...100
    private static let shortestWindow = Duration.milliseconds(50)

    /// The plan of the comparison.
    ///
    /// - Parameter common: the options that every command with traffic has.
    /// - Returns: a plan in which nothing contradicts itself.
    /// - Throws: the first thing found wrong, ready to be printed.
    func plan(common: CommonOptions) throws(CommandLineError) -> ComparePlan {
        var session = try common.plan()
        try refuseUnsteadyLoad(session)
        let arms = try arms(common, session)
        var plan = ComparePlan(session: session, a: arms.a, b: arms.b)
        plan.warmUp = session.load.warmUp
        plan.experiment = try experiment(total: session.load.duration)
        let files = [("--record", session.files.recording), ("--hdr-log", session.files.hdrLog)]
        for (option, file) in files where file != nil && plan.experiment.sessions > 1 {
            throw Source.option(option).error("holds one session, and --sessions asks for \(plan.experiment.sessions)")
        }
        plan.capacity = try capacity()
        if let report, report.isEmpty { throw Source.option("--report").error("is empty") }
        if report == "-" { throw Source.option("--report").error("needs a file; standard output has the figures") }
        plan.reportFile = report
        session.load.duration = nil
        session.load.warmUp = .zero
        plan.session = session
        return plan
    }

    private func refuseUnsteadyLoad(_ session: SessionPlan) throws(CommandLineError) {
        if session.load.hasSteps {
            throw Source.option("--plan").error("has no place here: both arms get the same load")
        }
        if session.load.requests != nil {
            throw Source.option("--requests").error("has no place here: windows have a length (--window, --duration)")
        }
        if !session.changes.isEmpty {
            throw Source.option("--at").error("has no place here: the arms say what changes (--a, --b)")
        }
    }

    private func arms(
        _ common: CommonOptions, _ session: SessionPlan
    ) throws(CommandLineError) -> (a: [ScopedChange], b: [ScopedChange]) {
        guard !a.isEmpty || !b.isEmpty else {
            for option in [AgentSetting.keepAlive, .dnsCache].compactMap(\.option)
            where common.agent.has(option) || common.dns.has(option) {
                throw option.source.error("is what the arms differ in; say --a and --b instead")
            }
            return ComparePlan.defaultArms
        }
        let (a, b) = (try changes(a, "--a", session), try changes(b, "--b", session))
        let arms = ComparePlan.completed(a, b, in: session)
        guard arms.a != arms.b else {
            throw Source.option(a.isEmpty ? "--b" : "--a").error("both arms are the same: \(arms.a.texts)")
        }
        return arms
    }

    private func changes(
        _ texts: [String], _ option: String, _ session: SessionPlan
    ) throws(CommandLineError) -> [ScopedChange] {
        var changes: [ScopedChange] = []
        guard texts.count <= PlanLimits.armSettings else {
            throw Source.option(option).error("more than \(PlanLimits.armSettings) settings")
        }
        for text in texts {
            guard
                let entry = try read(
                    text, option, { text throws(TextProblem) in try ScopedChange.parse(text[...], in: text) })
            else { continue }
            switch (entry.value.change, session.load.shape) {
            case (.toggleKeepAlive, _), (.toggleDNSCache, _):
                throw entry.source.error("'\(text)': an arm has a value, on or off")
            case (.rate, .concurrency):
                throw entry.source.error("rate is for an open loop, and --concurrency makes a closed one")
            case (.concurrency, .rate), (.concurrency, .steps):
                throw entry.source.error("concurrency is for a closed loop; start one with --concurrency")
            case (.set, _), (.rate, _), (.concurrency, .concurrency): break
            }
            if let host = entry.value.host { try PlanAssembly.checkHost(host, entry.source, in: session) }
            changes.append(entry.value)
        }
        return changes
    }

    private func experiment(total: Duration?) throws(CommandLineError) -> ExperimentPlan {
        var plan = ExperimentPlan()
        func count(_ text: String?, _ option: String, _ range: ClosedRange<Int>) throws(CommandLineError) -> Int? {
            try read(text, option) { text throws(TextProblem) in try CountText.parse(text, in: range) }?.value
        }
        plan.pairs = try count(pairs, "--pairs", Self.pairCounts) ?? plan.pairs
        plan.sessions = try count(sessions, "--sessions", Self.sessionCounts) ?? plan.sessions
        guard plan.sessions <= plan.pairs else {
            throw Source.option("--sessions").error("\(plan.sessions) sessions cannot share \(plan.pairs) pairs")
        }
        let window = try read(window, "--window", DurationText.parse)
        if let total, window == nil { plan.window = total / (2 * plan.pairs) }
        if let window { plan.window = window.value }
        guard plan.window >= Self.shortestWindow else {
            throw (window?.source ?? .option("--duration")).error(
                "leaves \(DurationText.format(plan.window)) for a window; at least 50ms are needed")
        }
        plan.longestWashout = try read(washout, "--washout", DurationText.parse)?.value ?? plan.longestWashout
        plan.shortestWashout = min(plan.shortestWashout, plan.longestWashout)
        if let share = try read(equivalence, "--equivalence", ShareText.parse) {
            guard share.value > 0, share.value < 1 else {
                throw share.source.error("must be above 0 and below 1", allowed: "5%, 0.05")
            }
            plan.equivalence = share.value
        }
        return plan
    }

    private func capacity() throws(CommandLineError) -> CapacityPlan {
        var plan = CapacityPlan()
        if let own = try read(ownCpu, "--own-cpu", DurationText.parse) {
            plan.model.ownCPUSecondsPerRequest = own.value.asSeconds
        }
        if let cores = try read(cores, "--cores", Self.parseCores) { plan.model.cores = cores.value }
        if let share = try read(utilisation, "--utilisation", ShareText.parse) {
            guard share.value > 0 else { throw share.source.error("must be above 0", allowed: "60%, 0.6") }
            plan.model.utilisation = share.value
        }
        if let rate = try read(capacityRate, "--capacity-rate", RateText.parse) {
            guard rate.value > 0 else { throw rate.source.error("must be above 0", allowed: RateText.examples) }
            plan.requestsPerSecond = rate.value
        }
        return plan
    }

    private static func parseCores(_ text: String) throws(TextProblem) -> Double {
        var rest = text[...]
        guard let number = DecimalText.take(from: &rest), rest.isEmpty, (0.001...10_000).contains(number.asDouble)
        else {
            throw TextProblem("'\(text)' is not a number of cores", allowed: "1, 0.5, 4")
        }
        return number.asDouble
    }
}
