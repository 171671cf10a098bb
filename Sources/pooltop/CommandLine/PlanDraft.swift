import PoolModel

/// What one source — a config file, or the command line — says about a session. Nil: it says nothing.
struct PlanDraft: Sendable {
    var agent: [AgentSetting: Sourced<SettingValue>] = [:]
    /// Replaces the targets of a weaker source.
    var targets: [TargetDraft] = []
    /// For every target.
    var request = RequestDraft()
    var load = LoadDraft()
    var loops: Sourced<Int>?
    var seed: Sourced<UInt64>?
    /// Added to those of a weaker source, as are `resolve` and `checks`.
    var changes: [Sourced<TimedChange>] = []
    var dnsServer: Sourced<SocketEndpoint>?
    var resolve: [Sourced<ResolveOverride>] = []
    var caFile: Sourced<String>?
    var certFile: Sourced<String>?
    var keyFile: Sourced<String>?
    var insecure: Sourced<Bool>?
    var tlsLeast: Sourced<TLSLeast>?
    var checks: [Sourced<CheckExpression>] = []
    var theme: Sourced<ScreenPlan.Theme>?
    var ascii: Sourced<Bool>?
    var color: Sourced<Bool>?
}

/// One target as a source describes it.
struct TargetDraft: Sendable {
    var name: Sourced<String>?
    var url: Sourced<TargetURL>
    var request = RequestDraft()
    var weight: Sourced<Double>?
    /// Requests a second.
    var rate: Sourced<Double>?
    var overrides: [AgentSetting: Sourced<SettingValue>] = [:]
}

/// What a request looks like as a source describes it.
struct RequestDraft: Sendable {
    var unixSocket: Sourced<String>?
    var method: Sourced<String>?
    var headers: [Sourced<HeaderField>] = []
    var body: Sourced<[UInt8]>?
    /// Where the first of the above was written; nil: nothing was.
    var source: Source? { unixSocket?.source ?? method?.source ?? headers.first?.source ?? body?.source }
}

/// The load as a source describes it.
struct LoadDraft: Sendable {
    /// Requests a second.
    var rate: Sourced<Double>?
    var concurrency: Sourced<Int>?
    var steps: Sourced<[RateStep]>?
    var arrivals: Sourced<Arrivals>?
    var duration: Sourced<Duration>?
    var requests: Sourced<Int>?
    var warmUp: Sourced<Duration>?
}

extension PlanDraft {
    /// This draft where it says something, else the weaker one.
    func over(_ weaker: PlanDraft) -> PlanDraft {
        var result = weaker
        result.agent.merge(agent) { _, stronger in stronger }
        if !targets.isEmpty { result.targets = targets }
        result.request = request.over(weaker.request)
        result.load = load.over(weaker.load)
        result.loops = loops ?? weaker.loops
        result.seed = seed ?? weaker.seed
        result.changes += changes
        result.dnsServer = dnsServer ?? weaker.dnsServer
        // The first that fits wins, so the stronger ones go first.
        result.resolve = resolve + weaker.resolve
        result.caFile = caFile ?? weaker.caFile
        result.certFile = certFile ?? weaker.certFile
        result.keyFile = keyFile ?? weaker.keyFile
        result.insecure = insecure ?? weaker.insecure
        result.tlsLeast = tlsLeast ?? weaker.tlsLeast
        result.checks += checks
        result.theme = theme ?? weaker.theme
        result.ascii = ascii ?? weaker.ascii
        result.color = color ?? weaker.color
        return result
    }
}

extension RequestDraft {
    /// A header of this draft takes the place of all those of the weaker one with its name.
    func over(_ weaker: RequestDraft) -> RequestDraft {
        var result = weaker
        result.unixSocket = unixSocket ?? weaker.unixSocket
        result.method = method ?? weaker.method
        result.body = body ?? weaker.body
        let names = headers.map { $0.value.name.lowercased() }
        result.headers.removeAll { names.contains($0.value.name.lowercased()) }
        result.headers += headers
        return result
    }
}

extension LoadDraft {
    /// A rate, a plan or a concurrency takes the place of any of the three, and of what belongs to the one replaced.
    func over(_ weaker: LoadDraft) -> LoadDraft {
        var result = weaker
        if rate != nil || concurrency != nil || steps != nil {
            (result.rate, result.concurrency, result.steps) = (rate, concurrency, steps)
            if concurrency != nil { result.arrivals = nil }
            if steps != nil { result.duration = nil }
        }
        result.arrivals = arrivals ?? result.arrivals
        result.duration = duration ?? result.duration
        result.requests = requests ?? weaker.requests
        result.warmUp = warmUp ?? weaker.warmUp
        return result
    }
}
