package import PoolModel

/// Notices that the machine slept, from two clocks: one that stands still meanwhile, as those of all timers do, and one
/// that does not (on Linux CLOCK_MONOTONIC and CLOCK_BOOTTIME).
///
/// A look costs a reading of the second clock, so the shell looks when `nextLookAt` has come and not at every fact.
package struct SuspensionWatch: Sendable {
    /// Shorter ones are passed over: every server keeps a connection longer, and every answer is kept longer.
    package static let shortest = Nanoseconds.seconds(5)
    /// So soon after the machine wakes it is noticed at the latest, if anything happens at all.
    package static let interval = Nanoseconds.milliseconds(100)

    /// By how much the second clock was ahead at the last look.
    private var ahead: Nanoseconds
    package private(set) var nextLookAt: Moment

    /// `awake`: the clock that stands still; `always`: the one that does not.
    package init(awake: Moment, always: Moment) {
        ahead = always - awake
        nextLookAt = awake + Self.interval
    }

    /// For how long the machine slept since the last look; nil: it did not, or for a moment only.
    package mutating func look(awake: Moment, always: Moment) -> Nanoseconds? {
        let gained = (always - awake) - ahead
        ahead += gained
        nextLookAt = awake + Self.interval
        return gained > Self.shortest ? gained : nil
    }
}
