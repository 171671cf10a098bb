import PoolModel

extension PlanAssembly {
    /// - Throws: what contradicts itself in the load.
    package func checkLoad() throws(CommandLineError) {
        var faults = ConfigFaults()
        checkLoad(noting: &faults)
        try faults.throwIfAny()
    }

    /// The load, with the rates that targets have of their own as its sum.
    func load() -> LoadPlan {
        let draft = draft.load
        var load = LoadPlan()
        let arrivals = draft.arrivals?.value ?? LoadPlan.defaultArrivals
        if let concurrency = draft.concurrency {
            load.shape = .concurrency(concurrency.value)
        } else if let steps = draft.steps {
            load.shape = .steps(steps.value, arrivals)
        } else {
            let sum = ownRates.map { $0.reduce(0, +) }
            load.shape = .rate(perSecond: draft.rate?.value ?? sum ?? bundled.defaultRate, arrivals)
        }
        load.requests = draft.requests?.value
        load.warmUp = draft.warmUp?.value ?? .zero
        load.duration = draft.duration?.value ?? draft.steps?.value.reduce(.zero) { $0 + $1.duration }
        if load.duration == nil, load.requests == nil { load.duration = defaultDuration }
        return load
    }

    /// The targets' own rates in requests a second; nil where they have weights.
    private var ownRates: [Double]? {
        let rates = draft.targets.compactMap(\.rate?.value)
        return rates.isEmpty ? nil : rates
    }

    package func checkLoad(noting faults: inout ConfigFaults) {
        let load = draft.load
        func contradicts(_ source: Source, _ others: Source?...) throws(CommandLineError) {
            for case let other? in others { throw source.error("contradicts \(other.name): give one of the two") }
        }
        if let rate = load.rate {
            faults.attempt("load.rate") { () throws(CommandLineError) in
                try contradicts(rate.source, load.concurrency?.source, load.steps?.source)
                if rate.value == 0 { throw rate.source.error("must be above zero", allowed: RateText.examples) }
            }
        }
        if let steps = load.steps {
            faults.attempt("load.plan") { () throws(CommandLineError) in
                try contradicts(steps.source, load.concurrency?.source)
            }
        }
        if let duration = load.duration {
            faults.attempt("load.duration") { () throws(CommandLineError) in
                if let steps = load.steps {
                    throw duration.source.error(
                        "contradicts \(steps.source.name), whose steps have durations of their own")
                }
                if duration.value == .zero {
                    throw duration.source.error("must be above zero", allowed: DurationText.examples)
                }
            }
        }
        if let arrivals = load.arrivals, let concurrency = load.concurrency {
            faults.attempt("load.arrivals") { () throws(CommandLineError) in
                throw arrivals.source.error("is for an open loop, and \(concurrency.source.name) makes a closed one")
            }
        }
    }

    /// The parts of a plan do not know of each other, so each has to be told all of it.
    func checkShare(in plan: SessionPlan, noting faults: inout ConfigFaults) {
        guard let share = draft.share else { return }
        faults.attempt("share", restingOn: ["load.concurrency", "load.loops"]) { () throws(CommandLineError) in
            guard draft.seed != nil else { throw share.source.error("needs --seed, the same one for every part") }
            // A part without a request in flight could never send its own.
            let least = share.value.of * plan.usefulLoops
            func check(_ concurrency: Int, _ source: Source?) throws(CommandLineError) {
                guard concurrency < least, let source else { return }
                let loops = plan.usefulLoops == 1 ? "" : " of \(plan.usefulLoops) loops each"
                throw source.error(
                    "\(share.value.of) parts\(loops) cannot share concurrency \(concurrency)",
                    allowed: "\(least) and more")
            }
            if case .concurrency(let count) = plan.load.shape { try check(count, draft.load.concurrency?.source) }
            for entry in draft.changes {
                if case .concurrency(let count) = entry.value.change { try check(count, entry.source) }
            }
        }
    }

    /// The targets with what applies to all of them.
    func targets(noting faults: inout ConfigFaults) -> [TargetPlan] {
        checkShares(noting: &faults)
        var plans: [TargetPlan] = []
        var pools = KnownPools()
        var bodyBytes = 0
        for target in draft.targets {
            faults.attempt("targets") { () throws(CommandLineError) in
                let plan = try plan(of: target)
                bodyBytes += plan.body.count
                if bodyBytes > PlanLimits.bodyBytes { throw PlanLimits.bodies(target.url.source) }
                try pools.add(plan, source: target.url.source)
                plans.append(plan)
            }
        }
        return plans
    }

    private func plan(of target: TargetDraft) throws(CommandLineError) -> TargetPlan {
        let request = draft.request.over(target.request)
        try PlanLimits.check(request.headers.map(\.source), PlanLimits.headers, "header fields")
        var plan = TargetPlan(name: target.name?.value, url: target.url.value)
        plan.unixSocket = request.unixSocket?.value
        plan.headers = request.headers.map(\.value)
        plan.body = request.body?.value ?? []
        plan.method = request.method?.value ?? (request.body == nil ? "GET" : "POST")
        plan.weight = target.rate?.value ?? target.weight?.value ?? 1
        for (setting, entry) in target.overrides { plan.overrides[setting] = entry.value }
        guard plan.headBytes <= PlanLimits.headBytes else {
            throw target.url.source.error(
                "the path and the header fields take more than \(PlanLimits.headBytes) bytes")
        }
        return plan
    }

    /// Either every target has a rate of its own, or they share the load by weight.
    private func checkShares(noting faults: inout ConfigFaults) {
        guard let rated = draft.targets.compactMap(\.rate).first else { return }
        for target in draft.targets {
            faults.attempt("shares") { () throws(CommandLineError) in
                if let weight = target.weight {
                    throw weight.source.error(
                        "contradicts \(rated.source.name): give every target a rate, or every one a weight")
                }
                guard target.rate == nil else { return }
                throw target.url.source.error(
                    "this target has no rate, but \(rated.source.name) is given: give every target one")
            }
        }
        if let rate = draft.load.rate, case .field = rate.source {
            faults.attempt("shares") { () throws(CommandLineError) in
                throw rate.source.error("contradicts \(rated.source.name): the targets' own rates make up the load")
            }
        }
    }
}

/// The pools of the targets so far. Two targets of one origin share a pool, so its settings and its name cannot be two
/// things.
private struct KnownPools {
    /// The first target of each, by origin and socket.
    private var first: [String: TargetPlan] = [:]
    /// By the name of a target: its pool.
    private var names: [String: String] = [:]

    mutating func add(_ plan: TargetPlan, source: Source) throws(CommandLineError) {
        let key = plan.url.origin + "|" + (plan.unixSocket ?? "")
        if let other = first[key] {
            var (ours, theirs) = (plan.overrides, other.overrides)
            (ours[.requestTimeout], theirs[.requestTimeout]) = (nil, nil)
            guard ours == theirs else {
                throw source.error(
                    "shares the pool of \(plan.url.origin) with '\(other.name)', which has other settings")
            }
        }
        if let pool = names[plan.name], pool != key {
            throw source.error("'\(plan.name)' is the name of another target already")
        }
        first[key] = first[key] ?? plan
        names[plan.name] = key
    }
}

extension TargetPlan {
    /// The size of the request's head without its fixed parts.
    fileprivate var headBytes: Int {
        headers.reduce(url.path.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }
}
