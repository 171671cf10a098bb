/// What a summary says about what was asked for. A recording carries it, so that its summary can be made anywhere.
struct RunDescription: Sendable, Equatable {
    /// A check, and the pool that its `@host` means; nil: all together.
    struct Check: Sendable, Equatable {
        var expression: CheckExpression
        var pool: String?
    }

    /// `open loop 200000/min constant`.
    var load: String
    /// `bundled downstreams`.
    var targets: String
    /// Load before the measuring began.
    var warmUp: Duration
    var seed: UInt64
    /// The changes that were planned, in the order given.
    var changes: [String]
    var tlsWeakness: TLSWeakness
    /// `settings` of the JSON reports.
    var settings: JSONValue
    var checks: [Check]
}

extension RunDescription {
    init(_ plan: SessionPlan) {
        switch plan.load.shape {
        case .rate(let perSecond, let arrivals): load = "open loop \(RateText.format(perSecond)) \(arrivals.rawValue)"
        case .steps(let steps, let arrivals): load = "open loop \(RatePlanText.format(steps)) \(arrivals.rawValue)"
        case .concurrency(let count): load = "closed loop of \(count)"
        }
        switch plan.targets.count {
        case 0: targets = "bundled downstreams"
        case 1: targets = plan.targets[0].name
        default: targets = "\(plan.targets.count) targets"
        }
        warmUp = plan.load.warmUp
        seed = plan.seed
        changes = plan.changes.map(\.text)
        tlsWeakness = TLSWeakness(plan.tls)
        settings = PlanDocument.settings(of: plan)
        checks = plan.checks.map { Check(expression: $0, pool: $0.host.map(plan.poolName)) }
    }
}
