package import PoolModel

/// Decides when to draw: only after changes, at most ten times per second; a key gets an immediate response.
///
/// Snapshots arrive ten times per second or more. If each were drawn at once, no frame would be left for a key. They
/// are therefore combined over 125 ms, so that two of ten frames are reserved for keys; a key that is held down gets
/// what is left. Pure.
package struct DrawingPace: Equatable, Sendable {
    /// The minimum time between two frames that only show new snapshots.
    package static let interval: Nanoseconds = .milliseconds(125)
    /// At most `most` frames begin within any `span`.
    package static let span: Nanoseconds = .seconds(1)
    package static let most = 10

    /// The times of the latest frames, oldest first; at most `most`.
    private var drawn: [Moment] = []
    private var isStale = true
    private var isUrgent = true

    package init() {}

    /// Called when the screen no longer shows the current model.
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

    /// The time until the next frame is due; zero for now; nil if nothing has changed.
    package func delay(_ now: Moment) -> Nanoseconds? {
        guard isStale else { return nil }
        var delay: Nanoseconds = 0
        if drawn.count == Self.most, let oldest = drawn.first { delay = Self.span - (now - oldest) }
        if !isUrgent, let last = drawn.last { delay = max(delay, Self.interval - (now - last)) }
        return max(0, delay)
    }
}
