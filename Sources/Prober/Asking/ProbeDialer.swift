package import AgentCore
package import KeepAliveAgent
package import NIOCore
import NIOPosix

/// Opens connections to one origin.
package struct ProbeDialer: Sendable {
    package let loop: any EventLoop
    /// nil for plain HTTP.
    package let tls: TLSIdentity?
    /// The time limit of one attempt, including TLS; nil for the system's limit.
    package let limit: Duration?

    package func open(_ peer: PeerAddress, with tls: TLSIdentity? = nil) async -> Result<ProbeConnection, ProbeFailure>
    {
        let address: SocketAddress
        do {
            address =
                switch peer {
                case .ip(let ip, let port): try SocketAddress(ipAddress: "\(ip)", port: port)
                case .unix(let path): try SocketAddress(unixDomainSocketPath: path)
                }
        } catch {
            return .failure(ProbeFailure(cause: .addressNotAvailable))
        }
        let context = tls ?? self.tls
        let future = loop.flatSubmit { [self] in dial(address, "\(peer)", context) }
        switch await future.resultUnlessCancelled() {
        case .success(let connection): return .success(connection)
        case .failure(let error): return .failure(Self.failure(error))
        case nil: return .failure(ProbeFailure(cause: .cancelled))
        }
    }

    private static func failure(_ error: any Error) -> ProbeFailure {
        if let failure = error as? ProbeFailure { return failure }
        if case .connectTimeout = error as? ChannelError { return ProbeFailure(cause: .connectTimeout) }
        return ProbeFailure(cause: Dialer.cause(of: error))
    }

    /// Must be called on the loop.
    private func dial(_ address: SocketAddress, _ text: String, _ tls: TLSIdentity?) -> EventLoopFuture<ProbeConnection>
    {
        let ready = loop.makePromise(of: Void.self)
        let handler = ProbeHandler(tls: tls, ready: ready)
        var parts = ProbeConnection.Parts(handler: handler)
        if let tls {
            do {
                parts.tls = try tls.makeHandler()
                handler.tlsHandler = parts.tls
                parts.observer = TLSRecordObserver(client: handler)
            } catch {
                ready.fail(ProbeFailure(cause: .tlsHandshakeFailed))
                return loop.makeFailedFuture(ProbeFailure(cause: .tlsHandshakeFailed))
            }
        }
        let bound = NIOLoopBound(parts, eventLoop: loop)
        let startedAt = NIODeadline.now()
        let limit = limit.map { TimeAmount.nanoseconds($0.clampedNanoseconds) } ?? .hours(24)
        let timer = loop.assumeIsolated().scheduleTask(in: limit) {
            // The connect itself has the same limit, but reports a different cause.
            let isConnected = handler.connectedAt != nil
            ready.fail(
                ProbeFailure(
                    cause: isConnected ? .tlsHandshakeFailed : .connectTimeout, tls: isConnected ? .timeout : nil))
            handler.close()
        }
        bootstrap(bound, limit).connect(to: address).whenFailure { ready.fail($0) }
        return ready.futureResult.assumeIsolated().always { _ in timer.cancel() }
            .map { ProbeConnection(bound, at: text, startedAt: startedAt) }.nonisolated()
    }

    private func bootstrap(_ parts: NIOLoopBound<ProbeConnection.Parts>, _ limit: TimeAmount) -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .connectTimeout(limit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let observer = parts.value.observer { try pipeline.addHandler(observer) }
                    if let tls = parts.value.tls { try pipeline.addHandler(tls) }
                    try pipeline.addHandler(parts.value.handler)
                }
            }
    }

    package init(loop: any EventLoop, tls: TLSIdentity?, limit: Duration?) {
        self.loop = loop
        self.tls = tls
        self.limit = limit
    }
}
