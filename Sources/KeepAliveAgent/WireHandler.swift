import AgentCore
import HTTP1
import NIOCore
import NIOTLS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The one channel handler of a connection: request bytes out, response framing in.
///
/// It holds no queue and makes no promise for a request: the machine gives it one exchange at a time. After `close` it
/// reports nothing more.
final class WireHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let id: ConnectionID
    private let agent: LoopAgent
    private let isTLS: Bool
    private var context: ChannelHandlerContext?
    private var parser = ResponseParser()
    private var isDetached = false
    /// The socket, while the channel is open; NIO owns it.
    private var socket: CInt?
    /// How the exchange ended in this turn of the loop; nil: it did not, or the agent knows.
    private var end: AgentEvent?
    /// An exchange has ended in this turn: the loop has asked the kernel about this connection a moment ago.
    private var endedInThisTurn = false
    private var hasCarriedExchange = false
    private var isHandshaking: Bool
    private var failure: ConnectionEnd?
    private var handshakeFailure = FailureCause.tlsHandshakeFailed
    /// Of the exchange in progress.
    private var bytesReceived = 0
    /// The request may still be on its way out. Only known of long ones: a short one fits the kernel's buffer.
    private var isSending = false
    private static let surelyBuffered = 64 * 1024
    /// Who wants the response in progress; nil: nobody does, and it is read and dropped.
    private var exchange: Exchange?
    /// What may still be read of a body that was abandoned; nil: none was.
    private var drainBudget: Int?
    private var isReadingPaused = false

    /// An abandoned body longer than this costs more than a new connection.
    static let drainLimit = 64 * 1024

    init(id: ConnectionID, agent: LoopAgent, isTLS: Bool) {
        self.id = id
        self.agent = agent
        self.isTLS = isTLS
        isHandshaking = isTLS
    }

    // MARK: The agent's side

    /// Returns how many bytes it wrote.
    func write(_ request: RequestTemplate, sendClose: Bool, for exchange: Exchange?) -> Int {
        parser.start(request.kind, keepsHead: exchange != nil)
        self.exchange = exchange
        bytesReceived = 0
        drainBudget = nil
        var head = request.head(sendClose: sendClose)
        let count = head.readableBytes + (request.body?.readableBytes ?? 0)
        if request.body == nil, !isTLS, sendAtOnce(&head) { return count }
        let isRest = request.body == nil && head.readableBytes < count
        let promise = isRest || count > Self.surelyBuffered ? whenSent() : nil
        if let body = request.body {
            context?.write(wrapOutboundOut(head), promise: nil)
            context?.writeAndFlush(wrapOutboundOut(body), promise: promise)
        } else {
            context?.writeAndFlush(wrapOutboundOut(head), promise: promise)
        }
        return count
    }

    /// Gives the bytes to the kernel without a detour over the channel's queue, which is empty whenever a request is
    /// put on the connection. False: not all were taken; the rest is what is left in `bytes`. So it is when the
    /// connection is dead, which the channel then finds out in the usual way.
    private func sendAtOnce(_ bytes: inout ByteBuffer) -> Bool {
        guard let socket else { return false }
        let sent = bytes.withUnsafeReadableBytes { send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        guard sent > 0 else { return false }
        if sent == bytes.readableBytes { return true }
        bytes.moveReaderIndex(forwardBy: sent)
        return false
    }

    /// A promise for the last write of a request that may not fit the kernel's buffer.
    private func whenSent() -> EventLoopPromise<Void>? {
        guard let context else { return nil }
        let sent = context.eventLoop.makePromise(of: Void.self)
        isSending = true
        sent.futureResult.assumeIsolated().whenSuccess { [weak self] in self?.isSending = false }
        return sent
    }

    /// TCP keep-alive probes (tcp(7)): after this much silence, then every half of it, three in all. A kernel that
    /// refuses goes without.
    func probe(afterSilence silence: Duration) {
        guard let socket else { return }
        let seconds = max(1, CInt(clamping: silence.components.seconds))
        func set(_ level: CInt, _ option: CInt, _ value: CInt) {
            withUnsafePointer(to: value) {
                _ = setsockopt(socket, level, option, $0, socklen_t(MemoryLayout<CInt>.size))
            }
        }
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(CInt(IPPROTO_TCP), TCP_KEEPIDLE, seconds)
        set(CInt(IPPROTO_TCP), TCP_KEEPINTVL, max(1, seconds / 2))
        set(CInt(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    func close() {
        isDetached = true
        socket = nil
        context?.close(promise: nil)
    }

    // MARK: The exchange's side

    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// A part of a request's body.
    func writeBody(_ part: ByteBuffer, isLast: Bool) {
        if isLast {
            context?.writeAndFlush(wrapOutboundOut(part), promise: whenSent())
        } else {
            context?.writeAndFlush(wrapOutboundOut(part), promise: nil)
        }
        agent.send(.requestBodyWritten(id, bytes: part.readableBytes, isLast: isLast))
    }

    /// Its caller has given the body up.
    func abandonBody(canDrain: Bool) { agent.send(.bodyAbandoned(id, canDrain: canDrain)) }

    /// The response cannot be delivered, or the request not be sent to its end.
    func fail(_ cause: FailureCause) { agent.send(.exchangeFailed(id, cause, bytesReceived: bytesReceived)) }

    /// The exchange has ended; what still comes of its response nobody wants.
    func release(_ exchange: Exchange) {
        guard self.exchange === exchange else { return }
        self.exchange = nil
        resumeReading()
    }

    func resumeReading() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        setAutoRead(true)
    }

    private func pauseReading() {
        guard !isReadingPaused else { return }
        isReadingPaused = true
        setAutoRead(false)
    }

    private func setAutoRead(_ isOn: Bool) {
        guard !isDetached, let context else { return }
        do {
            try context.channel.syncOptions?.setOption(.autoRead, value: isOn)
        } catch {
            context.fireErrorCaught(error)
        }
    }

    /// Reads the rest of an abandoned body, up to the limit.
    func drainBody() { drainBudget = Self.drainLimit }

    /// False: more than the limit was left, and the connection is closed.
    private func drained(_ count: Int) -> Bool {
        guard let budget = drainBudget else { return true }
        drainBudget = budget - count
        if budget < count { agent.report(.bodyAbandoned(id, canDrain: false)) }
        return !isDetached
    }

    /// One non-blocking look at a connection that is used again: FIN, reset, or bytes that nobody asked for.
    ///
    /// A connection that is handed on in the turn in which its response was read needs none: the read emptied it, and
    /// the loop knows of a FIN. What comes in the microseconds since could as well come in those after a look. Only a
    /// request that cannot be sent again is worth a look even then.
    ///
    /// The same holds for TLS from the second exchange on: session tickets come after the handshake and are read with
    /// the first response, so what is unread later is a close_notify or a record that would be taken for an answer.
    func look(isRepeatable: Bool) -> DeadOnLook? {
        guard let socket else { return .finished }
        if isTLS && !hasCarriedExchange { return nil }
        if endedInThisTurn && isRepeatable { return nil }
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
        if count == 0 { return .finished }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : .reset }
        return isTLS && isHalfClosed ? .finished : .bytes
    }

    /// The peer has sent its FIN, perhaps behind bytes that were not read.
    private var isHalfClosed: Bool {
        guard let info = try? context?.channel.syncOptions?.getOption(.tcpOption(.tcpInfo)) else { return false }
        return UInt8(truncatingIfNeeded: info) == TCPState.closeWait
    }

    // MARK: The channel's side

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        socket = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable { (handle: CInt) in handle }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        socket = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDetached { return }
        let buffer = unwrapInboundIn(data)
        bytesReceived += buffer.readableBytes
        buffer.withUnsafeReadableBytes { parse($0, of: buffer) }
    }

    private func parse(_ input: UnsafeRawBufferPointer, of buffer: ByteBuffer) {
        var offset = 0
        while true {
            switch parser.next(input, &offset) {
            case .needMore:
                if exchange?.readEnded() == true { pauseReading() }
                return
            case .informational:
                continue
            case .body(let range):
                if let exchange { exchange.received(range, of: buffer) } else if !drained(range.count) { return }
            case .head(let head):
                exchange?.received(head, parser.takeHead())
                agent.report(
                    .responseHead(
                        id, status: head.status,
                        KeepAliveHint(timeoutSeconds: head.keepAliveTimeoutSeconds, max: head.keepAliveMax)))
                if isDetached { return }
            case .end(let persistence):
                let hasMore = offset < input.count && !Self.isBareLineEnd(input, from: offset)
                end = ended(persistence, otherwise: hasMore ? .unsolicitedBytes : nil)
                endedInThisTurn = true
                hasCarriedExchange = true
                return agent.exchangeEnded(self)
            case .unsolicited:
                if end == nil { agent.report(.bytesWhileIdle(id)) } else { endAlso(with: .unsolicitedBytes) }
                return
            case .failed:
                return agent.report(.exchangeFailed(id, .framingError, bytesReceived: bytesReceived))
            }
        }
    }

    /// A stray CRLF after a response is tolerated (RFC 9112 §2.2 lets servers be lenient the same way).
    private static func isBareLineEnd(_ input: UnsafeRawBufferPointer, from offset: Int) -> Bool {
        input.count - offset == 2 && input[offset] == 0x0D && input[offset + 1] == 0x0A
    }

    /// The response is complete. The next request may be put on this connection before the fact has been reported.
    private func ended(_ persistence: Persistence, otherwise: CloseReason?) -> AgentEvent {
        let isEarly = isSending || exchange?.isUploading == true
        exchange?.received(trailers: parser.takeTrailers())
        exchange = nil
        resumeReading()
        let closing = persistence.closeReason ?? otherwise ?? (isEarly ? .earlyResponse : nil)
        return .exchangeEnded(id, closing: closing, bytesReceived: bytesReceived)
    }

    /// Hands the end of the exchange over, once.
    func takeEnd() -> AgentEvent? {
        defer { end = nil }
        return end
    }

    func turnHasEnded() { endedInThisTurn = false }

    /// Something else came in the turn in which the exchange ended: the connection carries no other.
    private func endAlso(with reason: CloseReason) {
        guard case .exchangeEnded(let id, let closing, let bytes) = end else { return }
        end = .exchangeEnded(id, closing: closing ?? reason, bytesReceived: bytes)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    /// Nobody behind this handler wants to know.
    func channelReadComplete(context: ChannelHandlerContext) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            isHandshaking = false
            if !isDetached { agent.report(.handshakeCompleted(id, resumed: false)) }
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
        socket = nil
        guard !isDetached else { return }
        isDetached = true
        if end != nil { return endAlso(with: failure == .reset ? .peerReset : .peerClosedIdle) }
        if isHandshaking { return agent.lost(self, .handshakeFailed(id, handshakeFailure)) }
        let sawByte = parser.hasSeenByte
        switch parser.end(isCleanClose: failure == nil) {
        case .end(let persistence):
            agent.lost(self, ended(persistence, otherwise: .untilCloseBody))
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
private enum TCPState {
    static let closeWait: UInt8 = 8
}

extension NIOBSDSocket.Option {
    /// TCP_INFO read as one number: the state is its lowest byte.
    fileprivate static let tcpInfo = NIOBSDSocket.Option(rawValue: 11)
}
