import CLinux
import NIOCore
import NIOPosix

/// A descriptor that NIO's loop reads, an eventfd: adding to it makes the loop call `onSignal` after its next poll, once
/// for all that was added until then.
final class LoopSignal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The eventfd, to which the kernel may also add; nil after the end.
    private(set) var descriptor: CInt?
    var onSignal: () -> Void = {}
    /// Called when nothing will be read any more, unless `close` was called before.
    var onEnd: () -> Void = {}
    /// Called before that where the loop is about to end.
    var onLoopEnd: () -> Void = {}
    private var channel: (any Channel)?

    /// nil: no descriptor was left for it.
    init?(eventLoop: any EventLoop) {
        let descriptor = pt_eventfd_open()
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        let signal = NIOLoopBound(self, eventLoop: eventLoop)
        NIOPipeBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    signal.value.channel = channel
                    try channel.pipeline.syncOperations.addHandler(signal.value)
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
            .assumeIsolated()
            .whenFailure { _ in
                Kernel.close(descriptor)
                signal.value.end()
            }
    }

    /// False: it has ended.
    func send() -> Bool { descriptor.map(Kernel.addOne) ?? false }

    func close() {
        onEnd = {}
        onLoopEnd = {}
        channel?.close(promise: nil)
        channel = nil
        descriptor = nil
    }

    private func end() {
        let onEnd = onEnd
        close()
        onEnd()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { onSignal() }

    func channelInactive(context: ChannelHandlerContext) {
        onLoopEnd()
        end()
        context.fireChannelInactive()
    }
}
