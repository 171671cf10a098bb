/// When further connections are opened while the first ones are idle.
///
/// The gaps differ, so that no period of a server divides them all. They are below a second, the margin that the advice
/// leaves: at least one connection is then younger than the limit plus that margin when a server sweeps, as long as its
/// period is not longer than all of them together.
struct Stagger: Sendable, Equatable {
    /// The JDK's server, the slowest sweeper in wide use, looks every ten seconds.
    static let longestPeriod = 10.5

    /// nil when there are no more.
    private(set) var next: Double?
    private let start: Double
    private var count = 0

    init(from start: Double = 0) {
        self.start = start
        next = start + 0.11
    }

    mutating func advance() {
        guard let last = next else { return }
        count += 1
        // Multiples of the golden ratio fall evenly and never on the same place (modulo one).
        let place = (Double(count) * 0.618_034).truncatingRemainder(dividingBy: 1)
        let gap = count < 4 ? 0.1 + place / 4 : 0.45 + 0.4 * place
        next = last + gap > start + Self.longestPeriod ? nil : last + gap
    }

    mutating func stop() { next = nil }
}

/// When the busy connection gets its requests: it is never idle for long beside its age, and never gets many.
enum BusyPace {
    /// The age in seconds at which the request after the one at `age` is due.
    static func next(after age: Double) -> Double { max(0.1, age * 1.3) }
}
