package import PlainDocuments
package import PoolModel
package import SessionConfig

/// The description of a run in its summary. It is part of a recording, so that the summary can be created later.
package struct RunDescription: Sendable, Equatable {
    /// A check, and the pool that its `@host` refers to; nil for all together.
    package struct Check: Sendable, Equatable {
        package var expression: CheckExpression
        package var pool: String?

        package init(expression: CheckExpression, pool: String? = nil) {
            self.expression = expression
            self.pool = pool
        }
    }

    /// `open loop 200000/min constant`; nil: it made no load of its own.
    package var load: String?
    /// `bundled downstreams`, or what was watched.
    package var targets: String
    /// The duration of the load before measuring began.
    package var warmUp: Duration
    /// nil: nothing was drawn that a seed would repeat.
    package var seed: UInt64?
    /// The part of the load that was sent; nil: all of it.
    package var share: PlanShare?
    /// The timed changes, in the order given.
    package var changes: [String]
    package var tlsWeakness: TLSWeakness
    /// `settings` in the JSON reports.
    package var settings: JSONValue
    package var checks: [Check]
    /// For a report that is made from a recording; nothing is wrong with a run itself.
    package var faults = RecordingFaults()
    /// For a report of several recordings that were merged; nil: it is of one run.
    package var merge: MergeDescription?

    package init(
        load: String?, targets: String, warmUp: Duration = .zero, seed: UInt64?, changes: [String] = [],
        tlsWeakness: TLSWeakness = TLSWeakness(), settings: JSONValue, checks: [Check]
    ) {
        self.load = load
        self.targets = targets
        self.warmUp = warmUp
        self.seed = seed
        self.changes = changes
        self.tlsWeakness = tlsWeakness
        self.settings = settings
        self.checks = checks
    }
}

extension RunDescription {
    /// - Parameters:
    ///   - plan: what was asked for.
    ///   - name: the processes that are watched, as `node (pid 4711)`.
    package init(_ plan: WatchPlan, watching name: String) {
        let processes = plan.processes.map { process -> JSONValue in
            switch process {
            case .pid(let pid): .integer(pid)
            case .name(let name): .string(name)
            }
        }
        let watch: JSONValue = .object([
            "processes": .array(processes), "children": .bool(plan.includesChildren),
            "port": plan.port.map { .integer($0) } ?? .null, "host": .string(plan.host),
            "names": .array(plan.names.map { .string($0.text) }), "reverseDNS": .bool(plan.reverseDNS),
            "tracefs": .bool(plan.usesTracefs), "netns": plan.namespace.map { .integer($0) } ?? .null,
        ])
        let checks: JSONValue = .array(plan.checks.map { .string($0.text) })
        self.init(
            load: nil, targets: "watching \(name)", seed: nil, settings: .object(["watch": watch, "checks": checks]),
            checks: plan.checks.map { Check(expression: $0) })
    }

    /// - Parameters:
    ///   - plan: what was asked for.
    ///   - name: the process of the agent, as `node app.js (pid 4711)`.
    package init(_ plan: AttachPlan, attachedTo name: String) {
        let attach: JSONValue = .object([
            "target": .string(plan.target?.text), "allowChanges": .bool(plan.mayChange),
        ])
        let checks: JSONValue = .array(plan.checks.map { .string($0.text) })
        self.init(
            load: nil, targets: "attached to \(name)", seed: nil, changes: plan.changes.map(\.text),
            settings: .object(["attach": attach, "checks": checks]),
            checks: plan.checks.map { Check(expression: $0) })
    }

    package init(_ plan: SessionPlan) {
        switch plan.load.shape {
        case .rate(let perSecond, let arrivals): load = "open loop \(RateText.format(perSecond)) \(arrivals.rawValue)"
        case .steps(let steps, let arrivals): load = "open loop \(RatePlanText.format(steps)) \(arrivals.rawValue)"
        case .concurrency(let count): load = "closed loop of \(count)"
        }
        switch plan.targets.count {
        case 0: targets = plan.bundled == .sick ? "sick downstreams" : "bundled downstreams"
        case 1: targets = plan.targets[0].name
        default: targets = "\(plan.targets.count) targets"
        }
        warmUp = plan.load.warmUp
        seed = plan.seed
        share = plan.share
        changes = plan.changes.map(\.text)
        tlsWeakness = TLSWeakness(plan.tls)
        settings = PlanDocument.settings(of: plan)
        checks = plan.checks.map { Check(expression: $0, pool: $0.host.map(plan.poolName)) }
    }
}
