import PoolModel

/// Connections that were closed, while the kernel is asked which side was first.
struct Closings {
    /// A connection whose closer is only guessed yet.
    struct Pending {
        var ledger: Int
        var peer: Int
        var sign: CloserJudge.Sign
        var guess: Closer?
        var isActive: Bool
        var idleSeconds: Double
    }

    /// The kernel is asked about this many in a second at the most. Beyond, a random sample is asked about.
    private static let perSecond = 100.0

    private(set) var questions: [SocketPair] = []
    private var pending: [SocketPair: Pending] = [:]
    private var tokens = Self.perSecond
    private var filledAt = Moment.zero
    private var countedSince = Moment.zero
    private var counted = 0
    private var lastCount = 0

    /// True where the kernel is to be asked about one more.
    mutating func mayAsk(_ random: inout SplitMix64, now: Moment) -> Bool {
        counted += 1
        if now - countedSince >= .seconds(1) {
            lastCount = now - countedSince < .seconds(2) ? counted : 0
            (counted, countedSince) = (0, now)
        }
        tokens = min(Self.perSecond, tokens + Self.perSecond * (now - filledAt).asSeconds)
        filledAt = now
        guard tokens >= 1 else { return false }
        let expected = Double(max(lastCount, counted))
        if expected > Self.perSecond, random.unit() >= Self.perSecond / expected { return false }
        tokens -= 1
        return true
    }

    mutating func ask(_ pair: SocketPair, _ closing: Pending) {
        questions.append(pair)
        pending[pair] = closing
    }

    mutating func takeQuestions() -> [SocketPair] {
        defer { questions.removeAll(keepingCapacity: true) }
        // An answer that never came is not waited for.
        if pending.count > 1024 { pending = pending.filter { questions.contains($0.key) } }
        return questions
    }

    mutating func answered(_ pair: SocketPair) -> Pending? { pending.removeValue(forKey: pair) }

    mutating func forgetPending() { pending.removeAll() }
}

/// The kernel's trace of opened and closed connections, until they are destroyed.
struct Traces {
    struct Entry { var pid: Int?, closer: Closer? }
    private static let limit = 1 << 16
    private(set) var entries: [SocketPair: Entry] = [:]
    /// True once anything was traced.
    private(set) var isUsed = false

    /// Entries of connections that are closed and not destroyed yet, whose ends another connection has again.
    private var earlier: [SocketPair: [Entry]] = [:]

    var isEmpty: Bool { entries.isEmpty && earlier.isEmpty }

    mutating func noteOpened(_ pair: SocketPair, by pid: Int) {
        isUsed = true
        if entries.count >= Self.limit { (entries, earlier) = ([:], [:]) }
        if let before = entries.updateValue(Entry(pid: pid, closer: nil), forKey: pair), before.closer != nil {
            earlier[pair, default: []].append(before)
        }
    }

    mutating func noteClosed(_ pair: SocketPair, by closer: Closer) {
        isUsed = true
        if entries.count >= Self.limit { (entries, earlier) = ([:], [:]) }
        if entries[pair]?.closer == nil { entries[pair, default: Entry()].closer = closer }
    }

    /// The entry of a connection that was destroyed.
    mutating func take(_ pair: SocketPair) -> Entry? {
        if entries.isEmpty { return nil }
        guard var others = earlier.removeValue(forKey: pair) else { return entries.removeValue(forKey: pair) }
        let first = others.removeFirst()
        if !others.isEmpty { earlier[pair] = others }
        return first
    }
}

/// The kernel's own count of opened connections beside ours.
struct KernelTotals {
    /// The way back after messages were lost: the difference of both counts is taken twice, because connections that are on
    /// their way to be counted are in it too, and the smaller one is added.
    enum Resync: Equatable { case none, wanted, measured(Int) }

    var first: Int?
    var latest: Int?
    /// Connections that were seen to be opened, and how many when the kernel's count was first and last read.
    var seen = 0
    var seenAtFirst = 0
    var seenAtLatest = 0
    /// How many were seen between the two latest dumps, which is what the edges may hide.
    var seenAtDump = 0
    var lately = 0
    var latelyAtFirst = 0
    /// Connections that were added because only the kernel had counted them.
    var added = 0
    var resyncs = Resync.none

    var opened: Int? { first.flatMap { first in latest.map { $0 - first } } }
    var seenSinceFirst: Int { seenAtLatest - seenAtFirst }
    var agrees: Bool {
        guard let opened else { return true }
        return abs(opened - seenSinceFirst) <= 3 + lately + latelyAtFirst + opened / 1000
    }
}
