import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A server that ends its connections in ways in which the bundled downstreams do not.
final class OddServer: Sendable {
    enum Deed: Sendable {
        /// A response, and the connection stays.
        case answer
        /// A response, then FIN at once.
        case answerAndClose
        /// Nothing, for ever.
        case ignore
        case reset
        /// Sends these bytes.
        case say(String)
        /// A response, and these bytes with a FIN when the connection was idle for this long.
        case answerAndSay(String, after: TimeAmount)
        /// The same, and the connection stays open.
        case answerAndInterrupt(String, after: TimeAmount)
        /// A response with this field if the request says `Connection: keep-alive`, else without.
        case answerIfAsked(String)
    }
    /// By the number of the request on its connection, from 1 on, and how long the connection had been idle before it.
    typealias Script = @Sendable (_ request: Int, _ idle: TimeAmount) -> Deed

    private let channel: any Channel
    /// Ends connections for reasons of its own, whatever the script says.
    struct Rules: Sendable {
        /// It keeps this many idle connections and ends the one that has been idle for longest.
        var keeps: Int?
        /// It ends each connection at this age.
        var lifetime: TimeAmount?
    }
    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/" }

    private init(_ channel: any Channel) { self.channel = channel }

    /// On a free port, or on a unix socket.
    static func start(
        at path: String? = nil, rules: Rules = Rules(), _ script: @escaping Script
    ) async throws -> OddServer {
        let idle = IdleConnections(most: rules.keeps)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = OddConnection(script, lifetime: rules.lifetime, idle)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        if let path { return OddServer(try await bootstrap.bind(unixDomainSocketPath: path).get()) }
        return OddServer(try await bootstrap.bind(host: "127.0.0.1", port: 0).get())
    }

    func stop() async throws { try await channel.close() }
}

/// The connections of one server that are idle, over all loops.
private final class IdleConnections: Sendable {
    private let most: Int?
    private let channels = Mutex<[any Channel]>([])

    init(most: Int?) { self.most = most }

    func add(_ channel: any Channel) {
        guard let most else { return }
        let surplus = channels.withLock { channels -> (any Channel)? in
            channels.append(channel)
            return channels.count > most ? channels.removeFirst() : nil
        }
        surplus?.close(promise: nil)
    }

    func remove(_ channel: any Channel) {
        guard most != nil else { return }
        channels.withLock { $0.removeAll { $0 === channel } }
    }
}

/// Requests of a probe come one at a time and whole: a read is a request.
private final class OddConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: OddServer.Script
    private var requests = 0
    private var idleSince = NIODeadline.now()
    private var goodbye: Scheduled<Void>?
    private var death: Scheduled<Void>?
    private let lifetime: TimeAmount?
    private let idleConnections: IdleConnections

    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

    init(_ script: @escaping OddServer.Script, lifetime: TimeAmount?, _ idleConnections: IdleConnections) {
        self.script = script
        self.lifetime = lifetime
        self.idleConnections = idleConnections
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let lifetime else { return }
        death = context.eventLoop.assumeIsolated().scheduleTask(in: lifetime) { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        requests += 1
        goodbye?.cancel()
        idleConnections.remove(context.channel)
        defer { idleConnections.add(context.channel) }
        // A connection is not idle before its first request, however late that comes.
        let idle = requests == 1 ? .zero : NIODeadline.now() - idleSince
        idleSince = .now()
        switch script(requests, idle) {
        case .answer: write(Self.answer, context)
        case .answerAndClose:
            write(Self.answer, context)
            context.close(promise: nil)
        case .ignore: break
        case .reset:
            // A linger time of zero makes close() send RST.
            guard let socket = context.channel as? any SocketOptionProvider else { return }
            socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        case .say(let text): write(text, context)
        case .answerIfAsked(let field):
            let isAsked = String(buffer: unwrapInboundIn(data)).contains("Connection: keep-alive")
            write(isAsked ? Self.answer.replacing("\r\n\r\n", with: "\r\n\(field)\r\n\r\n") : Self.answer, context)
        case .answerAndInterrupt(let text, let delay):
            write(Self.answer, context)
            goodbye = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in write(text, context) }
        case .answerAndSay(let text, let delay):
            write(Self.answer, context)
            goodbye = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in
                write(text, context)
                context.close(promise: nil)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        goodbye?.cancel()
        death?.cancel()
        idleConnections.remove(context.channel)
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
