/// What the traffic generator does.
public struct LoadSnapshot: Sendable, Codable, Equatable {
    /// `open loop` (requests at planned times) or `closed loop` (a fixed number in flight).
    public var isOpenLoop: Bool
    /// Requests a second over all targets as planned now; nil for a closed loop.
    public var targetPerSecond: Double?
    /// Requests kept in flight; nil for an open loop.
    public var concurrency: Int?
    /// `constant` or `poisson`; empty for a closed loop.
    public var arrivals: String
    /// Requests whose planned time has come.
    public var planned: Int
    /// Requests given to the agent.
    public var sent: Int
    /// The seed of every random choice.
    public var seed: UInt64
    /// True while no request is planned.
    public var paused: Bool
    /// The mix, in the order of the configuration.
    public var targets: [LoadTarget]

    /// One target of the mix.
    public struct LoadTarget: Sendable, Codable, Equatable {
        /// As in `HostSnapshot.name`.
        public var name: String
        /// The request's URL.
        public var url: String
        /// The request's method.
        public var method: String
        /// Its part of the mix, of the sum of all weights.
        public var weight: Double
        /// Requests whose planned time has come.
        public var planned: Int

        package init(name: String, url: String, method: String, weight: Double, planned: Int) {
            self.name = name
            self.url = url
            self.method = method
            self.weight = weight
            self.planned = planned
        }
    }

    package init(
        isOpenLoop: Bool, targetPerSecond: Double?, concurrency: Int?, arrivals: String, planned: Int, sent: Int,
        seed: UInt64, paused: Bool, targets: [LoadTarget]
    ) {
        self.isOpenLoop = isOpenLoop
        self.targetPerSecond = targetPerSecond
        self.concurrency = concurrency
        self.arrivals = arrivals
        self.planned = planned
        self.sent = sent
        self.seed = seed
        self.paused = paused
        self.targets = targets
    }
}
