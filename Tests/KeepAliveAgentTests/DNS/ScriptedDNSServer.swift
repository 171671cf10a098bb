import DNSWire
import KeepAliveAgent
import NIOCore
import NIOPosix
import Synchronization

/// A DNS server on loopback, UDP and TCP on one port, that does what a test's script says.
final class ScriptedDNSServer: Sendable {
    enum Reply: Sendable {
        case silence
        case message(Message)
        case bytes([UInt8])
        /// From a socket that was not asked.
        case fromElsewhere(Message)
    }

    /// A query that was received, in order.
    struct Asked: Sendable, Equatable {
        var message: Message
        var isStream: Bool
        var fromPort: Int
    }

    typealias Script = @Sendable (Asked) -> [Reply]

    let server: DNSServerAddress
    private let log: Mutex<[Asked]>
    private let channels: [any Channel]

    var asked: [Asked] { log.withLock { $0 } }

    private init(server: DNSServerAddress, channels: [any Channel], handler: Handler) {
        self.server = server
        self.channels = channels
        log = Mutex([])
        handler.owner.withLock { $0 = self }
    }

    static func start(
        on group: any EventLoopGroup, at address: IPAddress = .loopbackV4, _ script: @escaping Script
    ) async throws -> ScriptedDNSServer {
        let own = try SocketAddress(address, port: 0)
        // The kernel chooses the UDP port; that the same TCP port is taken is rare, and then it chooses again.
        for _ in 0..<20 {
            let handler = Handler(script: script)
            let elsewhere = try await DatagramBootstrap(group: group).bind(to: own).get()
            let datagrams = try await DatagramBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let adapter = DatagramAdapter(handler: handler, elsewhere: elsewhere)
                        try channel.pipeline.syncOperations.addHandler(adapter)
                    }
                }
                .bind(to: own).get()
            guard let port = datagrams.localAddress?.port else { continue }
            let streams = ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(StreamAdapter(handler: handler))
                    }
                }
            guard let listener = try? await streams.bind(to: SocketAddress(address, port: UInt16(port))).get() else {
                try await datagrams.close()
                try await elsewhere.close()
                continue
            }
            return ScriptedDNSServer(
                server: DNSServerAddress(address: address, port: UInt16(port)),
                channels: [elsewhere, datagrams, listener], handler: handler)
        }
        throw ChannelError.operationUnsupported
    }

    func stop() async throws { for channel in channels { try await channel.close() } }

    private func note(_ asked: Asked) { log.withLock { $0.append(asked) } }

    private final class Handler: Sendable {
        let script: Script
        let owner = Mutex<ScriptedDNSServer?>(nil)

        init(script: @escaping Script) { self.script = script }

        func replies(to bytes: ByteBuffer, isStream: Bool, fromPort: Int) -> [Reply] {
            guard let message = try? Message(decoding: Array(buffer: bytes)) else { return [] }
            let asked = Asked(message: message, isStream: isStream, fromPort: fromPort)
            owner.withLock { $0 }?.note(asked)
            return script(asked)
        }
    }

    private final class DatagramAdapter: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>
        private let handler: Handler
        private let elsewhere: any Channel

        init(handler: Handler, elsewhere: any Channel) {
            self.handler = handler
            self.elsewhere = elsewhere
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            let port = envelope.remoteAddress.port ?? 0
            for reply in handler.replies(to: envelope.data, isStream: false, fromPort: port) {
                switch reply {
                case .silence: continue
                case .message(let message): send(message.encoded(), envelope.remoteAddress, context.channel)
                case .bytes(let bytes): send(bytes, envelope.remoteAddress, context.channel)
                case .fromElsewhere(let message): send(message.encoded(), envelope.remoteAddress, elsewhere)
                }
            }
        }

        private func send(_ bytes: [UInt8], _ address: SocketAddress, _ channel: any Channel) {
            let envelope = AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: bytes))
            channel.writeAndFlush(envelope, promise: nil)
        }
    }

    private final class StreamAdapter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let handler: Handler
        private var received = ByteBuffer()

        init(handler: Handler) { self.handler = handler }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received.writeImmutableBuffer(unwrapInboundIn(data))
            while let message = received.readLengthPrefixedSlice(as: UInt16.self) {
                let port = context.remoteAddress?.port ?? 0
                for reply in handler.replies(to: message, isStream: true, fromPort: port) {
                    switch reply {
                    case .silence, .fromElsewhere: context.close(promise: nil)
                    case .message(let message): send(message.encoded(), context)
                    case .bytes(let bytes): send(bytes, context)
                    }
                }
            }
        }

        /// One byte at a time: a stream keeps no message together.
        private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
            for byte in [UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [byte])), promise: nil)
            }
        }
    }
}
