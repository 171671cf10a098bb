import CLinux
import Glibc

/// Opens netlink sockets in the network namespace of another process.
enum NamespaceSockets {
    private final class Outcome {
        var result: Result<KernelSockets, WatchError>?
    }

    /// Sockets stay in the namespace in which they were opened, so only the thread that opens them has to enter it.
    /// nil: it may not be entered.
    static func open(of pid: Int) throws(WatchError) -> KernelSockets? {
        let namespace = Glibc.open("/proc/\(pid)/ns/net", O_RDONLY | O_CLOEXEC)
        guard namespace >= 0 else { return nil }
        defer { close(namespace) }
        let outcome = Outcome()
        try OwnThread.once {
            guard pt_enter_network(namespace) == 0 else { return }
            outcome.result = Result { () throws(WatchError) in try KernelSockets() }
        }
        return try outcome.result?.get()
    }
}
