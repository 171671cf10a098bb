import NIOCore

/// Observes the bytes between the TLS handler and the network until it has seen the server's first flight.
final class TLSFlightObserver: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var detector = ResumptionDetector()
    private var hasSeen = false
    private(set) var isResumed = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if !hasSeen, let resumed = detector.isResumed(after: unwrapOutboundIn(data)) {
            hasSeen = true
            isResumed = resumed
        }
        context.write(data, promise: promise)
    }
}
