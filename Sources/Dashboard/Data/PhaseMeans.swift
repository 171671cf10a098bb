import PoolModel

/// Sums of durations: a mean over a window is the difference of two sums divided by the difference of two counts.
struct PhaseSums: Sendable {
    struct Sum: Sendable, Equatable {
        var count = 0
        var seconds = 0.0

        init() {}
        init(_ histogram: LatencyHistogram) {
            count = histogram.count
            seconds = (histogram.meanSeconds ?? 0) * Double(count)
        }

        /// The mean since an earlier value; nil where nothing was added.
        func mean(since earlier: Sum) -> Double? {
            count > earlier.count ? max(0, (seconds - earlier.seconds) / Double(count - earlier.count)) : nil
        }
    }
    var lookup = Sum()
    var connect = Sum()
    var handshake = Sum()
    var wait = Sum()
    var firstByte = Sum()
    var service = Sum()
    /// Requests on a new connection, and on a used one.
    var onNew = 0
    var onReused = 0
    var opened = 0

    init() {}
    init(_ metrics: HostMetrics) {
        let latency = metrics.latency
        lookup = Sum(latency.dnsLookup)
        connect = Sum(latency.connect)
        handshake = Sum(latency.tlsHandshake)
        wait = Sum(latency.queueWait)
        firstByte = Sum(latency.firstByte)
        service = Sum(latency.service)
        onNew = metrics.requests.onNewConnection
        onReused = metrics.requests.onReusedConnection
        opened = metrics.connections.opened
    }
}

/// The mean durations of one host's phases on a new connection, and on a used one; a column without a request in it has
/// no figures.
struct PhaseMeans: Sendable {
    struct Column: Sendable, Equatable {
        /// The time that DNS took, shared out over all new connections: most of them find the answer in the cache.
        var lookup: Figure<Double> = .absent
        var connect: Figure<Double> = .absent
        var handshake: Figure<Double> = .absent
        /// For a free connection, without the time in which a new one was made: that is `lookup`, `connect`, `handshake`.
        var wait: Figure<Double> = .absent
        var service: Figure<Double> = .absent
        /// The window has no request of the kind, so these are the means since the agent began.
        var isOfAllTime = false
        var total: Figure<Double> { lookup + connect + handshake + wait + service }
    }
    var new = Column()
    var reused = Column()

    /// The means of the window where it has requests of the kind, else those of all time.
    init(_ host: HostFigures, _ all: PhaseSums, window: (now: PhaseSums, before: PhaseSums)?) {
        func span(_ count: KeyPath<PhaseSums, Int>) -> (now: PhaseSums, before: PhaseSums)? {
            if let window, window.now[keyPath: count] > window.before[keyPath: count] { return window }
            return all[keyPath: count] > 0 ? (all, PhaseSums()) : nil
        }
        func isOld(_ count: KeyPath<PhaseSums, Int>) -> Bool {
            window.map { $0.now[keyPath: count] == $0.before[keyPath: count] } ?? false
        }
        func known(_ total: Figure<LatencyHistogram>, _ mean: Double?) -> Figure<Double> {
            Figure(mean, total.certainty)
        }
        if let span = span(\.onNew) {
            let means = Means(span)
            new.lookup = known(host.dnsLookup, means.lookupPerConnection)
            new.connect = known(host.connect, means.connect)
            new.handshake = known(host.tlsHandshake, means.handshake)
            new.wait = known(host.queueWait, means.wait)
            new.service = known(host.service, means.service)
            new.isOfAllTime = isOld(\.onNew)
        } else {
            new = unknown(host)
        }
        if let span = span(\.onReused) {
            let means = Means(span)
            reused.wait = known(host.queueWait, means.wait)
            reused.service = known(host.service, means.service)
            reused.isOfAllTime = isOld(\.onReused)
        } else {
            reused = unknown(host)
        }
    }

    /// A column of dashes, which say of each figure whether it could be known.
    private func unknown(_ host: HostFigures) -> Column {
        Column(
            lookup: Figure(nil, host.dnsLookup.certainty), connect: Figure(nil, host.connect.certainty),
            handshake: Figure(nil, host.tlsHandshake.certainty), wait: Figure(nil, host.queueWait.certainty),
            service: Figure(nil, host.service.certainty))
    }
}

/// The means of all that lies between two sums.
private struct Means {
    let lookupPerConnection: Double?
    let connect: Double?
    let handshake: Double?
    let wait: Double?
    let service: Double?

    init(_ span: (now: PhaseSums, before: PhaseSums)) {
        let (now, before) = span
        let opened = now.opened - before.opened
        let asked = now.lookup.seconds - before.lookup.seconds
        let hasLookup = now.lookup.count > before.lookup.count
        lookupPerConnection = hasLookup ? max(0, asked) / Double(max(1, opened)) : nil
        connect = now.connect.mean(since: before.connect)
        handshake = now.handshake.mean(since: before.handshake)
        service = now.service.mean(since: before.service)
        let setUp = (lookupPerConnection ?? 0) + (connect ?? 0) + (handshake ?? 0)
        let onNew = Double(now.onNew - before.onNew)
        let all = onNew + Double(now.onReused - before.onReused)
        // A request that opens a connection waits for it, and its wait is in the sum.
        wait = now.wait.mean(since: before.wait).map { max(0, $0 - (all > 0 ? setUp * onNew / all : 0)) }
    }
}
