/// Values by whole second of the agent's uptime, in a ring of the last `capacity` seconds. A second without a value is
/// a gap, which is different from zero.
struct Timeline<Value: Sendable>: Sendable {
    let capacity: Int
    /// Slots ordered by `second % capacity`; grows up to `capacity` on demand.
    private var slots: [Value?] = []
    /// The second of slot 0 while the ring has not come round.
    private(set) var newest: Int?
    private var first = 0

    var byteCount: Int { slots.count * MemoryLayout<Value?>.stride }

    init(capacity: Int = 3600) { self.capacity = capacity }

    /// The oldest second that can have a value.
    var oldest: Int? { newest.map { max(first, $0 - capacity + 1) } }

    subscript(second: Int) -> Value? {
        guard let newest, let oldest, second >= oldest, second <= newest else { return nil }
        return slots[slot(of: second)]
    }

    /// Stores a value. A second older than the newest is ignored; skipped seconds become gaps.
    mutating func append(_ value: Value, at second: Int) {
        guard let newest else {
            first = second
            self.newest = second
            slots = [value]
            return
        }
        guard second > newest else { return }
        for passed in max(newest + 1, second - capacity + 1)..<second { put(nil, at: passed) }
        put(value, at: second)
        self.newest = second
    }

    /// Another value in the place of one that is there.
    mutating func replace(_ value: Value, at second: Int) {
        if self[second] != nil { put(value, at: second) }
    }

    private mutating func put(_ value: Value?, at second: Int) {
        let slot = slot(of: second)
        while slots.count <= slot { slots.append(nil) }
        slots[slot] = value
    }

    private func slot(of second: Int) -> Int { (second - first) % capacity }

    /// The mean of the values in the seconds, without gaps; nil if there are only gaps.
    func mean(_ seconds: Range<Int>, _ value: (Value) -> Double?) -> Double? {
        guard let newest, let oldest else { return nil }
        var sum = 0.0
        var count = 0
        var second = max(seconds.lowerBound, oldest)
        let end = min(seconds.upperBound, newest + 1)
        while second < end {
            if let stored = slots[slot(of: second)], let figure = value(stored) {
                sum += figure
                count += 1
            }
            second += 1
        }
        return count == 0 ? nil : sum / Double(count)
    }

    /// The number of seconds that have a value.
    func count(in seconds: Range<Int>) -> Int {
        guard let newest, let oldest else { return 0 }
        let low = max(seconds.lowerBound, oldest)
        let high = min(seconds.upperBound, newest + 1)
        return low < high ? (low..<high).reduce(0) { $0 + (self[$1] == nil ? 0 : 1) } : 0
    }

    /// The highest value in a range; nil if there are only gaps.
    func peak(_ seconds: Range<Int>, _ value: (Value) -> Double?) -> Double? {
        guard let newest, let oldest else { return nil }
        var best: Double?
        var second = max(seconds.lowerBound, oldest)
        let end = min(seconds.upperBound, newest + 1)
        while second < end {
            if let stored = slots[slot(of: second)], let figure = value(stored) { best = max(best ?? figure, figure) }
            second += 1
        }
        return best
    }
}
