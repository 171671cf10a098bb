import DNSWire
import NIOCore
import NIOPosix

/// One query over TCP: a connection of its own, two bytes of length before each message (RFC 1035 §4.2.2).
///
/// Truncation is rare where EDNS is spoken, so a connection is not kept for the next one.
final class DNSStream: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let query: ResolverMachine.QueryID
    private let server: DNSServerAddress
    /// Nil: the server is on an interface that the machine does not have now.
    private let address: SocketAddress?
    private weak var resolver: StubResolver?
    private var channel: (any Channel)?
    private var received = ByteBuffer()
    private var isClosed = false

    init(_ query: ResolverMachine.QueryID, server: DNSServerAddress, resolver: StubResolver) {
        self.query = query
        self.server = server
        address = server.socketAddress
        self.resolver = resolver
    }

    func open(on eventLoop: any EventLoop, bytes: [UInt8]) {
        guard let address else { return ended() }
        ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // The machine has its own limit, which is shorter; this one ends what it left behind.
            .connectTimeout(.seconds(30))
            .connect(to: address)
            .assumeIsolated().whenComplete { self.opened($0, bytes) }
    }

    private func opened(_ result: Result<any Channel, any Error>, _ bytes: [UInt8]) {
        switch result {
        case .failure: ended()
        case .success(let channel):
            guard !isClosed else { return channel.close(promise: nil) }
            do {
                try channel.pipeline.syncOperations.addHandler(self)
            } catch {
                channel.close(promise: nil)
                return ended()
            }
            self.channel = channel
            var buffer = channel.allocator.buffer(capacity: bytes.count + 2)
            buffer.writeInteger(UInt16(clamping: bytes.count))
            buffer.writeBytes(bytes)
            channel.writeAndFlush(buffer, promise: nil)
            resolver?.onQuery()
        }
    }

    func close() {
        isClosed = true
        channel?.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosed else { return }
        received.writeImmutableBuffer(unwrapInboundIn(data))
        // At most 65,537 bytes are ever gathered: the first whole message ends it.
        guard let message = received.getLengthPrefixedSlice(at: received.readerIndex, as: UInt16.self) else { return }
        resolver?.received(query, from: server.sender(at: context.remoteAddress, is: address), message)
        // An answer that does not fit ends the query too: on a stream there is nobody else who could have sent it.
        ended()
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended()
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { ended() }

    /// To a query that was answered the failure is late, and passed over.
    private func ended() {
        guard !isClosed else { return }
        isClosed = true
        channel = nil
        resolver?.failed(query)
    }
}
