import AttachProtocol
import Glibc
import NIOCore
import NIOPosix
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
    private let server: Mutex<Task<Void, Never>?>

    fileprivate init(path: String, server: Task<Void, Never>) {
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
        server.cancel()
        await server.value
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
        let listener: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>
        do {
            listener = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
                .bind(unixDomainSocketPath: place.path, cleanupExistingSocketFile: true) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw AgentMonitorError(description: "\(place.path): no socket can be made there: \(error)")
        }
        chmod(place.path, 0o600)
        let hub = MonitorHub(self)
        let server = Task { await MonitorServer(hub: hub, hello: hello).run(listener) }
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

/// Takes viewers until it is cancelled.
private struct MonitorServer {
    let hub: MonitorHub
    let hello: JSONValue

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// The kernel's `struct ucred` (unix(7)).
    private struct Credentials {
        var pid: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    func run(_ listener: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>) async {
        do {
            try await listener.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask { await serve(connection) }
                    }
                }
            }
        } catch {
            // It was cancelled, or the listener failed: either way nobody is served any more.
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        do { try await converse(connection) } catch {
            // The viewer was gone before it could be told anything.
        }
    }

    private func converse(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws {
        let mayLook = await isOfUser(connection.channel)
        try await connection.executeThenClose { incoming, outgoing in
            guard mayLook, let viewer = await hub.join() else {
                let why =
                    mayLook ? "\(MonitorHub.mostViewers) viewers are served at most" : "this agent is another user's"
                return try await outgoing.write(Self.line(MonitorConversation.refused(0, why)))
            }
            do {
                try await outgoing.write(Self.line(hello))
                var conversation = MonitorConversation(hub, viewer: viewer)
                var lines = MonitorLines()
                for try await bytes in incoming {
                    for line in try lines.take(bytes) {
                        if let answer = try await conversation.answer(line) {
                            try await outgoing.write(Self.line(answer))
                        }
                    }
                }
            } catch {
                // The viewer is gone, or does not follow the protocol: either way it leaves.
            }
            await hub.leave(viewer)
        }
    }

    private static func line(_ value: JSONValue) -> ByteBuffer { ByteBuffer(string: value.line + "\n") }

    /// True: the process at the other end is this user's, or root's.
    private func isOfUser(_ channel: any Channel) async -> Bool {
        guard let options = channel as? any SocketOptionProvider else { return false }
        let option = NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        do {
            let peer: Credentials = try await options.unsafeGetSocketOption(level: .socket, name: option).get()
            return peer.user == geteuid() || peer.user == 0
        } catch {
            return false
        }
    }
}

/// Takes a stream of bytes apart at the ends of lines.
private struct MonitorLines {
    private var rest: [UInt8] = []

    /// - Throws: that a line is too long, or not JSON.
    mutating func take(_ bytes: ByteBuffer) throws -> [JSONValue] {
        var searched = rest.count
        rest += bytes.readableBytesView
        var lines: [JSONValue] = []
        while let end = rest[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            guard end <= AttachProtocol.longestViewerLine else { throw AgentMonitorError(description: "a long line") }
            lines.append(try JSONReader.value(of: rest[..<end]))
            rest.removeSubrange(...end)
            searched = 0
        }
        guard rest.count <= AttachProtocol.longestViewerLine else {
            throw AgentMonitorError(description: "a long line")
        }
        return lines
    }
}
