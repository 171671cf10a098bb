import PoolModel

/// The figures of one second, summed over all hosts. Rates are per second; nil means unknown.
struct Second: Sendable, Equatable {
    /// Unknown rates are stored as NaN, because an hour of them must be small.
    private var rates: SIMD4<Float>
    private var containerCount = Float.nan

    init(http: Double?, tcp: Double?, dns: Double?, cpu: Double?) {
        rates = SIMD4([http, tcp, dns, cpu].map { $0.map { Float($0) } ?? .nan })
    }

    /// Requests given to the agent.
    var http: Double? { Self.known(rates[0]) }
    /// Connections established.
    var tcp: Double? { Self.known(rates[1]) }
    /// DNS messages sent.
    var dns: Double? { Self.known(rates[2]) }
    /// CPU seconds of the agent's threads.
    var cpu: Double? { Self.known(rates[3]) }
    /// Containers needed, before rounding up, smoothed over a few seconds.
    var containers: Double? {
        get { Self.known(containerCount) }
        set { containerCount = newValue.map { Float($0) } ?? .nan }
    }

    fileprivate static func known(_ value: Float) -> Double? { value.isNaN ? nil : Double(value) }
}

/// The figures of one second for one host; nil means unknown.
struct HostSecond: Sendable, Equatable {
    private var openedRate: Float
    private var bandCounts: SIMD16<UInt16>
    private var hasBands: Bool

    init(opened: Double?, bands: SIMD16<UInt16>?) {
        openedRate = opened.map { Float($0) } ?? .nan
        bandCounts = bands ?? SIMD16()
        hasBands = bands != nil
    }

    var opened: Double? { Second.known(openedRate) }
    /// Successful requests by latency band.
    var bands: SIMD16<UInt16>? { hasBands ? bandCounts : nil }
}

/// The last hour, second by second.
struct History: Sendable {
    /// Hosts above this number have no history of their own but are included in the sums.
    static let hostLimit = 128
    /// A longer interval between two samples is shown as a gap, a shorter one with its mean.
    static let longestSpanSeconds = 5.0
    /// Containers are computed over this many seconds, because CPU per request is noisy within one.
    static let smoothingSeconds = 5

    private(set) var seconds = Timeline<Second>()
    private(set) var hosts: [Timeline<HostSecond>] = []

    var newest: Int? { seconds.newest }
    var byteCount: Int { hosts.reduce(seconds.byteCount) { $0 + $1.byteCount } }

    /// A second that is known as a whole.
    mutating func append(_ second: Second, at number: Int) { seconds.append(second, at: number) }

    /// Records the interval between two samples of the same agent.
    mutating func record(
        from earlier: Reference, to later: Reference, capacity: CapacityModel,
        longestSpan: Double = longestSpanSeconds
    ) {
        let span = later.uptimeSeconds - earlier.uptimeSeconds
        guard span > 0, span <= longestSpan else { return }
        let known = later.certainty
        func rate(_ count: Int, _ group: FigureGroup, of certainty: Certainties) -> Double? {
            certainty[group] == .unknown ? nil : Double(max(0, count)) / span
        }
        var second = Second(
            http: rate(later.started - earlier.started, .requests, of: known),
            tcp: rate(later.opened - earlier.opened, .connections, of: known),
            dns: rate(later.queries - earlier.queries, .dns, of: known),
            cpu: known[.cpu] == .unknown ? nil : (later.cpuSeconds - earlier.cpuSeconds) / span)
        let covered = Int(earlier.uptimeSeconds)..<Int(later.uptimeSeconds)
        for number in covered {
            second.containers = containers(ending: number, with: second, capacity: capacity)
            seconds.append(second, at: number)
        }
        for (index, host) in later.hosts.prefix(Self.hostLimit).enumerated() {
            if index == hosts.count { hosts.append(Timeline()) }
            let before = index < earlier.hosts.count ? earlier.hosts[index] : HostReference()
            let hasBands = host.certainty[.latency] != .unknown
            let opened = host.connections.opened - before.connections.opened
            let value = HostSecond(
                opened: rate(opened, .connections, of: host.certainty),
                bands: hasBands ? bands(host.bands, since: before.bands, seconds: covered.count) : nil)
            for number in covered { hosts[index].append(value, at: number) }
        }
    }

    /// The containers of every second again, for another service.
    mutating func recompute(_ capacity: CapacityModel) {
        guard let newest, let oldest = seconds.oldest else { return }
        for number in oldest...newest {
            guard var second = seconds[number] else { continue }
            second.containers = containers(ending: number, with: second, capacity: capacity)
            seconds.replace(second, at: number)
        }
    }

    private func bands(_ counts: [Int], since before: [Int], seconds: Int) -> SIMD16<UInt16> {
        var bands = SIMD16<UInt16>()
        for index in counts.indices where index < before.count {
            bands[index] = UInt16(clamping: (counts[index] - before[index]) / max(1, seconds))
        }
        return bands
    }

    private func containers(ending number: Int, with newest: Second, capacity: CapacityModel) -> Double? {
        guard var http = newest.http, var cpu = newest.cpu else { return nil }
        let earlier = number - Self.smoothingSeconds + 1..<number
        for second in earlier {
            http += seconds[second]?.http ?? 0
            cpu += seconds[second]?.cpu ?? 0
        }
        let count = Double(1 + seconds.count(in: earlier))
        guard http > 0 else { return nil }
        return capacity.load(requestsPerSecond: http / count, httpCPUSecondsPerRequest: cpu / http)
    }
}
