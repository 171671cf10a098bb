package import PoolModel

/// Decides when a planned request is sent, given that a loop wakes up some time after the moment it asked for.
///
/// A request that is due while the loop sleeps is sent when the loop has woken up, which takes tens of microseconds.
/// Requests that are due meanwhile must not follow at once: at 5,000 per second that would be every fifth gap, and
/// arrivals would come in clusters. So the delay of the wake-up is kept for them, and each is sent as long after its
/// predecessor as was planned. For a wait that is too short to sleep, the loop spins.
///
/// Spinning is limited to a share of the time. Beyond that, at tens of thousands of requests per second, everything
/// that is due is sent together at intervals. No request is sent before it is due, and its latency counts from the plan.
package struct SendPacer: Sendable {
    package enum Step: Sendable, Equatable {
        case send
        /// Too short a wait to sleep.
        case spin(until: Moment)
        case sleep(until: Moment)
    }

    /// A wait that is not longer is not worth sleeping, because waking up would take as long.
    package static let longestSpin: Nanoseconds = .microseconds(40)
    /// After a sleep that is not longer, the delay of the wake-up before it is kept as well. It would be shorter, because
    /// the processor was not idle for long, and so would be the gap.
    package static let shortSleep: Nanoseconds = .microseconds(160)
    /// The share of the time that may be spent spinning, as a divisor, and how much of it can be saved up.
    package static let spinDivisor: Nanoseconds = 5
    package static let mostSaved: Nanoseconds = .microseconds(400)
    /// A wake-up that is later is a hold-up of the loop, which is caught up with at once.
    package static let longestDelay: Nanoseconds = .microseconds(200)
    /// The interval at which due requests are sent together where spinning would cost too much.
    package static let batchInterval: Nanoseconds = .microseconds(500)

    /// The delay of the last wake-up, which the requests that follow it have as well.
    private var delay: Nanoseconds = 0
    /// The loop sleeps for a request that keeps the delay.
    private var keepsDelay = false
    private var saved = Self.mostSaved
    private var savedAt = Moment.zero

    package init() {}

    /// The loop has woken up for a request.
    package mutating func woke(for due: Moment, now: Moment) {
        if !keepsDelay || now >= due + delay { delay = now - due > Self.longestDelay ? 0 : max(0, now - due) }
        saved = min(Self.mostSaved, saved + max(0, now - savedAt) / Self.spinDivisor)
        savedAt = now
    }

    /// True if a request is to be sent now: it is due, and so is the delay that it has.
    package func isDue(_ due: Moment, now: Moment) -> Bool { due + delay <= now }

    /// The step towards the next request.
    package mutating func step(due: Moment, now: Moment) -> Step {
        let wait = due + delay - now
        keepsDelay = false
        if wait <= 0 { return .send }
        if wait > Self.longestSpin {
            keepsDelay = due <= now || wait <= Self.shortSleep
            return .sleep(until: keepsDelay ? now + (wait - Self.longestSpin) : due)
        }
        if wait > saved { return due <= now ? .send : .sleep(until: now + Self.batchInterval) }
        saved -= wait
        return .spin(until: now + wait)
    }
}
