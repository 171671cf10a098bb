import NIOCore
import NIOSSL
import NIOTLS
import PoolModel

/// A connection on a channel of NIO's: with TLS, and where there is no `SocketPoller`.
final class ChannelTransport: ChannelInboundHandler, Transport {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let wire: HTTP1Connection
    /// nil: no TLS.
    private let tls: (identity: TLSIdentity, handler: NIOSSLClientHandler)?
    private var context: ChannelHandlerContext?

    /// More than this may not fit the kernel's buffer, so that the end of the write is worth a promise.
    private static let surelyBuffered = 64 * 1024

    init(_ wire: HTTP1Connection, _ tls: (identity: TLSIdentity, handler: NIOSSLClientHandler)?) {
        self.wire = wire
        self.tls = tls
    }

    // MARK: The wire's side

    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// A channel that cannot say so is one that has been closed.
    var unsentBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func send(_ first: ByteBuffer, _ second: ByteBuffer?) -> Bool {
        guard let context else { return true }
        let isLong = first.readableBytes + (second?.readableBytes ?? 0) > Self.surelyBuffered
        let promise = isLong || !context.channel.isWritable ? whenSent(context) : nil
        if let second {
            context.write(wrapOutboundOut(first), promise: nil)
            context.writeAndFlush(wrapOutboundOut(second), promise: promise)
        } else {
            context.writeAndFlush(wrapOutboundOut(first), promise: promise)
        }
        return promise == nil
    }

    private func whenSent(_ context: ChannelHandlerContext) -> EventLoopPromise<Void> {
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { [wire] in wire.everythingSent() }
        return sent
    }

    func setReading(_ isOn: Bool) {
        guard let context else { return }
        do {
            try context.channel.syncOptions?.setOption(.autoRead, value: isOn)
        } catch {
            context.fireErrorCaught(error)
        }
    }

    func close() { context?.close(promise: nil) }

    // MARK: The channel's side

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let socket = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable { (handle: CInt) in handle }
        wire.opened(self, socket: socket, isReadInSweeps: false)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unwrapInboundIn(data).withUnsafeReadableBytes { wire.received($0) }
    }

    /// Nobody behind this handler wants to know.
    func channelReadComplete(context: ChannelHandlerContext) {}

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { wire.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event { wire.handshakeCompleted() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        wire.failed(error, tls?.identity.failure(of: error, in: tls?.handler))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        wire.closed()
        context.fireChannelInactive()
    }
}
