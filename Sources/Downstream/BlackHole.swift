import NIOCore
import NIOPosix

/// A listener that accepts no connection and whose queue is full. The kernel drops every further SYN, so that connecting ends
/// in a timeout, as with a machine that is switched off. Without privileges, this is the only way to lose a SYN on loopback.
struct BlackHole {
    let loop: any EventLoop
    let address: String
    let port: Int

    private static let backlog: CInt = 1
    /// If a connection is not established within this time, the queue is full. On loopback it takes microseconds.
    private static let patience = TimeAmount.milliseconds(250)
    /// Kernels may round the backlog up, but not by this much.
    private static let maxFillers = 16

    /// Returns the listener and the connections that fill its queue. Closing them ends the black hole.
    func open() -> EventLoopFuture<[any Channel]> {
        ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: address, port: port)
            .flatMap { fill([$0]) }
    }

    private func fill(_ channels: [any Channel]) -> EventLoopFuture<[any Channel]> {
        guard channels.count <= Self.maxFillers else { return loop.makeSucceededFuture(channels) }
        return ClientBootstrap(group: loop).connectTimeout(Self.patience).connect(host: address, port: port)
            .flatMap { fill(channels + [$0]) }
            .flatMapError { _ in loop.makeSucceededFuture(channels) }
    }
}
