import DNSWire
import KeepAliveAgent
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import PoolModel

extension TLSFixtures {
    static func certificate(_ pem: String) throws -> NIOSSLCertificate {
        try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem)
    }

    /// A client that trusts the tests' authority and nobody else.
    static func clientContext(least: TLSVersion = .tlsv12, asClient pem: String? = nil) throws -> TLSContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([try certificate(authority)])
        configuration.minimumTLSVersion = least
        configuration.shutdownTimeout = .milliseconds(100)
        if let pem {
            configuration.certificateChain = [.certificate(try certificate(pem))]
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        }
        return try TLSContext(configuration)
    }

    static func serverContext(
        _ pem: String, _ version: TLSVersion? = nil, wantsClientCertificate: Bool = false
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try certificate(pem))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
        configuration.minimumTLSVersion = version ?? .tlsv12
        configuration.maximumTLSVersion = version
        configuration.shutdownTimeout = .milliseconds(100)
        if wantsClientCertificate {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates([try certificate(authority)])
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Servers on loopback that do one thing to every connection, and count the requests that reach them.
final class TLSTestServers: Sendable {
    enum Kind: Sendable {
        /// Answers each request.
        case tls(NIOSSLContext)
        /// Answers whatever comes in the clear.
        case plain
        /// Closes the connection at the first byte, with a FIN.
        case closing
        /// Closes the connection at the first byte, with a reset.
        case resetting
        /// Notes the name in the client's hello, and closes.
        case reading
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let requests = NIOLockedValueBox<[Int: Int]>([:])
    private let names = NIOLockedValueBox<[String?]>([])

    /// Returns the port; both loopback addresses where the machine has them.
    func start(_ kind: Kind, onV6: Bool = false) async throws -> Int {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let port = channel.localAddress?.port ?? 0
                    switch kind {
                    case .tls(let context):
                        try pipeline.addHandler(NIOSSLServerHandler(context: context))
                        try pipeline.addHandler(Answering { self.count(port) })
                    case .plain: try pipeline.addHandler(Answering { self.count(port) })
                    case .closing: try pipeline.addHandler(Ending(resets: false))
                    case .resetting: try pipeline.addHandler(Ending(resets: true))
                    case .reading:
                        try pipeline.addHandler(
                            ByteToMessageHandler(
                                SNIHandler { result in
                                    self.note(result)
                                    return channel.close()
                                }))
                    }
                }
            }
            .bind(host: onV6 ? "::1" : "127.0.0.1", port: 0).get()
        return channel.localAddress?.port ?? 0
    }

    private func count(_ port: Int) { requests.withLockedValue { $0[port, default: 0] += 1 } }

    private func note(_ result: SNIResult) {
        switch result {
        case .hostname(let name): names.withLockedValue { $0.append(name) }
        case .fallback: names.withLockedValue { $0.append(nil) }
        }
    }

    func requests(at port: Int) -> Int { requests.withLockedValue { $0[port] ?? 0 } }
    var namesSeen: [String?] { names.withLockedValue(\.self) }

    func shutdown() async throws { try await group.shutdownGracefully() }
}

/// One response for each piece of a request that has an end in it, and the connection closed with it.
private final class Answering: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let onRequest: () -> Void

    init(_ onRequest: @escaping () -> Void) { self.onRequest = onRequest }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        onRequest()
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

private final class Ending: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let resets: Bool

    init(resets: Bool) { self.resets = resets }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard resets, let socket = context.channel as? any SocketOptionProvider else {
            return context.close(promise: nil)
        }
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in context.value.close(promise: nil) }
    }
}
