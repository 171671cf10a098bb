import ArgumentParser
import PlainDocuments
import PoolModel
import SessionConfig

/// How much traffic, for how long.
struct LoadOptions: ParsableArguments {
    @Option(
        name: [.customShort("R", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp(
            "Open loop: requests a second (N or N/s) or a minute (N/min) over all targets. Default: 200k/min.",
            valueName: "N[/s|/min]"))
    var rate: String?

    @Option(
        name: [.customShort("c", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp("Closed loop: keep N requests in flight.", valueName: "N"))
    var concurrency: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("constant or poisson (open loop). Default: constant.", valueName: "A"),
        completion: .list(Arrivals.allCases.map(\.rawValue)))
    var arrivals: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Open loop in steps DURATION@RATE, as 30s@50,1m@200. A ramp: 1m@50~200, or 1m@~200 from the step before.",
            valueName: "STEPS"))
    var plan: String?

    @Option(
        name: [.customShort("z", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp(
            "How long to measure, as 250us 20ms 1.5s 2m 1h. Default: 10s for run, until you quit for monitor.",
            valueName: "D"))
    var duration: String?

    @Option(
        name: [.customShort("n", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp("How many requests to measure (k, M: thousands, millions).", valueName: "N"))
    var requests: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Load before measuring begins, left out of every figure. Default: 0.", valueName: "D"))
    var warmUp: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Event loops, each with its share of the limits. Default: 1.", valueName: "N"))
    var loops: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Seed of every random choice. Default: drawn, and reported.", valueName: "N"))
    var seed: String?

    @Option(
        name: .customLong("at"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            """
            Change a setting while running: 5s:keepAlive=off, every:10ms:keepAlive=toggle, 5s:rate=100; with @HOST for \
            one host. Times count from the first request. Repeatable.
            """, valueName: "TIME:SETTING=VALUE"))
    var changes: [String] = []

    func fill(_ draft: inout PlanDraft) throws(CommandLineError) {
        draft.load.rate = try read(rate, "--rate", RateText.parse)
        draft.load.concurrency = try read(concurrency, "--concurrency") { text throws(TextProblem) in
            try CountText.parse(text, in: LoadPlan.concurrencies)
        }
        draft.load.arrivals = try read(arrivals, "--arrivals", ArrivalsText.parse)
        draft.load.steps = try read(plan, "--plan", RatePlanText.parse)
        draft.load.duration = try read(duration, "--duration", DurationText.parse)
        draft.load.requests = try read(requests, "--requests") { text throws(TextProblem) in
            try CountText.parse(text, in: 1...Int.max)
        }
        draft.load.warmUp = try read(warmUp, "--warm-up", DurationText.parse)
        draft.loops = try read(loops, "--loops") { text throws(TextProblem) in
            try CountText.parse(text, in: PlanLimits.loops)
        }
        draft.seed = try read(seed, "--seed", SeedText.parse)
        for change in changes {
            if let change = try read(change, "--at", TimedChange.parse) { draft.changes.append(change) }
        }
    }
}

/// Reads the value of an option that may not be there.
func read<Value>(
    _ text: String?, _ option: String, _ parse: (String) throws(TextProblem) -> Value
) throws(CommandLineError) -> Sourced<Value>? {
    guard let text else { return nil }
    return try Source.option(option).read { () throws(TextProblem) in try parse(text) }
}
