package import PoolModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension ProcessSnapshot {
    /// The kernel's figures for this process and for the current thread.
    package static var ofThisThread: ProcessSnapshot {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return ProcessSnapshot(
            cpuSeconds: seconds(of: CLOCK_PROCESS_CPUTIME_ID), agentCPUSeconds: threadCPUSeconds,
            maxResidentBytes: usage.ru_maxrss * 1024)
    }

    /// The CPU time of the current thread.
    package static var threadCPUSeconds: Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) }

    /// Seconds since 1970-01-01 UTC.
    package static var wallClock: Double { seconds(of: CLOCK_REALTIME) }

    private static func seconds(of clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
