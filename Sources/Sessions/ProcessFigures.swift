import KeepAliveAgent
package import PoolModel
import SessionConfig

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Resource usage of this process as reported by the kernel.
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

    /// Raises the descriptor limit as far as the system allows, so that a pool reaches its own limit first. Returns the
    /// new limit; nil if unknown.
    private static func raiseDescriptorLimit() -> Int? {
        guard var limit = descriptorLimit else { return nil }
        limit.rlim_cur = limit.rlim_max
        setrlimit(descriptors, &limit)
        return descriptorLimit.map { Int(clamping: $0.rlim_cur) }
    }

    /// Raises the descriptor limit, and throws if it is too low for the event loops, the downstreams and the sockets of
    /// the name servers, which are all needed before the first connection. An event loop without descriptors would
    /// crash.
    package static func requireDescriptors(loops: Int) throws {
        let needed = 64 + 8 * loops
        guard let limit = raiseDescriptorLimit(), limit < needed else { return }
        throw CommandLineError(
            .cannotRun, "the limit of open files is \(limit); at least \(needed) are needed (ulimit -n \(needed))")
    }

    /// The size of /proc/self/fd, which Linux 6.2 and later report without listing it; nil if not supported.
    private static func openDescriptors() -> Int? {
        var status = stat()
        guard stat("/proc/self/fd", &status) == 0, status.st_size > 0 else { return nil }
        return Int(status.st_size)
    }
}
