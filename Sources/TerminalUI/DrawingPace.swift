package import PoolModel

/// When to draw: only if something changed, at most ten times in any second; a key is answered at once.
///
/// News of the agent come ten times a second and more, and if each took its turn, a key would find none left. They wait
/// 125 ms for each other, so that two of ten turns are for keys; a key that is held down gets what is left. Pure.
package struct DrawingPace: Equatable, Sendable {
    /// Between two pictures that only bring news.
    package static let interval: Nanoseconds = .milliseconds(125)
    /// No more pictures than `most` begin in any `span`.
    package static let span: Nanoseconds = .seconds(1)
    package static let most = 10

    /// When the last pictures were drawn, the oldest first; no more than `most`.
    private var drawn: [Moment] = []
    private var isStale = true
    private var isUrgent = true

    package init() {}

    /// The picture no longer shows the model.
    package mutating func changed(urgently: Bool) {
        isStale = true
        if urgently { isUrgent = true }
    }

    package mutating func drawn(at now: Moment) {
        if drawn.count == Self.most { drawn.removeFirst() }
        drawn.append(now)
        isStale = false
        isUrgent = false
    }

    /// How long until the picture is to be drawn; zero: now; nil: not before something changes.
    package func delay(_ now: Moment) -> Nanoseconds? {
        guard isStale else { return nil }
        var delay: Nanoseconds = 0
        if drawn.count == Self.most, let oldest = drawn.first { delay = Self.span - (now - oldest) }
        if !isUrgent, let last = drawn.last { delay = max(delay, Self.interval - (now - last)) }
        return max(0, delay)
    }
}
