import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs a deed when the loop has polled again and has handled everything that the kernel told it.
///
/// No timer can promise that: a loop that was held up runs every task that has become due meanwhile, one after the
/// other, before it polls. A byte to itself can: it is read after a poll, and what that poll found is handled before the
/// tasks that reading it begins.
final class PollSignal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let eventLoop: any EventLoop
    /// The end that is written to; nil: no descriptor was left for it, or it was closed.
    private var writingEnd: CInt?
    private var channel: (any Channel)?
    private var deed: (() -> Void)?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        var ends: [CInt] = [-1, -1]
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        guard socketpair(AF_UNIX, CInt(kind), 0, &ends) == 0 else { return }
        writingEnd = ends[1]
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                    bound.value.channel = channel
                }
            }
            .withConnectedSocket(ends[0])
            .assumeIsolated()
            .whenFailure { _ in bound.value.close() }
    }

    /// One deed at a time: a later one takes the place of one that has not run.
    func afterPoll(_ deed: @escaping () -> Void) {
        self.deed = deed
        var byte: UInt8 = 0
        guard let writingEnd, write(writingEnd, &byte, 1) == 1 else {
            // A millisecond is nearly always enough for a poll.
            eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(1)) { [weak self] in self?.run() }
            return
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        eventLoop.assumeIsolated().execute { [weak self] in self?.run() }
    }

    private func run() {
        guard let deed else { return }
        self.deed = nil
        deed()
    }

    func channelInactive(context: ChannelHandlerContext) {
        close()
        context.fireChannelInactive()
    }

    func close() {
        deed = nil
        channel?.close(promise: nil)
        channel = nil
        if let writingEnd { _ = system_close(writingEnd) }
        writingEnd = nil
    }
}

/// The system call, out of the way of the method of the same name.
private func system_close(_ descriptor: CInt) -> CInt { close(descriptor) }
