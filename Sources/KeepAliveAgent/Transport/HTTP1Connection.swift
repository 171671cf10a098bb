import AgentCore
import HTTP1
import NIOCore
import PoolModel

/// The HTTP/1 side of one connection: request bytes out, response framing in.
///
/// It holds no queue and makes no promise for a request: the machine gives it one exchange at a time. After `close` it
/// reports nothing more. Confined to the agent's loop.
final class HTTP1Connection {
    let id: ConnectionID
    let isTLS: Bool
    /// False: a unix socket.
    private let isTCP: Bool
    private let receiver: any ConnectionReceiver
    /// nil before the connection is there and after its end.
    private var transport: (any Transport)?
    /// The socket, while it is open; it belongs to the transport.
    private var socket: CInt?
    // These are touched for every piece received, each by one statement at a time and on one thread: the check for
    // overlapping access would cost more than the access.
    @exclusivity(unchecked) private var parser = ResponseParser()
    /// How the exchange ended in this turn of the loop; nil: it did not, or the agent knows.
    @exclusivity(unchecked) private var end: AgentEvent?
    /// The receiver of the response in progress; nil: nobody wants it, and it is read and dropped.
    @exclusivity(unchecked) private var exchange: (any ResponseReceiver)?
    private var isDetached = false
    /// An exchange has ended in this turn: the loop has asked the kernel about this connection a moment ago.
    private var endedInThisTurn = false
    private var hasCarriedExchange = false
    private var isHandshaking: Bool
    private var failure: ConnectionEnd?
    /// Why TLS failed, as the first error said.
    private var tlsFailure: TLSFailure?
    /// Counts for the exchange in progress.
    private var bytesReceived = 0
    private var roundTrip: Nanoseconds = 0
    private var isReadInSweeps = false
    /// When the request was written, on a connection that had carried another.
    @exclusivity(unchecked) private var writtenAt = Moment.zero
    /// Bytes of the request handed over so far, as long as no byte of its answer has come; zero: nothing to check.
    @exclusivity(unchecked) private var unanswered = 0
    /// The request may still be on its way out.
    private var isSending = false
    /// The remaining bytes that may be read of an abandoned body; nil if none was abandoned.
    private var drainBudget: Int?
    private var isReadingPaused = false
    @exclusivity(unchecked) private var silence = SilenceWatch()
    /// The agent wants to see the head of the response in progress.
    private var wantsHead = false

    /// An abandoned body longer than this costs more than a new connection.
    static let drainLimit = 64 * 1024

    /// A request longer than this is not judged by what is acknowledged of it where TLS has made it longer still.
    private static let judgedTLSBytes = 16 * 1024

    init(id: ConnectionID, receiver: any ConnectionReceiver, isTLS: Bool, isTCP: Bool) {
        self.id = id
        self.receiver = receiver
        self.isTLS = isTLS
        self.isTCP = isTCP
        isHandshaking = isTLS
    }

    // MARK: The agent's side

    /// Returns how many bytes it wrote.
    func write(
        _ request: RequestTemplate, sendClose: Bool, for exchange: (any ResponseReceiver)?, wantsHead: Bool
    ) -> Int {
        parser.start(request.kind, keepsHead: exchange != nil || wantsHead)
        self.exchange = exchange
        self.wantsHead = wantsHead
        bytesReceived = 0
        silence.begin()
        drainBudget = nil
        if let body = request.body, !request.holdsBody {
            let head = request.withHead(sendClose: sendClose) { ByteBuffer(bytes: $0) }
            noteSent(head.readableBytes + body.readableBytes)
            send(head, body)
            return head.readableBytes + body.readableBytes
        }
        return request.withHead(sendClose: sendClose) { head in
            noteSent(head.count)
            let sent = sendAtOnce(head)
            if sent < head.count { send(ByteBuffer(bytes: head[sent...]), nil) }
            return head.count
        }
    }

    private func noteSent(_ count: Int) {
        guard hasCarriedExchange, isTCP, !isTLS || count <= Self.judgedTLSBytes else { return }
        unanswered = count
        writtenAt = receiver.now
    }

    /// Gives the bytes to the kernel without a detour over the transport's queue, which is empty whenever a request is
    /// put on the connection. Returns how many were taken: none where the connection is dead, which the transport then
    /// finds out in the usual way.
    private func sendAtOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let socket, !isTLS else { return 0 }
        return max(0, Kernel.send(socket, bytes))
    }

    private func send(_ first: ByteBuffer, _ second: ByteBuffer?) {
        if let transport, !transport.send(first, second) { isSending = true }
    }

    func probe(afterSilence silence: Duration) {
        if let socket { Kernel.probe(socket, afterSilence: silence) }
    }

    func close() {
        isDetached = true
        socket = nil
        transport?.close()
        transport = nil
    }

    // MARK: The exchange's side

    var isWritable: Bool { transport?.isWritable ?? false }

    /// A part of a request's body.
    func writeBody(_ part: ByteBuffer, isLast: Bool) {
        if unanswered > 0 { unanswered += part.readableBytes }
        send(part, nil)
        receiver.report(.requestBodyWritten(id, bytes: part.readableBytes, isLast: isLast))
    }

    /// Its caller has given the body up.
    func abandonBody(canDrain: Bool) { receiver.send(.bodyAbandoned(id, canDrain: canDrain)) }

    /// The response cannot be delivered, or the request not be sent to its end.
    func fail(_ cause: FailureCause) { receiver.send(.exchangeFailed(id, cause, bytesReceived: bytesReceived)) }

    /// The exchange has ended; what still comes of its response nobody wants.
    func release(_ exchange: any ResponseReceiver) {
        guard self.exchange === exchange else { return }
        self.exchange = nil
        resumeReading()
    }

    func resumeReading() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        silence.moved(receiver.now)
        receiver.readingHeld(false, on: id)
        transport?.setReading(true)
    }

    /// Since when nothing has moved, for which the server is to blame.
    func measureSilence() {
        let sight: SilenceWatch.Sight =
            if isReadingPaused {
                .callerPauses
            } else if !silence.isInBody, isSending, let transport {
                .unsent(transport.unsentBytes)
            } else if !silence.isInBody, exchange?.isUploading == true {
                .callerPauses
            } else {
                .nothing
            }
        receiver.report(.silenceMeasured(id, since: silence.measure(sight, receiver.now)))
    }

    private func pauseReading() {
        guard !isReadingPaused else { return }
        isReadingPaused = true
        receiver.readingHeld(true, on: id)
        transport?.setReading(false)
    }

    /// Reads the rest of an abandoned body, up to the limit.
    func drainBody() { drainBudget = Self.drainLimit }

    /// False: more than the limit was left, and the connection is closed.
    private func drained(_ count: Int) -> Bool {
        guard let budget = drainBudget else { return true }
        drainBudget = budget - count
        if budget < count { receiver.report(.bodyAbandoned(id, canDrain: false)) }
        return !isDetached
    }

    /// One non-blocking look at a connection that is used again: FIN, reset, or bytes that nobody asked for.
    ///
    /// A connection that is handed on in the turn in which its response was read needs none: the read emptied it, and
    /// the loop knows of a FIN. Nor does a plain one if the kernel was just asked about all of them. What comes in the
    /// microseconds since could as well come in those after a look. Only a request that cannot be sent again is worth a
    /// look even then.
    ///
    /// The same holds for TLS from the second exchange on: session tickets come after the handshake and are read with
    /// the first response, so what is unread later is a close_notify or a record that would be taken for an answer.
    func look(isRepeatable: Bool, hasAskedKernel: Bool) -> DeadOnLook? {
        guard let socket else { return .finished }
        if isTLS && !hasCarriedExchange { return nil }
        if isRepeatable, endedInThisTurn || hasAskedKernel && !isTLS { return nil }
        switch Kernel.peek(socket) {
        case .nothing: return nil
        case .end: return .finished
        case .failure: return .reset
        case .bytes: return isTLS && Kernel.isHalfClosed(socket) ? .finished : .bytes
        }
    }

    // MARK: The transport's side

    /// The transport has a socket.
    func opened(_ transport: any Transport, socket: CInt?, isReadInSweeps: Bool) {
        self.transport = transport
        self.socket = socket
        self.isReadInSweeps = isReadInSweeps
    }

    func connected(leastRoundTrip: Nanoseconds) {
        if isTCP, let socket { roundTrip = max(leastRoundTrip, Kernel.roundTrip(socket)) }
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        if isDetached { return }
        bytesReceived += bytes.count
        if silence.isInBody {
            silence.moved(receiver.now)
            receiver.heard(on: id)
        }
        if unanswered > 0, !mayAnswer() {
            return receiver.report(
                .connectionEnded(
                    id, .unsolicited, cause: .framingError, sawByte: false, bytesReceived: bytesReceived))
        }
        parse(bytes)
    }

    /// False: the first bytes that came since the request cannot be its answer, because the server's kernel has not
    /// acknowledged a single byte of it. Every segment acknowledges what its sender had received, so an answer never
    /// comes without: those bytes were on their way before, like the 408 of a server that is about to close, or a
    /// second answer to the request before.
    ///
    /// Such bytes are here within a round trip of the write, so that the kernel (0.3 µs) is asked only then.
    /// Not on a fresh connection, where nothing can be left over, and not of unix sockets, whose kernel counts otherwise.
    private func mayAnswer() -> Bool {
        defer { unanswered = 0 }
        guard let socket, let transport else { return true }
        let now = isReadInSweeps ? receiver.sweptAt : LoopClock().now
        guard now - writtenAt < roundTrip else { return true }
        let sent = unanswered - transport.unsentBytes
        return sent <= 0 || Kernel.unacknowledged(socket) < sent
    }

    private func parse(_ input: UnsafeRawBufferPointer) {
        var offset = 0
        while true {
            switch parser.next(input, &offset) {
            case .needMore:
                if !silence.isInBody { receiver.heard(on: id) }
                if exchange?.readEnded() == true { pauseReading() }
                return
            case .informational(let status):
                exchange?.receivedInformational(status)
            case .body(let range):
                if let exchange {
                    exchange.received(UnsafeRawBufferPointer(rebasing: input[range]))
                } else if !drained(range.count) {
                    return
                }
            case .head(let head):
                silence.bodyBegan()
                if exchange != nil || wantsHead { tell(head, parser.takeHead()) }
                receiver.report(
                    .responseHead(
                        id, status: head.status,
                        KeepAliveHint(timeoutSeconds: head.keepAliveTimeoutSeconds, max: head.keepAliveMax)))
                if isDetached { return }
            case .end(let persistence):
                let hasMore = offset < input.count && !Self.isBareLineEnd(input, from: offset)
                end = ended(persistence, otherwise: hasMore ? .unsolicitedBytes : nil)
                endedInThisTurn = true
                hasCarriedExchange = true
                return receiver.exchangeEnded(self)
            case .unsolicited:
                if end == nil { receiver.report(.bytesWhileIdle(id)) } else { endAlso(with: .unsolicitedBytes) }
                return
            case .failed:
                return receiver.report(.exchangeFailed(id, .framingError, bytesReceived: bytesReceived))
            }
        }
    }

    private func tell(_ head: ResponseHead, _ fields: HeadFields) {
        if wantsHead { receiver.headSeen(head.status, fields, on: id) }
        exchange?.received(head, fields)
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

    /// All that was handed over is with the kernel.
    func everythingSent() {
        isSending = false
        silence.moved(receiver.now)
    }

    func becameWritable() { exchange?.becameWritable() }

    func handshakeCompleted() {
        isHandshaking = false
        if !isDetached { receiver.report(.handshakeCompleted(id, resumed: false)) }
    }

    /// Records the error before the connection ends because of it.
    func failed(_ error: any Error, _ reason: TLSFailure?) {
        if isHandshaking {
            tlsFailure = tlsFailure ?? reason
        } else if let reason, reason.isAboutClientCertificate {
            // The server judges the client's certificate when TLS 1.3 counts the handshake as done.
            (tlsFailure, failure) = (reason, .tls(reason))
        } else if parser.isIdle, TLSIdentity.isMissingCloseNotify(error) {
            // Nothing can have been cut off (RFC 9112 §9.8): an idle limit like any other, which can be learned.
        } else {
            failure = error is IOError ? .reset : .tls(nil)
        }
    }

    func wasReset() { failure = .reset }

    /// The connection has ended.
    func closed() {
        socket = nil
        transport = nil
        guard !isDetached else { return }
        isDetached = true
        if end != nil { return endAlso(with: failure == .reset ? .peerReset : .peerClosedIdle) }
        if isHandshaking { return receiver.lost(self, .handshakeFailed(id, tlsFailure ?? .closed)) }
        if tlsFailure != nil {
            return receiver.lost(self, ended(cause: .tlsHandshakeFailed, sawByte: parser.hasSeenByte))
        }
        let sawByte = parser.hasSeenByte
        switch parser.end(isCleanClose: failure == nil) {
        case .end(let persistence):
            receiver.lost(self, ended(persistence, otherwise: .untilCloseBody))
        case .failed(.incompleteBody):
            receiver.lost(self, ended(cause: failure == .reset ? .peerReset : .incompleteBody, sawByte: sawByte))
        case .needMore, .informational, .body, .head, .unsolicited, .failed:
            receiver.lost(self, ended(cause: failure == .reset ? .peerReset : .peerClosed, sawByte: sawByte))
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
