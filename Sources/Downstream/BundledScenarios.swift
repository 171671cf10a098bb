extension [Scenario] {
    /// The downstreams that pooltop brings along; each shows one thing that happens in production.
    package static let bundled: [Scenario] = [.catalog, .search, .payments, .legacy, .ledger, .images, .flaky]
}

extension Scenario {
    /// Fast, and keeps its promise to hold an idle connection for 60 s.
    package static let catalog = Scenario(name: "catalog") {
        $0.keepAliveHint = AdvertisedKeepAlive(timeoutSeconds: 60)
        $0.idleLimitSeconds = 60
    }

    /// 20–80 ms (5 % are faster, 5 % slower), three addresses whose records rotate and live for 5 s.
    package static let search = Scenario(name: "search") {
        $0.latency = .logNormal(p50Seconds: 0.040, p95Seconds: 0.080)
        $0.bodyBytes = 2048
        $0.addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        $0.ttlSeconds = 5
    }

    /// HTTPS with a certificate of the demo authority.
    package static let payments = Scenario(name: "payments") {
        $0.scheme = .https
        $0.bodyBytes = 256
    }

    /// Has never heard of persistent connections.
    package static let legacy = Scenario(name: "legacy") { $0.alwaysCloses = true }

    /// Drops a connection that was idle for 2 s and gives no hint that it will.
    package static let ledger = Scenario(name: "ledger") { $0.idleLimitSeconds = 2 }

    /// Large chunked bodies, and a limit on the requests of a connection.
    package static let images = Scenario(name: "images") {
        $0.bodyBytes = 65536
        $0.framing = .chunked
        $0.requestsPerConnection = 100
    }

    /// Fails now and then in three ways. The stall is well below any sensible request timeout.
    package static let flaky = Scenario(name: "flaky") {
        $0.resetRate = 0.01
        $0.unavailableRate = 0.01
        $0.stallRate = 0.001
        $0.stallSeconds = 2
        $0.bodyBytes = 1024
    }

    init(name: String, _ change: (inout Scenario) -> Void) {
        self.init(name: name)
        change(&self)
    }
}
