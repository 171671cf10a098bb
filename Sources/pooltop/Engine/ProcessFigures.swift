import AgentCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the kernel says of this process and this thread.
enum ProcessFigures {
    /// Called on an agent's loop: its own thread's CPU time, so that downstreams in the same process do not count.
    static func agentThread() -> ProcessSnapshot {
        ProcessSnapshot(agentCPUSeconds: seconds(of: CLOCK_THREAD_CPUTIME_ID))
    }

    static func now(agentCPUSeconds: Double) -> ProcessSnapshot {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        var limit = rlimit()
        let hasLimit = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        return ProcessSnapshot(
            cpuSeconds: seconds(of: CLOCK_PROCESS_CPUTIME_ID), agentCPUSeconds: agentCPUSeconds,
            maxResidentBytes: usage.ru_maxrss * 1024, openDescriptors: openDescriptors(),
            descriptorLimit: hasLimit ? Int(clamping: limit.rlim_cur) : nil)
    }

    /// Takes as many descriptors as the system lets us: a pool's limit should be the one that binds. Returns how many that
    /// is; nil: there is no telling.
    private static func raiseDescriptorLimit() -> Int? {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return nil }
        let allowed = limit
        limit.rlim_cur = limit.rlim_max
        return Int(clamping: setrlimit(resource, &limit) == 0 ? limit.rlim_cur : allowed.rlim_cur)
    }

    /// Takes as many as there are, and throws where that is less than the event loops, the downstreams and the sockets of
    /// the name servers need before the first connection is made: loops that cannot have theirs end the process.
    static func requireDescriptors(_ needed: Int) throws {
        guard let limit = raiseDescriptorLimit(), limit < needed else { return }
        throw CommandLineError(
            .cannotRun, "the limit of open files is \(limit); at least \(needed) are needed (ulimit -n \(needed))")
    }

    private static func seconds(of clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The size of /proc/self/fd, which Linux 6.2 and later give without listing it; nil where it gives none.
    private static func openDescriptors() -> Int? {
        var status = stat()
        guard stat("/proc/self/fd", &status) == 0, status.st_size > 0 else { return nil }
        return Int(status.st_size)
    }
}
