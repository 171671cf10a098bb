/// Counts indexed by a small closed enum. Stored in an array rather than a dictionary, so that iteration order is
/// fixed.
public struct CountsBy<Key: CaseIterable & RawRepresentable & Sendable & Equatable>: Sendable, Equatable
where Key.RawValue == String, Key.AllCases: Sendable {
    /// Empty until something is counted, which is the usual case for failures.
    private var counts: [Int] = []

    /// All counts zero.
    public init() {}

    /// True if all counts are equal.
    public static func == (left: Self, right: Self) -> Bool {
        if left.counts.isEmpty { return right.counts.allSatisfy { $0 == 0 } }
        return right.counts.isEmpty ? right == left : left.counts == right.counts
    }

    /// The count of one key.
    public subscript(key: Key) -> Int { counts.isEmpty ? 0 : counts[Self.index(of: key)] }

    /// Sum over all keys.
    public var total: Int {
        // A plain loop, because debug builds sum this after every event and array iterators are slow without
        // optimisation.
        var sum = 0
        unsafe counts.withUnsafeBufferPointer { counts in
            var index = 0
            while index < counts.count {
                unsafe sum += counts[index]
                index += 1
            }
        }
        return sum
    }

    /// The keys with a count above zero, in declaration order.
    public var nonZero: [(key: Key, count: Int)] {
        zip(Key.allCases, counts).filter { $0.1 > 0 }.map { (key: $0.0, count: $0.1) }
    }

    /// The key with the highest count; nil if all are zero. On a tie the key that is declared first wins.
    public var dominant: Key? {
        var best: (key: Key, count: Int)?
        for entry in nonZero where entry.count > (best?.count ?? 0) { best = entry }
        return best?.key
    }

    package mutating func add(_ amount: Int = 1, to key: Key) {
        if counts.isEmpty { makeRoom() }
        counts[Self.index(of: key)] += amount
    }

    @inline(never)
    private mutating func makeRoom() { counts = Array(repeating: 0, count: Key.allCases.count) }

    package mutating func merge(_ other: Self) {
        if other.counts.isEmpty { return }
        if counts.isEmpty { return self = other }
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// The counts gained since an earlier value of the same counter.
    package func since(_ earlier: Self) -> Self {
        if earlier.counts.isEmpty { return self }
        var difference = self
        if difference.counts.isEmpty { difference.makeRoom() }
        for index in counts.indices { difference.counts[index] -= earlier.counts[index] }
        return difference
    }

    /// The case's position in declaration order. An enum without payloads and with fewer than 257 cases is stored as
    /// exactly that number; searching `allCases` instead would cost more than the pool decision that is being counted.
    private static func index(of key: Key) -> Int { Int(unsafe unsafeBitCast(key, to: UInt8.self)) }
}

extension CountsBy: Codable {
    /// Reads an object of label → count. Unknown labels are skipped, so that older programs can read newer recordings.
    public init(from decoder: any Decoder) throws {
        self.init()
        for (label, count) in try [String: Int](from: decoder) {
            if let key = Key(rawValue: label) { add(count, to: key) }
        }
    }

    /// Writes an object of label → count, without zero counts.
    public func encode(to encoder: any Encoder) throws {
        var labels: [String: Int] = [:]
        for entry in nonZero { labels[entry.key.rawValue] = entry.count }
        try labels.encode(to: encoder)
    }
}
