import NIOCore
import NIOPosix

/// The bundled DNS server's sockets: UDP and TCP on the same port of 127.0.0.1.
struct DNSServer {
    let loop: any EventLoop
    let zone: NIOLoopBound<DNSZone>
    let port: Int

    private static let attempts = 64

    static func start(_ scenarios: [Scenario], on loop: any EventLoop) async throws -> DNSServer {
        let zone = try await loop.submit { NIOLoopBound(try DNSZone(scenarios), eventLoop: loop) }.get()
        var failure: (any Error)?
        // A port that is free for UDP may be taken for TCP.
        for _ in 0..<attempts {
            let datagrams = try await bindUDP(zone, on: loop)
            let port = datagrams.localAddress?.port ?? 0
            do {
                _ = try await bindTCP(zone, port: port, on: loop)
                return DNSServer(loop: loop, zone: zone, port: port)
            } catch {
                failure = error
                try await datagrams.close()
            }
        }
        throw ScenarioError.noPort(scenario: "dns", reason: failure.map { "\($0)" } ?? "")
    }

    private static func bindUDP(_ zone: NIOLoopBound<DNSZone>, on loop: any EventLoop) async throws -> any Channel {
        try await DatagramBootstrap(group: loop)
            // A burst of queries waits in the kernel; the default buffer would lose some of them.
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 20)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramHandler(zone: zone.value))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private static func bindTCP(
        _ zone: NIOLoopBound<DNSZone>, port: Int, on loop: any EventLoop
    ) async throws -> any Channel {
        try await ServerBootstrap(group: loop)
            // Without SO_REUSEADDR, which could share a port that a `PortReservation` holds.
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StreamHandler(zone: zone.value))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }
}

private final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let zone: DNSZone

    init(zone: DNSZone) { self.zone = zone }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let answer = zone.answer(Array(envelope.data.readableBytesView), overTCP: false, now: .now()) else {
            return
        }
        let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))
        context.write(wrapOutboundOut(reply), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The response was sent to a closed port (ICMP is reported as an error here). The client has gone, and the
        // server continues.
    }
}

/// Handles length-prefixed messages (RFC 1035 §4.2.2), any number per connection.
private final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let zone: DNSZone
    private var input = ByteBuffer()

    init(zone: DNSZone) { self.zone = zone }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        input.writeBuffer(&bytes)
        while let message = input.readLengthPrefixedSlice(as: UInt16.self) {
            guard let answer = zone.answer(Array(message.readableBytesView), overTCP: true, now: .now()) else {
                continue
            }
            var out = ByteBuffer()
            out.writeInteger(UInt16(answer.count))
            out.writeBytes(answer)
            context.write(wrapOutboundOut(out), promise: nil)
        }
        input.discardReadBytes()
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    /// Stops reading from a client that keeps sending queries without reading the responses.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.channel.setOption(.autoRead, value: context.channel.isWritable).assumeIsolated().whenFailure {
            context.fireErrorCaught($0)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
