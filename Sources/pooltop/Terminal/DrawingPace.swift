package import AgentCore

/// When to draw: at most every 100 ms, but at once after a key, and only if something changed. Pure.
package struct DrawingPace: Equatable, Sendable {
    package static let interval: Nanoseconds = .milliseconds(100)

    private var lastDrawn: Moment?
    private var isStale = true
    private var isUrgent = true

    package init() {}

    /// The picture no longer shows the model.
    package mutating func changed(urgently: Bool) {
        isStale = true
        if urgently { isUrgent = true }
    }

    package mutating func drawn(at now: Moment) {
        lastDrawn = now
        isStale = false
        isUrgent = false
    }

    /// How long until the picture is to be drawn; zero: now; nil: not before something changes.
    package func delay(_ now: Moment) -> Nanoseconds? {
        guard isStale else { return nil }
        guard !isUrgent, let lastDrawn else { return 0 }
        return max(0, Self.interval - (now - lastDrawn))
    }
}
