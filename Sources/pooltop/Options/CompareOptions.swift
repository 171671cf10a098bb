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
            """
            The HTTP client that makes the load and whose CPU is measured: this program's own agent (pooltop), or http.Agent \
            and https.Agent of the Node in PATH (node). Default: \(LoadClient.pooltop.rawValue).
            """, valueName: "CLIENT"), completion: .list(LoadClient.choices.map(\.rawValue)))
    var client: String?

    @OptionGroup var foreign: CompareAttachOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Pairs of windows that count; one more begins each session, and pairs that were disturbed are measured again.",
                default: "\(Self.standard.pairs)"),
            valueName: "N"))
    var pairs: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Length of one window, two of which make a pair.",
                default:
                    "\(HelpText.duration(Self.standard.window)), or what fits into --duration, the limit of the whole run"
            ),
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
            Start everything afresh so many times and spread the pairs over it: from \(ExperimentPlan.minimumSessions) \
            on, intervals and verdicts hold for a next session too. Default: \(Self.standard.sessions).
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
                "Containers: the service's own CPU time per request, outside of the agent; or pid:N, to measure it of the process N that now makes the requests of --capacity-rate in A's way.",
                default: HelpText.duration(.seconds(Self.model.ownCPUSecondsPerRequest))),
            valueName: "D|pid:N"))
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
        plan.experiment = try experiment(total: session.load.duration, warmUp: plan.warmUp)
        plan.experiment.seed = session.seed
        let files = [("--record", session.files.recording), ("--hdr-log", session.files.hdrLog)]
        for (option, file) in files where file != nil && plan.experiment.sessions > 1 {
            throw Source.option(option).error("holds one session, and --sessions asks for \(plan.experiment.sessions)")
        }
        if session.files.metrics != nil {
            throw Source.option("--metrics").error("has no place here: the two settings would be mixed")
        }
        plan.capacity = try capacity()
        if let report, report.isEmpty { throw Source.option("--report").error("is empty") }
        if report == "-" { throw Source.option("--report").error("needs a file; standard output has the figures") }
        plan.reportFile = report
        session.load.duration = nil
        session.load.warmUp = .zero
        plan.session = session
        plan.client = try read(client, "--client", Self.parseClient)?.value ?? plan.client
        if let attach = try foreign.plan(common: common, session: session, client: client) {
            plan.attach = attach
            plan.client = .attached
            guard plan.experiment.sessions == 1 else {
                throw Source.option("--sessions").error("has no place here: the process is not restarted")
            }
            // All the CPU of the process is measured: there is nothing to add to it.
            plan.capacity.model.ownCPUSecondsPerRequest = 0
        }
        if let objection = plan.client.objection(to: plan) {
            throw Source.option(plan.attach == nil ? "--client \(plan.client.rawValue)" : "--attach").error(objection)
        }
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
            return foreign.attach == nil ? ComparePlan.defaultArms : ComparePlan.attachedArms
        }
        let (a, b) = (try changes(a, "--a", session), try changes(b, "--b", session))
        let arms = foreign.attach == nil ? ComparePlan.completed(a, b, in: session) : (a: a, b: b)
        // Both arms alike are an A/A test if both were given, and an oversight otherwise.
        guard arms.a != arms.b || (!a.isEmpty && !b.isEmpty) else {
            let (given, other) = a.isEmpty ? ("--b", "--a") : ("--a", "--b")
            throw Source.option(given).error(
                "both arms are the same: \(arms.a.texts); say so with \(other) too for an A/A test")
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

    private func experiment(total: Duration?, warmUp: Duration) throws(CommandLineError) -> ExperimentPlan {
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
        let washout = try read(washout, "--washout", DurationText.parse)?.value
        plan.window = window?.value ?? plan.window
        plan.longestWashout = washout ?? plan.longestWashout
        if let total {
            plan.total = total
            let turn = (total - warmUp * plan.sessions) / plan.windowCount
            if window == nil {
                let (washout, rest) = Self.divided(turn, washout)
                (plan.longestWashout, plan.window) = (washout, rest)
            } else if washout == nil {
                plan.longestWashout = max(plan.shortestWashout, min(plan.longestWashout, turn - plan.window))
            }
        }
        guard plan.window >= Self.shortestWindow else {
            throw (window?.source ?? .option("--duration")).error(
                "leaves \(DurationText.format(max(.zero, plan.window))) for a window; at least 50ms are needed")
        }
        plan.shortestWashout = min(plan.shortestWashout, plan.longestWashout)
        try refuseTooLong(plan, warmUp)
        if let share = try read(equivalence, "--equivalence", ShareText.parse) {
            guard share.value > 0, share.value < 1 else {
                throw share.source.error("must be above 0 and below 1", allowed: "5%, 0.05")
            }
            plan.equivalence = share.value
        }
        return plan
    }

    /// The washout and the window of one turn, if they are not given: a third for the washout, at least what it needs to
    /// find the pools at rest. The window is a whole number of milliseconds.
    private static func divided(_ turn: Duration, _ washout: Duration?) -> (washout: Duration, window: Duration) {
        let least = min(standard.shortestWashout, turn / 2)
        let washout = washout ?? min(standard.longestWashout, max(turn / 3, least))
        let milliseconds = max(0, ((turn - washout) / .milliseconds(1)).rounded(.down))
        return (washout, .milliseconds(Int(milliseconds)))
    }

    private func refuseTooLong(_ plan: ExperimentPlan, _ warmUp: Duration) throws(CommandLineError) {
        guard let total = plan.total else { return }
        let longest = (plan.longestTurn * plan.windowCount + warmUp * plan.sessions) / .seconds(1)
        guard longest > total / .seconds(1) + 0.001 else { return }
        throw Source.option("--duration").error(
            "\(plan.windowCount) windows of \(DurationText.format(plan.window)) and as many washouts of up to "
                + "\(DurationText.format(plan.longestWashout)) do not fit in; \(Int(longest.rounded(.up)))s would do")
    }

    private func capacity() throws(CommandLineError) -> CapacityPlan {
        var plan = CapacityPlan()
        if let text = ownCpu, text.hasPrefix("pid:") {
            guard let pid = Int(text.dropFirst(4)), pid > 0 else {
                throw Source.option("--own-cpu").error("'\(text)' is not a process", allowed: "pid:4711")
            }
            guard capacityRate != nil else {
                throw Source.option("--own-cpu").error(
                    "\(text) needs --capacity-rate too: the requests per second that this process makes now")
            }
            plan.ownProcess = pid
        } else if let own = try read(ownCpu, "--own-cpu", DurationText.parse) {
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

    private static func parseClient(_ text: String) throws(TextProblem) -> LoadClient {
        if let client = LoadClient(rawValue: text), LoadClient.choices.contains(client) { return client }
        throw NearestName.problem(kind: "client", name: text, among: LoadClient.choices.map(\.rawValue))
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
