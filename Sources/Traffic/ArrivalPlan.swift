package import PoolModel

/// The planned start times of an open loop: pure, seeded, never back-filled.
///
/// Theory. The integral of the rate over time is the number of requests expected so far. A start is planned where that
/// integral has grown by one since the previous start (constant arrivals) or by an exponentially distributed amount
/// (Poisson arrivals, by the time change theorem). Steps, ramps, rates of zero and a changed factor therefore need no
/// special rules: a gap that spans two rates gets its share of each.
///
/// The first start of constant arrivals is at the beginning, so that a rate of N for one second is N requests.
///
/// Starts are planned to the nanosecond, but for `batched` arrivals above a thousand per second, which are planned on a
/// grid of one millisecond. The generator sends each when it is due, and latency measured from the plan includes whatever
/// the loop was late by. Because the plan itself uses the grid, that is true of batched arrivals as well.
package struct ArrivalPlan: Sendable {
    private let lines: [Line]
    private let arrivals: Arrivals
    private var random: SplitMix64
    private var startedAt: Moment
    /// Multiplies every rate of the plan; can be changed at any time. Never negative.
    package private(set) var factor = 1.0
    /// The next planned start; `never` if the plan's rate is zero from now on.
    package private(set) var next = Moment.never

    /// The beginning or the last change of the factor, in seconds since the beginning.
    private var origin = 0.0
    /// Requests expected from `origin` to the next start. Every start is computed from there, so that rounding errors
    /// do not accumulate.
    private var target = 0.0
    private static let grid: Nanoseconds = .milliseconds(1)
    private static let gridRate = 1000.0

    package init(steps: [RateStep], arrivals: Arrivals, seed: UInt64, startedAt: Moment) {
        lines = steps.map(Line.init)
        self.arrivals = arrivals
        self.startedAt = startedAt
        random = SplitMix64(seed: seed)
        if arrivals == .poisson { target = draw() }
        place()
    }

    /// The planned rate at a moment, in requests per second.
    package func rate(at moment: Moment) -> Double { rate(at: (moment - startedAt).asSeconds) }

    private func rate(at seconds: Double) -> Double {
        var begin = 0.0
        for line in lines {
            if seconds < begin + line.seconds { return line.rate(at: max(0, seconds - begin)) * factor }
            begin += line.seconds
        }
        return lastRate * factor
    }

    private var lastRate: Double { lines.last?.to ?? 0 }

    /// Moves `next` to the following start.
    package mutating func advance() {
        guard next != .never else { return }
        target += draw()
        place()
    }

    /// Moves `next` to the first start that is not before a moment, and returns how many starts were skipped.
    package mutating func skip(before moment: Moment) -> Int {
        var count = 0
        while next < moment {
            if count == Self.maxSkippedSingly { return count + leap(to: moment) }
            advance()
            count += 1
        }
        return count
    }

    /// Above this number, starts are skipped in bulk, because drawing an hour at a million per second would take
    /// minutes.
    private static let maxSkippedSingly = 100_000

    private mutating func leap(to moment: Moment) -> Int {
        let reached = expected(from: origin, to: (moment - startedAt).asSeconds)
        let count = Int(min(max(0, reached - target).rounded(.down), 1e15)) + 1
        switch arrivals {
        case .batched, .constant: target += Double(count)
        case .poisson: target = max(reached, target) + draw()
        }
        place()
        return count
    }

    /// A new factor applies from now on. Requests expected before now remain expected, and a start that is due remains
    /// due.
    package mutating func setFactor(_ factor: Double, now: Moment) {
        let seconds = (now - startedAt).asSeconds
        target -= expected(from: origin, to: seconds)
        origin = seconds
        self.factor = max(0, factor)
        if next > now { place() }
    }

    /// Postpones the rest of the plan by a gap during which the plan did not run.
    package mutating func passOver(_ gap: Nanoseconds) {
        startedAt = startedAt + gap
        if next != .never { next = next + gap }
    }

    private mutating func draw() -> Double {
        switch arrivals {
        case .batched, .constant: 1
        case .poisson: -naturalLogarithm(max(random.unit(), 1e-12))
        }
    }

    private mutating func place() {
        let exact = factor > 0 ? seconds(after: origin, expecting: target / factor) : .infinity
        let nanoseconds = Nanoseconds.seconds(exact)
        guard nanoseconds != .max else { return next = .never }
        let isOnGrid = arrivals == .batched && rate(at: exact) > Self.gridRate
        next = startedAt + (isOnGrid ? nanoseconds / Self.grid * Self.grid : nanoseconds)
    }

    /// The time at which the steps' own rate has produced this many requests since `start`; infinity if never.
    private func seconds(after start: Double, expecting amount: Double) -> Double {
        var left = amount
        var begin = 0.0
        for line in lines {
            let end = begin + line.seconds
            if start < end {
                let from = max(0, start - begin)
                if let reached = line.seconds(after: from, expecting: left) { return begin + reached }
                left -= line.expected(from: from, to: line.seconds)
            }
            begin = end
        }
        return lastRate > 0 ? max(start, begin) + left / lastRate : .infinity
    }

    /// The number of requests expected between two times.
    private func expected(from start: Double, to end: Double) -> Double {
        var sum = 0.0
        var begin = 0.0
        for line in lines {
            let (from, to) = (max(0, start - begin), min(line.seconds, end - begin))
            if from < to { sum += line.expected(from: from, to: to) }
            begin += line.seconds
        }
        if end > begin { sum += (end - max(start, begin)) * lastRate }
        return sum * factor
    }
}

/// The arithmetic of one step with a linear rate. Times are relative to the step's beginning.
private struct Line {
    let seconds: Double
    let from: Double
    let to: Double

    init(_ step: RateStep) {
        seconds = max(0, step.duration.asSeconds)
        from = max(0, step.from)
        to = max(0, step.to)
    }

    private var slope: Double { seconds > 0 ? (to - from) / seconds : 0 }

    func rate(at time: Double) -> Double { from + slope * time }

    func expected(from start: Double, to end: Double) -> Double {
        let width = end - start
        return (rate(at: start) + slope * width / 2) * width
    }

    /// The time at which this many more requests are expected; nil if that is not within this step.
    func seconds(after start: Double, expecting amount: Double) -> Double? {
        let rate = rate(at: start)
        guard rate > 0 || slope > 0 else { return nil }
        if amount <= 0 { return start }
        // The larger root of slope/2·t² + rate·t = amount, in the form that is numerically stable for a small slope.
        let discriminant = rate * rate + 2 * slope * amount
        guard discriminant >= 0 else { return nil }
        let reached = start + 2 * amount / (rate + discriminant.squareRoot())
        return reached < seconds ? reached : nil
    }
}
