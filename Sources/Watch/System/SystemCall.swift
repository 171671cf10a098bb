import Glibc
import PoolModel

/// Clocks, and words for what the kernel answered.
enum SystemCall {
    /// The words of the C library for an `errno`.
    static func reason(_ code: CInt) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

    /// Time since the machine began, with the time in which it slept.
    static var now: Moment { Moment(nanoseconds: nanoseconds(of: CLOCK_BOOTTIME)) }

    /// The CPU time of the current thread.
    static var threadCPU: Nanoseconds { nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) }

    /// Seconds since 1970-01-01 UTC.
    static var wallClock: Double { nanoseconds(of: CLOCK_REALTIME).asSeconds }

    private static func nanoseconds(of clock: clockid_t) -> Nanoseconds {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return 0 }
        return Nanoseconds(time.tv_sec) * 1_000_000_000 + Nanoseconds(time.tv_nsec)
    }
}
