/// A point on the monotonic clock, in nanoseconds since an origin that only the shell knows.
///
/// The core never reads a clock: every entry point takes the moment as an argument, so a test decides what time it is.
/// Sixty-four bits of nanoseconds rather than `Duration`, because arithmetic on it runs some forty times per request. For
/// the same reason all of it can be inlined into other modules, and no comparison goes through `Comparable`'s defaults.
package struct Moment: Comparable, Hashable, Sendable {
    package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable package static var zero: Moment { Moment(nanoseconds: 0) }
    /// Later than every moment that can be reached; means "no deadline".
    @inlinable package static var never: Moment { Moment(nanoseconds: .max) }

    @inlinable package static func == (lhs: Moment, rhs: Moment) -> Bool { lhs.nanoseconds == rhs.nanoseconds }
    @inlinable package static func < (lhs: Moment, rhs: Moment) -> Bool { lhs.nanoseconds < rhs.nanoseconds }
    @inlinable package static func > (lhs: Moment, rhs: Moment) -> Bool { lhs.nanoseconds > rhs.nanoseconds }
    @inlinable package static func <= (lhs: Moment, rhs: Moment) -> Bool { lhs.nanoseconds <= rhs.nanoseconds }
    @inlinable package static func >= (lhs: Moment, rhs: Moment) -> Bool { lhs.nanoseconds >= rhs.nanoseconds }

    /// Saturates at `never`, so that "no limit" can be added to any moment.
    @inlinable package static func + (lhs: Moment, rhs: Nanoseconds) -> Moment {
        let (sum, overflow) = lhs.nanoseconds.addingReportingOverflow(rhs)
        return overflow ? .never : Moment(nanoseconds: sum)
    }

    @inlinable package static func - (lhs: Moment, rhs: Moment) -> Nanoseconds { lhs.nanoseconds &- rhs.nanoseconds }
}

/// A span of time in nanoseconds. `Nanoseconds.max` means "no limit".
@usableFromInline package typealias Nanoseconds = Int64

extension Int64 {
    @inlinable package static func seconds(_ value: Double) -> Nanoseconds {
        let scaled = value * 1e9
        if scaled >= 9.2e18 { return .max }
        return scaled > -9.2e18 ? Nanoseconds(scaled) : scaled.isNaN ? 0 : .min
    }
    @inlinable package static func milliseconds(_ value: Int64) -> Nanoseconds { value * 1_000_000 }
    @inlinable package static func microseconds(_ value: Int64) -> Nanoseconds { value * 1000 }
    package var asSeconds: Double { Double(self) / 1e9 }
}

extension Duration {
    /// Saturates instead of trapping, because a duration of centuries is as good as "no limit".
    package var clampedNanoseconds: Nanoseconds {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? .max : sum
    }
    package var asSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
