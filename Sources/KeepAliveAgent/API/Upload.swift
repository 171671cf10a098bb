import NIOCore

/// How the task that reads a request's body hands it to the loop.
struct Upload: Sendable {
    private let exchange: NIOLoopBound<Exchange>
    private let eventLoop: any EventLoop

    /// On the loop only.
    init(_ exchange: Exchange, eventLoop: any EventLoop) {
        self.exchange = NIOLoopBound(exchange, eventLoop: eventLoop)
        self.eventLoop = eventLoop
    }

    /// Returns when the connection can take more; false: no more is wanted.
    func write(_ part: ByteBuffer) async -> Bool {
        await withCheckedContinuation { continuation in
            eventLoop.execute { exchange.value.upload(part, continuation) }
        }
    }

    func finish() { eventLoop.execute { exchange.value.uploadEnded() } }

    func fail(_ detail: String) { eventLoop.execute { exchange.value.uploadFailed(detail) } }
}
