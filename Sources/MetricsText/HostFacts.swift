internal import PoolModel

/// The numbers that a scrape, and the scrapes before it, say about one host. A number that no family says is unknown, and
/// never zero.
struct HostFacts: Sendable {
    /// Counts above this are nonsense.
    static let most = Double(Quantity.most)

    /// One total or present count.
    enum Place: Hashable, Sendable {
        case fact(Fact)
        case status(Int)
        /// A row of `HostMetrics.counters`, and one of its sets.
        case counter(Int)
        case label(Int, String)
        /// A row of `LatencySet.rows`, with the bits of the upper bound.
        case bucket(Int, UInt64)
        case sum(Int)
    }

    /// Sums of what series have grown by.
    private(set) var totals: [Place: Double] = [:]
    /// Sums over the series of this scrape.
    private(set) var present: [Place: Double] = [:]
    /// Facts that some family of this scrape says, about any host.
    var said: Set<Fact> = []
    var saysStatuses = false
    /// True if statuses are known by their class only.
    var hasStatusClasses = false
    /// True if series begin with the first thing that they count, so that one that is not there yet means zero.
    var beginsWithFirstCount = true
    /// True if connections of HTTP/2 were seen, which carry several requests.
    var isMultiplexed = false
    /// Connections that were open when the process ended: they were closed, though nothing counted that.
    private(set) var lostConnections = 0
    private var lastOpen = 0
    /// The figures that were made of these facts after the last scrape. Totals do not go below them: some are a difference
    /// of others that are not counted at one moment, as an attempt is taken for an open connection until it fails.
    var last = HostMetrics()
    private(set) var peakOpen = 0

    mutating func beginScrape() {
        present = [:]
        said = []
        saysStatuses = false
    }

    mutating func grow(_ place: Place, by growth: Double) { totals[place, default: 0] += growth }

    mutating func add(_ place: Place, _ value: Double) { present[place, default: 0] += value }

    /// Call it once for each scrape, when all of it is read.
    mutating func endScrape(hasRestarted: Bool, open: Int) {
        if hasRestarted { lostConnections += lastOpen }
        lastOpen = open
        peakOpen = max(peakOpen, open)
    }

    func count(_ place: Place) -> Int? {
        (totals[place] ?? present[place]).map { Int(min(max(0, $0), Self.most).rounded()) }
    }

    /// Nil: nothing in this scrape says it.
    subscript(fact: Fact) -> Int? {
        guard said.contains(fact) else { return nil }
        return count(.fact(fact)) ?? (beginsWithFirstCount ? 0 : nil)
    }

    /// A distribution, by its row in `LatencySet.rows`; nil if there is none.
    func durations(_ row: Int) -> LatencyHistogram? {
        let bounds = totals.compactMap { place, count -> (bound: Double, count: Int)? in
            guard case .bucket(row, let bits) = place else { return nil }
            return (Double(bitPattern: bits), Int(min(count, Self.most).rounded()))
        }
        return bounds.isEmpty ? nil : BucketSpread.histogram(bounds, sum: totals[.sum(row)])
    }
}
