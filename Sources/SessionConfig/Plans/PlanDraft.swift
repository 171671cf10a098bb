package import PoolModel

/// The values that one source, a config file or the command line, gives for a session. Nil if it does not set one.
package struct PlanDraft: Sendable {
    package var agent: [AgentSetting: Sourced<SettingValue>] = [:]
    /// Replaces the targets of a weaker source.
    package var targets: [TargetDraft] = []
    /// Whether the sick downstreams are started, which excludes targets.
    package var sick: Sourced<Bool>?
    /// For every target.
    package var request = RequestDraft()
    package var load = LoadDraft()
    package var loops: Sourced<Int>?
    package var seed: Sourced<UInt64>?
    /// Set by the command line of `run` alone.
    package var share: Sourced<PlanShare>?
    /// Added to those of a weaker source, as are `resolve` and `checks`.
    package var changes: [Sourced<TimedChange>] = []
    package var dnsServer: Sourced<SocketEndpoint>?
    package var resolve: [Sourced<ResolveOverride>] = []
    package var caFile: Sourced<String>?
    package var certFile: Sourced<String>?
    package var keyFile: Sourced<String>?
    package var insecure: Sourced<Bool>?
    package var tlsLeast: Sourced<TLSLeast>?
    package var checks: [Sourced<CheckExpression>] = []
    package var theme: Sourced<ScreenPlan.Theme>?
    package var ascii: Sourced<Bool>?
    package var color: Sourced<Bool>?
    /// Found in the config file so far.
    package var faults = ConfigFaults()

    package init() {}
}

/// One target as a source describes it.
package struct TargetDraft: Sendable {
    package var name: Sourced<String>?
    package var url: Sourced<TargetURL>
    package var request = RequestDraft()
    package var weight: Sourced<Double>?
    /// Requests a second.
    package var rate: Sourced<Double>?
    package var overrides: [AgentSetting: Sourced<SettingValue>] = [:]

    package init(
        name: Sourced<String>? = nil, url: Sourced<TargetURL>, request: RequestDraft = RequestDraft(),
        weight: Sourced<Double>? = nil, rate: Sourced<Double>? = nil,
        overrides: [AgentSetting: Sourced<SettingValue>] = [:]
    ) {
        self.name = name
        self.url = url
        self.request = request
        self.weight = weight
        self.rate = rate
        self.overrides = overrides
    }
}

/// The description of a request by one source.
package struct RequestDraft: Sendable {
    package var unixSocket: Sourced<String>?
    package var method: Sourced<String>?
    package var headers: [Sourced<HeaderField>] = []
    package var body: Sourced<[UInt8]>?
    /// Where the first of the above was written; nil: nothing was.
    package var source: Source? { unixSocket?.source ?? method?.source ?? headers.first?.source ?? body?.source }
}

/// The load as a source describes it.
package struct LoadDraft: Sendable {
    /// Requests a second.
    package var rate: Sourced<Double>?
    package var concurrency: Sourced<Int>?
    package var steps: Sourced<[RateStep]>?
    package var arrivals: Sourced<Arrivals>?
    package var duration: Sourced<Duration>?
    package var requests: Sourced<Int>?
    package var warmUp: Sourced<Duration>?
}

extension PlanDraft {
    /// This draft where it says something, else the weaker one.
    package func over(_ weaker: PlanDraft) -> PlanDraft {
        var result = weaker
        result.agent.merge(agent) { _, stronger in stronger }
        if !targets.isEmpty { result.targets = targets }
        result.request = request.over(weaker.request)
        result.load.makeRoom(for: load)
        for row in [SessionRows.sick] + SessionRows.all { row.merge(self, &result) }
        return result
    }
}

extension RequestDraft {
    /// This draft where it says something, else the weaker one.
    package func over(_ weaker: RequestDraft) -> RequestDraft {
        var result = weaker
        for row in RequestRows.all { row.merge(self, &result) }
        return result
    }
}

extension LoadDraft {
    /// A rate, a plan or a concurrency takes the place of any of the three, and of what belongs to the one replaced.
    fileprivate mutating func makeRoom(for stronger: LoadDraft) {
        guard stronger.rate != nil || stronger.concurrency != nil || stronger.steps != nil else { return }
        (rate, concurrency, steps) = (nil, nil, nil)
        if stronger.concurrency != nil { arrivals = nil }
        if stronger.steps != nil { duration = nil }
    }
}
