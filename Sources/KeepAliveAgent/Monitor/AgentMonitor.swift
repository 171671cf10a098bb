import AttachProtocol
import Glibc
import PlainDocuments
import Synchronization

/// The reason why an agent cannot be served to viewers.
public struct AgentMonitorError: Error, Sendable, CustomStringConvertible {
    /// One sentence that says what to do.
    public let description: String
}

/// An agent that `pooltop attach` can show while the program runs: a socket of the Unix domain that only the same user can use.
public final class AgentMonitor: Sendable {
    /// The socket: `pooltop attach` lists those of the default directory, and takes any.
    public let path: String
    private let server: Mutex<MonitorServer?>

    fileprivate init(path: String, server: MonitorServer) {
        self.path = path
        self.server = Mutex(server)
    }

    /// Ends the service: viewers are disconnected, what they changed is put back, and the socket is removed.
    public func close() async {
        let server = server.withLock { server in
            defer { server = nil }
            return server
        }
        guard let server else { return }
        await server.close()
        unlink(path)
    }
}

extension HTTPAgent {
    /// Shows this agent to `pooltop attach`: everything that pooltop's own screen shows of its own agent, and its switches.
    ///
    /// A viewer sees counts, limits, connections, DNS records and events, and never a header, a body or a path. It changes settings
    /// only if it was started with `--allow-changes`, and what it changed is put back when it goes, however it goes. At most eight
    /// viewers are served at once. A snapshot is made on the agent's event loop and written elsewhere; without viewers nothing is
    /// done at all. The events of `snapshot(sockets:)` go to whoever takes a snapshot first, so a program that reads those itself
    /// shares them with the viewers.
    ///
    /// - Parameters:
    ///   - path: the socket. Its directory must be the user's own and closed to others. Default: `swift-PID.sock` in
    ///     `$POOLTOP_ATTACH_DIR`, else `$XDG_RUNTIME_DIR/pooltop`, else `/tmp/pooltop-UID`, where `pooltop attach` looks;
    ///     further agents of a process are `swift-PID-1.sock` and so on.
    ///   - name: how people know the service. Default: the name of its executable.
    /// - Returns: the service, to be closed, or to be left until the agent ends.
    /// - Throws: why the socket cannot be had. Node's http.Agent has nothing like it: `pooltop hook node` adds it there.
    @discardableResult
    public func serveMonitor(at path: String? = nil, named name: String? = nil) async throws -> AgentMonitor {
        let place = try MonitorPlace(path)
        let shown = name ?? CommandLine.arguments.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
        let hello = MonitorConversation.hello(name: shown, pid: Int(getpid()), instance: place.instance)
        let server: MonitorServer
        do {
            server = try await MonitorServer.listen(at: place.path, hub: MonitorHub(self), hello: hello)
        } catch {
            throw AgentMonitorError(description: "\(place.path): no socket can be made there: \(error)")
        }
        chmod(place.path, 0o600)
        let monitor = AgentMonitor(path: place.path, server: server)
        atEnd { await monitor.close() }
        return monitor
    }

    /// Closes idle connections to a host, or to all.
    func closeIdle(host: Int?) async {
        await ask(otherwise: ()) { $0.loop.send(.idleCloseRequested(host: host.map { HostID($0) })) }
    }
}

/// A socket's path in a directory that nobody else can enter.
private struct MonitorPlace {
    var path: String
    /// Tells agents of one process apart; 0: the first.
    var instance = 0

    private static let instances = Mutex(0)

    init(_ wanted: String?) throws {
        if let wanted {
            path = wanted
            try Self.check(wanted.lastIndex(of: "/").map { String(wanted[..<$0]) } ?? ".")
            return
        }
        var environment: [String: String] = [:]
        for name in ["POOLTOP_ATTACH_DIR", "XDG_RUNTIME_DIR"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        let directory = AttachPlaces.directory(environment)
        mkdir(directory, 0o700)
        try Self.check(directory)
        AttachPlaces.removeStale(directory, runtime: "swift")
        instance = Self.instances.withLock { count in
            defer { count += 1 }
            return count
        }
        path = "\(directory)/swift-\(getpid())" + (instance == 0 ? "" : "-\(instance)") + ".sock"
    }

    private static func check(_ directory: String) throws {
        var status = stat()
        guard lstat(directory.isEmpty ? "/" : directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw AgentMonitorError(description: "'\(directory)' is no directory: make it, with mode 0700")
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw AgentMonitorError(
                description: "'\(directory)' must be the user's own and closed to others: chmod 700 it")
        }
    }
}
