package import NIOCore
package import PoolModel

/// The monotonic clock of the loop's timers, as the core's moments.
package struct LoopClock: Sendable {
    package init() {}
    package var now: Moment { Moment(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }
}

/// The clock that goes on while the machine sleeps, as the core's moments.
package enum BootClock {
    package static var now: Moment { Moment(nanoseconds: Kernel.nanosecondsSinceBoot) }
}

extension NIODeadline {
    /// The loop's timers and the core have one clock.
    package init(_ moment: Moment) { self = .uptimeNanoseconds(UInt64(clamping: moment.nanoseconds)) }
}
