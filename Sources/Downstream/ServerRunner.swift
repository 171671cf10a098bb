import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Owns a server's listeners and injects faults. Confined to the server's loop, like the server.
final class ServerRunner {
    let server: Server
    private let reservation: PortReservation
    private let tls: NIOSSLContext?
    private let dns: DNSServer
    private var isListening = false
    /// The listeners, and the connections that fill the queues of black holes.
    private var listeners: [any Channel] = []

    /// Linux limits this to `net.core.somaxconn`. NIO's default of 128 would refuse part of a burst of dials.
    private static let backlog: CInt = 4096

    init(_ server: Server, reservation: PortReservation, tls: NIOSSLContext?, dns: DNSServer) {
        self.server = server
        self.reservation = reservation
        self.tls = tls
        self.dns = dns
        server.performFault = { [unowned self] in self.perform($0) }
    }

    // MARK: Listening

    func listen() -> EventLoopFuture<Void> {
        let loop = server.loop
        guard !isListening else { return loop.makeSucceededVoidFuture() }
        isListening = true
        let scenario = server.scenario
        let bound = scenario.addresses.enumerated().compactMap { index, address -> EventLoopFuture<[any Channel]>? in
            if scenario.refusingAddresses.contains(address) { return nil }
            if scenario.silentAddresses.contains(address) {
                return BlackHole(loop: loop, address: address, port: reservation.port).open()
            }
            return bootstrap(index).bind(host: address, port: reservation.port).map { [$0] }
        }
        let listening = EventLoopFuture.whenAllSucceed(bound, on: loop).assumeIsolated()
            .map { self.listeners = $0.flatMap { $0 } }
        listening.whenFailure { _ in self.isListening = false }
        return listening.nonisolated()
    }

    private func bootstrap(_ address: Int) -> ServerBootstrap {
        let runner = NIOLoopBound(self, eventLoop: server.loop)
        return ServerBootstrap(group: server.loop)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try runner.value.accept(channel, address) }
            }
    }

    private func accept(_ channel: any Channel, _ address: Int) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            let observer = TLSFlightObserver()
            try pipeline.addHandlers(observer, NIOSSLServerHandler(context: tls), HandshakeReporter(observer))
        }
        try pipeline.addHandler(ServerConnection(server: server, address: address))
    }

    private func stopListening() -> EventLoopFuture<Void> {
        let closed = listeners.map { $0.close() }
        isListening = false
        listeners = []
        return EventLoopFuture.andAllComplete(closed, on: server.loop)
    }

    // MARK: Faults

    func perform(_ fault: InjectedFault) -> EventLoopFuture<Void> {
        // A copy, because connections are removed from the list while they are closed.
        let connections = server.connections.filter { !$0.isServingControl }
        switch fault {
        case .dropIdle: for connection in connections where connection.isIdle { connection.cut(.fin) }
        case .resetAll: for connection in connections { connection.cut(.reset) }
        case .drain: for connection in connections { connection.drain() }
        case .forge: for connection in connections { connection.forge() }
        case .refuse: return stopListening()
        case .slow(let factor, let addedSeconds):
            server.delayFactor = min(max(factor, 0), 1000)
            server.addedDelay = Int64(min(max(addedSeconds, 0), 3600) * 1e9)
        case .dns(let fault): return inject(fault)
        case .recover:
            server.delayFactor = 1
            server.addedDelay = 0
            return listen().and(inject(nil)).map { _ in }
        }
        return server.loop.makeSucceededVoidFuture()
    }

    private func inject(_ fault: DNSFault?) -> EventLoopFuture<Void> {
        let (zone, hostName) = (dns.zone, server.scenario.hostName)
        return dns.loop.submit { try zone.value.inject(fault, into: hostName) }.hop(to: server.loop)
    }
}

/// Passes the result of the TLS handshake to the connection and removes itself.
private final class HandshakeReporter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let observer: TLSFlightObserver

    init(_ observer: TLSFlightObserver) { self.observer = observer }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? TLSUserEvent, case .handshakeCompleted = event else {
            return context.fireUserInboundEventTriggered(event)
        }
        context.fireUserInboundEventTriggered(
            observer.isResumed ? ServerConnection.Handshake.resumed : ServerConnection.Handshake.full)
        context.pipeline.syncOperations.removeHandler(observer, promise: nil)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
