import AttachProtocol
import Glibc
import NIOCore
import NIOPosix
import PlainDocuments
import Synchronization

/// Takes viewers at a socket until it is closed.
///
/// A connection has its task before it is active. NIO ends the program where a connection that was made for a task is dropped
/// without one, as a stream of connections does with the last of them when it is cancelled.
final class MonitorServer: Sendable {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private struct State {
        var isOpen = true
        var viewers: [Int: Task<Void, Never>] = [:]
        var accepted = 0
    }

    /// The kernel's `struct ucred` (unix(7)).
    private struct Credentials {
        var pid: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    private let hub: MonitorHub
    private let hello: JSONValue
    private let state = Mutex(State())
    private let listener = Mutex<(any Channel)?>(nil)

    private init(hub: MonitorHub, hello: JSONValue) {
        self.hub = hub
        self.hello = hello
    }

    static func listen(at path: String, hub: MonitorHub, hello: JSONValue) async throws -> MonitorServer {
        let server = MonitorServer(hub: hub, hello: hello)
        let listener = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try server.take(channel) }
            }
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        server.listener.withLock { $0 = listener }
        return server
    }

    /// Takes no more viewers, and ends when the last has been left.
    func close() async {
        let viewers = state.withLock { state in
            state.isOpen = false
            return Array(state.viewers.values)
        }
        let listener = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        do { try await listener?.close() } catch {
            // It was closed already.
        }
        for viewer in viewers { viewer.cancel() }
        for viewer in viewers { await viewer.value }
    }

    /// On the loop of the connection, before it is active.
    private func take(_ channel: any Channel) throws {
        try state.withLock { state in
            guard state.isOpen else { throw ChannelError.ioOnClosedChannel }
            let connection = try Connection(wrappingChannelSynchronously: channel)
            state.accepted += 1
            let number = state.accepted
            state.viewers[number] = Task {
                await self.serve(connection)
                self.state.withLock { $0.viewers[number] = nil }
            }
        }
    }

    private func serve(_ connection: Connection) async {
        do { try await converse(connection) } catch {
            // The viewer was gone before it could be told anything.
        }
    }

    private func converse(_ connection: Connection) async throws {
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
