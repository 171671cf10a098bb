package import PoolModel

/// Detects that the machine was suspended by comparing two clocks: one that stands still meanwhile, as all timers do,
/// and one that does not (on Linux, CLOCK_MONOTONIC and CLOCK_BOOTTIME).
///
/// A check costs a reading of the second clock, so the shell checks when `nextLookAt` has come and not at every event.
package struct SuspensionWatch: Sendable {
    /// Shorter suspensions are ignored, because every server keeps a connection and every cache an answer for longer.
    package static let shortest = Nanoseconds.seconds(5)
    /// The interval between checks, and so the longest delay after waking up, provided that any event occurs.
    package static let interval = Nanoseconds.milliseconds(100)

    /// How far the second clock was ahead at the last check.
    private var ahead: Nanoseconds
    package private(set) var nextLookAt: Moment

    /// `awake`: the clock that stands still during a suspension; `always`: the one that does not.
    package init(awake: Moment, always: Moment) {
        ahead = always - awake
        nextLookAt = awake + Self.interval
    }

    /// How long the machine was suspended since the last check; nil if it was not, or only briefly.
    package mutating func look(awake: Moment, always: Moment) -> Nanoseconds? {
        let gained = (always - awake) - ahead
        ahead += gained
        nextLookAt = awake + Self.interval
        return gained > Self.shortest ? gained : nil
    }
}
