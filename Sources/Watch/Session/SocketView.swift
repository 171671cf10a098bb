import WatchCore

/// The way in which the sockets of a network namespace are listed.
enum SocketView {
    /// By netlink, with figures and events.
    case netlink(KernelSockets)
    /// By the tables in `/proc/PID/net` of a process in it, which anybody may read.
    case tables(NamespaceTables)
}

/// The tables of another network namespace. They have no figures, and tell nothing about sockets that are gone.
struct NamespaceTables {
    var pid: Int
    var proc: ProcFiles

    /// All sockets, TIME_WAIT included. The inode takes the place of the cookie, which the tables do not have.
    func sockets() throws(WatchError) -> [SocketRecord] {
        guard let four = proc.readWhole("\(pid)/net/tcp").map({ SocketTable.sockets($0) }) else { throw gone }
        // A machine without IPv6 does not have the second table.
        let six = proc.readWhole("\(pid)/net/tcp6").map { SocketTable.sockets($0) } ?? []
        return (four + six).map { socket in
            var socket = socket
            socket.cookie = socket.inode
            return socket
        }
    }

    var gone: WatchError { WatchError("the network namespace of process \(pid) is gone") }
}

extension SocketView {
    /// The network namespace of a process: entered where that is allowed, read from its tables elsewhere.
    static func namespace(of pid: Int, _ proc: ProcFiles) throws(WatchError) -> SocketView {
        guard proc.process(pid) != nil else { throw WatchError("no process \(pid)") }
        if let sockets = try NamespaceSockets.open(of: pid) { return .netlink(sockets) }
        let tables = NamespaceTables(pid: pid, proc: proc)
        _ = try tables.sockets()
        return .tables(tables)
    }
}
