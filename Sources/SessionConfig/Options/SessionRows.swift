import PlainDocuments
import PoolModel

/// A row about a session as a whole.
typealias SessionRow = OptionRow<PlanDraft, SessionPlan>

extension SessionRow {
    /// The option of the command line; nil: the key has none.
    var option: CommandOption? {
        command.map { command in
            let source = command.name.source
            return CommandOption(name: command.name, form: command.form, help: command.help) {
                texts, draft throws(CommandLineError) in try command.fill(texts, source, &draft)
            }
        }
    }
}

/// The keys of a config file outside of `agent` and `targets`, section by section.
enum SessionRows {
    private typealias Words = SessionRow.Words

    /// Excludes targets, so it is no row of `all`.
    static let sick: SessionRow = .flag(
        "sick", \.sick, given: true,
        Words(
            "sick", .flag,
            """
            Run against sick downstreams: one for each way in which a downstream can fail, 20 requests a second to each \
            (5 to closes-idle) where no load is given.
            """),
        shown: { .unless($0.bundled != .sick, .flag(true)) })

    static let load: [SessionRow] = shape + limits + [changes]

    private static let shape: [SessionRow] = [
        .value(
            "rate", \.load.rate, RateText.parse,
            Words(
                "rate", short: "R", .value("N[/s|/min]"),
                "Open loop: requests a second (N or N/s) or a minute (N/min) over all targets.",
                default: HelpText.rate(LoadPlan.defaultRate)),
            shown: { if case .rate(let perSecond, _) = $0.load.shape { .rate(perSecond) } else { nil } }),
        .value(
            "concurrency", \.load.concurrency,
            { text throws(TextProblem) in try CountText.parse(text, in: LoadPlan.concurrencies) },
            Words("concurrency", short: "c", .value("N"), "Closed loop: keep N requests in flight."),
            shown: { if case .concurrency(let count) = $0.load.shape { .count(count) } else { nil } }),
        .value(
            "arrivals", \.load.arrivals, ArrivalsText.parse,
            Words(
                "arrivals", .value("A", .words(Arrivals.allCases.map(\.rawValue))),
                "Open loop: equal gaps (constant), those of independent callers (poisson), or equal gaps with the requests of one millisecond sent together, at about half the CPU (batched).",
                default: LoadPlan.defaultArrivals.rawValue),
            printedAfter: "plan",
            shown: { plan in
                switch plan.load.shape {
                case .rate(_, let arrivals), .steps(_, let arrivals): .word(arrivals.rawValue)
                case .concurrency: nil
                }
            }),
        .single(
            "plan", \.load.steps,
            Words(
                "plan", .value("STEPS"),
                """
                Open loop in steps DURATION@RATE, as 30s@50,1m@200. A ramp: 1m@50~200, or 1m@~200 from the step before.
                """
            ).filling { texts, source, draft throws(CommandLineError) in
                for text in texts {
                    draft.load.steps = try source.read { () throws(TextProblem) in try RatePlanText.parse(text) }
                }
            },
            shown: { if case .steps(let steps, _) = $0.load.shape { .word(RatePlanText.format(steps)) } else { nil } },
            // A file may have the steps as a list.
            read: { node throws(CommandLineError) in
                var texts: [String] = []
                for item in node.items() { texts.append(try item.text()) }
                return try node.source.read { () throws(TextProblem) in
                    try RatePlanText.parse(texts.joined(separator: ","))
                }
            }),
    ]

    private static let limits: [SessionRow] = [
        .value(
            "duration", \.load.duration, DurationText.parse,
            Words(
                "duration", short: "z", .value("D"), "How long to measure, as 250us 20ms 1.5s 2m 1h.",
                default: "\(HelpText.duration(LoadPlan.headlessDuration)) for run, until you quit for monitor"),
            // Steps have durations of their own.
            shown: { .unless($0.load.hasSteps, .duration($0.load.duration)) }),
        .value(
            "requests", \.load.requests, { text throws(TextProblem) in try CountText.parse(text, in: 1...Int.max) },
            Words(
                "requests", short: "n", .value("N"), "How many requests to measure (k, M: thousands, millions)."),
            shown: { .count($0.load.requests) }),
        .value(
            "warmUp", \.load.warmUp, DurationText.parse,
            Words(
                "warm-up", .value("D"), "Load before measuring begins, left out of every figure.",
                default: HelpText.duration(LoadPlan().warmUp)),
            shown: { .duration($0.load.warmUp) }),
        .value(
            "loops", \.loops, { text throws(TextProblem) in try CountText.parse(text, in: PlanLimits.loops) },
            Words(
                "loops", .value("N"), "Event loops, each with its share of the limits.",
                default: "\(SessionPlan(seed: 0).loops)"),
            shown: { .count($0.loops) }),
        .value(
            "seed", \.seed, SeedText.parse,
            Words("seed", .value("N"), "Seed of every random choice.", default: "drawn, and reported"),
            shown: { .seed($0.seed) }),
    ]

    private static let changes: SessionRow = .list(
        "at", \.changes, TimedChange.parse,
        Words(
            "at", .list("TIME:SETTING=VALUE"),
            """
            Change a setting while running: 5s:keepAlive=off, every:10ms:keepAlive=toggle, 5s:rate=100; with @HOST for \
            one host. Times count from the first request. Repeatable.
            """),
        shown: { $0.changes.map(\.text) })

    static let dns: [SessionRow] = [
        .value(
            "server", \.dnsServer, ResolveText.parseServer,
            Words("dns-server", .value("IP[:PORT]"), "Ask this DNS server.", default: "the system's"),
            shown: { .word($0.dns.server?.text) }),
        .list(
            "resolve", \.resolve, ResolveText.parse, strongerFirst: true,
            Words(
                "resolve", .list("HOST:PORT:ADDR[:PORT]"),
                "Use this address for HOST:PORT; * is any host or port, IPv6 in brackets. Repeatable."),
            shown: { $0.dns.overrides.map(ResolveText.format) }),
    ]

    static let tls: [SessionRow] = [
        .file(
            "caFile", \.caFile, Words("ca-file", .value("F", .file), "Trust the certificates in this PEM file too."),
            shown: { $0.tls.caFile }),
        .file(
            "certFile", \.certFile, Words("cert", .value("F", .file), "Client certificate chain, PEM."),
            shown: { $0.tls.certFile }),
        .file(
            "keyFile", \.keyFile, Words("key", .value("F", .file), "Private key of --cert, PEM."),
            shown: { $0.tls.keyFile }),
        .flag(
            "insecure", \.insecure, given: true,
            Words("insecure", short: "k", .flag, "Verify no certificate. Every report says so."),
            shown: { .unless(!$0.tls.insecure, .flag($0.tls.insecure)) }),
        .value(
            "minVersion", \.tlsLeast, TLSLeast.parse,
            Words(
                "tls-min", .value("VERSION", .words(TLSLeast.allCases.map(\.rawValue))),
                "The earliest TLS version: 1.0, 1.1, 1.2 or 1.3.", default: TLSPlan().least.rawValue,
                after: "Reports name an earlier one."),
            shown: { .unless($0.tls.least == TLSPlan().least, .word($0.tls.least.rawValue)) }),
    ]

    static let checks: SessionRow = .list(
        "checks", \.checks, CheckExpression.parse,
        Words(
            "check", .list("EXPR"),
            """
            A condition on the result: 'reuse > 0.95', 'p99 < 250ms', 'errors == 0', 'newConnections/s < 5', with @HOST \
            for one host. Exit status 3 if one is not met. Repeatable.
            """),
        shown: { $0.checks.map(\.text) })

    static let screen: [SessionRow] = [
        .value(
            "theme", \.theme, ThemeText.parse,
            Words(
                "theme", .value("NAME", .words(ScreenPlan.Theme.builtIn.map(\.name))),
                "auto, dark, light, mono, or a file in pooltop/themes of the config folder.",
                default: ScreenPlan().theme.name),
            shown: { .word($0.screen.theme.name) }),
        .flag(
            "ascii", \.ascii, given: true, Words("ascii", .flag, "No character outside of ASCII."),
            shown: { .flag($0.screen.ascii) }),
        .flag(
            "color", \.color, given: false,
            Words("no-color", .flag, "No colour. The environment variable NO_COLOR says the same."),
            shown: { .flag($0.screen.color) }),
    ]

    /// Every row, whose order between sections means nothing.
    static let all = load + dns + tls + [checks] + screen
}
