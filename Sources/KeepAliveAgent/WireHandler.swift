import AgentCore
import HTTP1
import NIOCore
import NIOTLS

/// The one channel handler of a connection: request bytes out, response framing in.
///
/// It holds no queue and makes no promise for a request: the machine gives it one exchange at a time. After `close` or
/// `detach` it reports nothing more.
final class WireHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let id: ConnectionID
    private let agent: LoopAgent
    private let isTLS: Bool
    private var context: ChannelHandlerContext?
    private var parser = ResponseParser()
    private var isDetached = false
    private var isHandshaking: Bool
    private var failure: ConnectionEnd?
    private var handshakeFailure = FailureCause.tlsHandshakeFailed
    /// Of the exchange in progress.
    private var bytesReceived = 0
    /// The request may still be on its way out. Only known of long ones: a short one fits the kernel's buffer.
    private var isSending = false
    private static let surelyBuffered = 64 * 1024

    init(id: ConnectionID, agent: LoopAgent, isTLS: Bool) {
        self.id = id
        self.agent = agent
        self.isTLS = isTLS
        isHandshaking = isTLS
    }

    // MARK: The agent's side

    func write(_ bytes: ByteBuffer, kind: RequestKind) {
        parser.start(kind)
        bytesReceived = 0
        guard bytes.readableBytes > Self.surelyBuffered, let context else {
            context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
            return
        }
        let sent = context.eventLoop.makePromise(of: Void.self)
        isSending = true
        sent.futureResult.assumeIsolated().whenSuccess { [weak self] in self?.isSending = false }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: sent)
    }

    func close() {
        isDetached = true
        context?.close(promise: nil)
    }

    /// The channel belongs to somebody else from now on.
    func detach() { isDetached = true }

    /// One non-blocking look at a connection that was idle: FIN, reset, or bytes that nobody asked for. The kernel's
    /// count of unread receive memory tells bytes and FIN without reading; its TCP state tells the rest.
    ///
    /// The same holds for TLS: session tickets come with the handshake and are read with the first response, so what is
    /// unread before a second exchange is a close_notify or a record that would be taken for the next answer.
    func look(isIdempotent: Bool) -> DeadOnLook? {
        guard let options = context?.channel.syncOptions else { return .finished }
        let memory = (try? options.getOption(.socketOption(.unreadReceiveMemory))) ?? 0
        let unread = UInt32(truncatingIfNeeded: memory)
        if unread != 0 { return state(options) == .closeWait ? .finished : .bytes }
        if isIdempotent { return nil }
        return switch state(options) {
        case .established: nil
        case .closeWait: .finished
        default: .reset
        }
    }

    private func state(_ options: any NIOSynchronousChannelOptions) -> TCPState {
        guard let info = try? options.getOption(.tcpOption(.tcpInfo)) else { return .established }
        return TCPState(rawValue: UInt8(truncatingIfNeeded: info)) ?? .other
    }

    // MARK: The channel's side

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDetached { return }
        let buffer = unwrapInboundIn(data)
        bytesReceived += buffer.readableBytes
        buffer.withUnsafeReadableBytes { parse($0) }
    }

    private func parse(_ input: UnsafeRawBufferPointer) {
        var offset = 0
        while true {
            switch parser.next(input, &offset) {
            case .needMore:
                return
            case .informational, .body:
                continue
            case .head(let head):
                agent.send(
                    .responseHead(
                        id, status: head.status,
                        KeepAliveHint(timeoutSeconds: head.keepAliveTimeoutSeconds, max: head.keepAliveMax)))
                if isDetached { return }
            case .end(let persistence):
                let hasMore = offset < input.count && !Self.isBareLineEnd(input, from: offset)
                let closing = persistence.closeReason ?? reasonToClose(hasMore: hasMore)
                return agent.send(.exchangeEnded(id, closing: closing, bytesReceived: bytesReceived))
            case .unsolicited:
                return agent.send(.bytesWhileIdle(id))
            case .failed:
                return agent.send(.exchangeFailed(id, .framingError, bytesReceived: bytesReceived))
            }
        }
    }

    private func reasonToClose(hasMore: Bool) -> CloseReason? {
        hasMore ? .unsolicitedBytes : isSending ? .earlyResponse : nil
    }

    /// A stray CRLF after a response is tolerated (RFC 9112 §2.2 lets servers be lenient the same way).
    private static func isBareLineEnd(_ input: UnsafeRawBufferPointer, from offset: Int) -> Bool {
        input.count - offset == 2 && input[offset] == 0x0D && input[offset + 1] == 0x0A
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            isHandshaking = false
            if !isDetached { agent.send(.handshakeCompleted(id, resumed: false)) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isHandshaking {
            handshakeFailure = TLSIdentity.cause(of: error)
        } else if parser.isIdle, TLSIdentity.isMissingCloseNotify(error) {
            // Nothing can have been cut off (RFC 9112 §9.8): an idle limit like any other, which can be learned.
        } else {
            failure = (error as? IOError).map { _ in .reset } ?? .tls
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        defer { context.fireChannelInactive() }
        guard !isDetached else { return }
        isDetached = true
        if isHandshaking { return agent.lost(self, .handshakeFailed(id, handshakeFailure)) }
        let sawByte = parser.hasSeenByte
        switch parser.end(isCleanClose: failure == nil) {
        case .end(let persistence):
            agent.lost(
                self,
                .exchangeEnded(id, closing: persistence.closeReason ?? .untilCloseBody, bytesReceived: bytesReceived))
        case .failed(.incompleteBody):
            agent.lost(self, ended(cause: failure == .reset ? .peerReset : .incompleteBody, sawByte: sawByte))
        case .needMore, .informational, .body, .head, .unsolicited, .failed:
            agent.lost(self, ended(cause: failure == .reset ? .peerReset : .peerClosed, sawByte: sawByte))
        }
    }

    private func ended(cause: FailureCause, sawByte: Bool) -> AgentEvent {
        .connectionEnded(id, failure ?? .finished, cause: cause, sawByte: sawByte, bytesReceived: bytesReceived)
    }
}

extension Persistence {
    /// Why the connection cannot carry another exchange; nil: it can.
    var closeReason: CloseReason? {
        switch self {
        case .reusable: nil
        case .closeHeader: .closeHeaderReceived
        case .http10: .http10
        case .untilClose: .untilCloseBody
        case .suspectFraming: .framingError
        case .upgraded: .upgraded
        }
    }
}

/// Values of `tcpi_state` (linux/tcp_states.h).
private enum TCPState: UInt8 {
    case established = 1
    case closeWait = 8
    case other = 0
}

extension NIOBSDSocket.Option {
    /// SO_MEMINFO read as one number: the bytes of memory that unread received segments take, FIN included.
    fileprivate static let unreadReceiveMemory = NIOBSDSocket.Option(rawValue: 55)
    /// TCP_INFO read as one number: the state is its lowest byte.
    fileprivate static let tcpInfo = NIOBSDSocket.Option(rawValue: 11)
}
