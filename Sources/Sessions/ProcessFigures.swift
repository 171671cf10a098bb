import KeepAliveAgent
package import PoolModel
import SessionConfig

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the kernel says of this process.
package enum ProcessFigures {
    package static func now(agentCPUSeconds: Double) -> ProcessSnapshot {
        var snapshot = ProcessSnapshot.ofThisThread
        snapshot.agentCPUSeconds = agentCPUSeconds
        snapshot.openDescriptors = openDescriptors()
        snapshot.descriptorLimit = descriptorLimit.map { Int(clamping: $0.rlim_cur) }
        return snapshot
    }

    private static let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    private static var descriptorLimit: rlimit? {
        var limit = rlimit()
        return getrlimit(descriptors, &limit) == 0 ? limit : nil
    }

    /// Takes as many descriptors as the system lets us: a pool's limit should be the one that binds. Returns how many that
    /// is; nil: there is no telling.
    private static func raiseDescriptorLimit() -> Int? {
        guard var limit = descriptorLimit else { return nil }
        limit.rlim_cur = limit.rlim_max
        setrlimit(descriptors, &limit)
        return descriptorLimit.map { Int(clamping: $0.rlim_cur) }
    }

    /// Takes as many as there are, and throws where that is less than the event loops, the downstreams and the sockets of
    /// the name servers need before the first connection is made: loops that cannot have theirs end the process.
    package static func requireDescriptors(loops: Int) throws {
        let needed = 64 + 8 * loops
        guard let limit = raiseDescriptorLimit(), limit < needed else { return }
        throw CommandLineError(
            .cannotRun, "the limit of open files is \(limit); at least \(needed) are needed (ulimit -n \(needed))")
    }

    /// The size of /proc/self/fd, which Linux 6.2 and later give without listing it; nil where it gives none.
    private static func openDescriptors() -> Int? {
        var status = stat()
        guard stat("/proc/self/fd", &status) == 0, status.st_size > 0 else { return nil }
        return Int(status.st_size)
    }
}
