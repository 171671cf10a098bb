import AgentCore
import DNSWire
import NIOCore
import NIOPosix
import NIOSSL
package import PoolModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Makes TCP connections (and puts TLS on them) when the machine says so, one attempt at a time.
package final class Dialer: StreamSocketOwner {
    private struct Attempt: Hashable {
        var connection: ConnectionID
        var number: Int
    }

    var receiver: any ConnectionReceiver {
        get {
            guard let weakReceiver else { preconditionFailure("set by the agent's initialiser") }
            return weakReceiver
        }
        set { weakReceiver = newValue }
    }
    private weak var weakReceiver: (any ConnectionReceiver)?
    private let eventLoop: any EventLoop
    /// nil: plain connections are channels too.
    private let poller: SocketPoller?
    private var attempts: [Attempt: Opening] = [:]
    private var addresses: [PeerAddress: SocketAddress] = [:]

    /// A connect in progress.
    private enum Opening {
        case socket(StreamSocket)
        /// nil until the channel exists.
        case channel((any Channel)?)

        func close() {
            switch self {
            case .socket(let socket): socket.close()
            case .channel(let channel): channel?.close(promise: nil)
            }
        }
    }

    init(eventLoop: any EventLoop, poller: SocketPoller?) {
        self.eventLoop = eventLoop
        self.poller = poller
    }

    func connect(_ id: ConnectionID, attempt: Int, to peer: PeerAddress, tls: TLSIdentity?) {
        let key = Attempt(connection: id, number: attempt)
        let address: SocketAddress
        do {
            address = try socketAddress(of: peer)
        } catch {
            // An interface that is not there, or a path that is too long for a socket.
            return receiver.send(
                .attemptFailed(id, attempt: attempt, peer.zone == nil ? .addressNotAvailable : .connectUnreachable))
        }
        let wire = HTTP1Connection(id: id, receiver: receiver, isTLS: tls != nil, isTCP: address.port != nil)
        guard tls == nil, let poller, poller.isOpen else { return openChannel(to: address, key, wire, tls) }
        do {
            let socket = try StreamSocket(to: address, for: wire, attempt: attempt, on: poller, owner: self)
            attempts[key] = .socket(socket)
        } catch {
            receiver.send(.attemptFailed(id, attempt: attempt, Self.cause(of: error)))
        }
    }

    func connected(_ socket: StreamSocket, localPort: Int) {
        attempts[Attempt(connection: socket.wire.id, number: socket.attempt)] = nil
        receiver.attemptConnected(socket.wire, attempt: socket.attempt, localPort: localPort)
    }

    func failed(_ socket: StreamSocket, _ error: IOError) {
        attempts[Attempt(connection: socket.wire.id, number: socket.attempt)] = nil
        receiver.send(.attemptFailed(socket.wire.id, attempt: socket.attempt, Self.cause(of: error)))
    }

    private func openChannel(to address: SocketAddress, _ key: Attempt, _ wire: HTTP1Connection, _ tls: TLSIdentity?) {
        attempts[key] = .channel(nil)
        let bound = NIOLoopBound((dialer: self, wire: wire, tls: tls), eventLoop: eventLoop)
        bootstrap
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (dialer, wire, tls) = bound.value
                    dialer.attempts[key] = .channel(channel)
                    let secured = try tls.map { (identity: $0, handler: try $0.makeHandler()) }
                    if let secured { try channel.pipeline.syncOperations.addHandler(secured.handler) }
                    try channel.pipeline.syncOperations.addHandler(ChannelTransport(wire, secured))
                }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenComplete { [self] result in
                guard attempts.removeValue(forKey: key) != nil else {
                    if case .success(let channel) = result { channel.close(promise: nil) }
                    return
                }
                switch result {
                case .success(let channel):
                    let port = channel.localAddress?.port ?? 0
                    receiver.attemptConnected(wire, attempt: key.number, localPort: port)
                case .failure(let error):
                    wire.close()
                    receiver.send(.attemptFailed(key.connection, attempt: key.number, Self.cause(of: error)))
                }
            }
    }

    func abandon(_ id: ConnectionID, attempt: Int) {
        attempts.removeValue(forKey: Attempt(connection: id, number: attempt))?.close()
    }

    func abort(_ id: ConnectionID) {
        for attempt in 0..<Dial.maxAttempts { abandon(id, attempt: attempt) }
    }

    private var bootstrap: ClientBootstrap {
        // The machine has the connect limit; NIO's own must never be the one that fires.
        ClientBootstrap(group: eventLoop)
            .connectTimeout(.hours(24))
            // A channel keeps its buffer while it is idle: it begins small, and grows where responses are large.
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 2048, maximum: 16_384))
    }

    private func socketAddress(of peer: PeerAddress) throws -> SocketAddress {
        if let known = addresses[peer] { return known }
        let address =
            switch peer {
            case .ip(let ip, let port): try SocketAddress(ipAddress: "\(ip)", port: port)
            case .unix(let path): try SocketAddress(unixDomainSocketPath: path)
            }
        // An interface that goes and comes back has another number.
        if peer.zone == nil { addresses[peer] = address }
        return address
    }

    package static func cause(of error: any Error) -> FailureCause {
        if let failure = error as? NIOConnectionError, let first = failure.connectionErrors.first {
            return cause(of: first.error)
        }
        // A connection that was there and has gone at once is none that was refused.
        if error is ChannelError { return .peerReset }
        // The name cannot be asked for.
        if error is NIOSSLExtraError { return .tlsHandshakeFailed }
        guard let code = (error as? IOError)?.errnoCode else { return .connectRefused }
        switch code {
        case ECONNREFUSED: return .connectRefused
        case ENOENT: return .unixSocketMissing
        case ECONNRESET, EPIPE, ENOTCONN: return .peerReset
        case ETIMEDOUT: return .connectTimeout
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EACCES, EPERM, EAFNOSUPPORT: return .connectUnreachable
        case EADDRNOTAVAIL, EADDRINUSE: return .addressNotAvailable
        case EMFILE, ENFILE: return .tooManyOpenFiles
        default: return .connectUnreachable
        }
    }
}
