import Glibc
import HTTP1
import KeepAliveAgent
import NIOCore
import NIOSSL
import NIOTLS
import PoolModel

/// One connection on its loop: performs one exchange at a time, and records exactly when and how the connection ended.
///
/// It makes no decisions: the prober decides whether the connection is reused, how long it is held and what that means.
final class ProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Outcome = Result<ProbeResponse, ProbeFailure>

    /// The end of a connection by the server.
    struct End: Sendable, Equatable {
        /// nil if it sent unsolicited bytes and left the connection open.
        var close: ServerClose?
        /// Seconds since the last response, or since the connection was established if there was none. Where the server
        /// sent unsolicited bytes, until it did: from then on no request can be sent.
        var idleSeconds: Double
        /// The server sent unsolicited bytes.
        var spoke: Bool
    }

    private struct Exchange {
        var promise: EventLoopPromise<Outcome>
        var sentAt: NIODeadline
        var limit: Scheduled<Void>?
        var firstByteSeconds: Double?
        var head: ResponseHead?
        var bytes = 0
        /// The first bytes of the response, as many as tell HTTP/2.
        var start: [UInt8] = []
    }

    private struct Wait {
        var promise: EventLoopPromise<End?>
        var limit: Scheduled<Void>
    }

    /// nil without TLS.
    private let tls: TLSIdentity?
    weak var tlsHandler: NIOSSLClientHandler?
    /// Succeeds when a request can be sent; fails with a `ProbeFailure`.
    let ready: EventLoopPromise<Void>
    private(set) var isReady = false
    private(set) var connectedAt: NIODeadline?
    private(set) var readyAt: NIODeadline?
    /// The protocol negotiated by ALPN; nil if none was.
    private(set) var alpn: String?
    private(set) var bytesReceived = 0
    private(set) var isAwaitingFirstResponse = true

    private let loop: any EventLoop
    private var context: ChannelHandlerContext?
    private var parser = ResponseParser()
    private var exchange: Exchange?
    private var wait: Wait?
    private var end: End?
    private var isClosedByUs = false
    private var idleSince = NIODeadline.now()
    private var wasReset = false
    private var saidGoodbye = false
    /// How long the connection had been idle when unsolicited bytes arrived; nil if none did.
    private var spokeAfterSeconds: Double?
    /// Why TLS failed, according to the first error.
    private var tlsFailure: TLSFailure?

    init(tls: TLSIdentity?, ready: EventLoopPromise<Void>) {
        self.tls = tls
        self.ready = ready
        loop = ready.futureResult.eventLoop
    }

    var isTLS: Bool { tls != nil }
    var hasEnded: Bool { end != nil || saidGoodbye }
    var idleSeconds: Double { Self.seconds(since: idleSince) }

    private static func seconds(since start: NIODeadline) -> Double {
        Double((NIODeadline.now() - start).nanoseconds) / 1e9
    }

    // MARK: The prober's side

    /// Sends a request and completes with the outcome, within `limit`. Only one at a time.
    func start(_ request: ProbeRequest, limit: Duration?) -> EventLoopFuture<Outcome> {
        if let close = end?.close {
            return loop.makeSucceededFuture(.failure(ProbeFailure(cause: Self.cause(of: close), close: close)))
        }
        guard let context, !isClosedByUs else {
            return loop.makeSucceededFuture(.failure(ProbeFailure(cause: .cancelled)))
        }
        // Unsolicited bytes must not be mistaken for the response.
        guard exchange == nil, parser.isIdle else {
            return loop.makeSucceededFuture(.failure(ProbeFailure(cause: .framingError)))
        }
        let promise = loop.makePromise(of: Outcome.self)
        parser.start(request.kind)
        exchange = Exchange(promise: promise, sentAt: .now())
        exchange?.limit = limit.map { limit in
            loop.assumeIsolated().scheduleTask(in: .nanoseconds(limit.clampedNanoseconds)) { [weak self] in
                self?.fail(.requestTimeout)
                self?.close()
            }
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: request.bytes)), promise: nil)
        return promise.futureResult
    }

    /// Completes when the server has closed the connection, or with nil after `limit`. Only one at a time.
    func awaitEnd(within limit: Duration) -> EventLoopFuture<End?> {
        guard end == nil, !isClosedByUs else { return loop.makeSucceededFuture(end) }
        finishWait(nil)
        let promise = loop.makePromise(of: End?.self)
        let task = loop.assumeIsolated().scheduleTask(in: .nanoseconds(limit.clampedNanoseconds)) {
            [weak self] () -> Void in self?.finishWait(nil)
        }
        wait = Wait(promise: promise, limit: task)
        return promise.futureResult
    }

    /// Closes the connection from our side; all pending waits complete.
    func close() {
        guard !isClosedByUs else { return }
        isClosedByUs = true
        context?.close(promise: nil)
        finishWait(nil)
    }

    private func finishWait(_ end: End?) {
        guard let wait else { return }
        self.wait = nil
        wait.limit.cancel()
        wait.promise.succeed(end)
    }

    private func finish(_ outcome: Outcome) {
        guard let exchange else { return }
        self.exchange = nil
        exchange.limit?.cancel()
        isAwaitingFirstResponse = false
        idleSince = .now()
        exchange.promise.succeed(outcome)
    }

    private func fail(_ cause: FailureCause, close: ServerClose? = nil) {
        let reason = cause == .tlsHandshakeFailed ? tlsFailure : nil
        let speaksHTTP2 = HTTP2Preface.isServers(exchange?.start ?? [])
        finish(
            .failure(
                ProbeFailure(
                    cause: cause, tls: reason, sawByte: parser.hasSeenByte, speaksHTTP2: speaksHTTP2, close: close)))
    }

    // MARK: The channel's side

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        connectedAt = .now()
        if !isTLS { becomeReady() }
    }

    private func becomeReady() {
        isReady = true
        readyAt = .now()
        idleSince = .now()
        ready.succeed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? TLSUserEvent {
        case .handshakeCompleted(let negotiated):
            alpn = negotiated
            becomeReady()
        case .shutdownCompleted: saidGoodbye = true
        case nil: break
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        bytesReceived += bytes.readableBytes
        if exchange != nil {
            exchange?.bytes += bytes.readableBytes
            let missing = HTTP2Preface.length - (exchange?.start.count ?? 0)
            if missing > 0 { exchange?.start += bytes.readableBytesView.prefix(missing) }
            if let sentAt = exchange?.sentAt, exchange?.firstByteSeconds == nil {
                exchange?.firstByteSeconds = Self.seconds(since: sentAt)
            }
        }
        bytes.withUnsafeReadableBytes { parse($0) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {}

    private func parse(_ input: UnsafeRawBufferPointer) {
        var offset = 0
        while true {
            switch parser.next(input, &offset) {
            case .needMore: return
            case .informational, .body: continue
            case .head(let head): exchange?.head = head
            case .end(let persistence):
                succeed(persistence)
                // The protocol was changed, so the rest is not HTTP.
                if persistence == .upgraded { return close() }
            case .unsolicited:
                noteUnsolicited()
                return
            case .failed:
                fail(.framingError)
                return close()
            }
        }
    }

    /// A server that says something before it closes does so at once; one that does not leaves the connection open.
    private func noteUnsolicited() {
        guard spokeAfterSeconds == nil else { return }
        let seconds = idleSeconds
        spokeAfterSeconds = seconds
        loop.assumeIsolated().scheduleTask(in: .nanoseconds(Prober.closeLimit.clampedNanoseconds)) { [weak self] in
            guard let self, end == nil, !isClosedByUs else { return }
            let ended = End(close: nil, idleSeconds: seconds, spoke: true)
            end = ended
            finishWait(ended)
        }
    }

    private func succeed(_ persistence: Persistence) {
        guard let exchange, let head = exchange.head else { return }
        finish(
            .success(
                ProbeResponse(
                    head: head, persistence: persistence, firstByteSeconds: exchange.firstByteSeconds ?? 0,
                    bytes: exchange.bytes)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // EPIPE is the answer to bytes that were sent after the server had closed the connection in whatever way.
        if let error = error as? IOError, error.errnoCode != EPIPE { wasReset = true }
        guard let tls, tlsFailure == nil else { return }
        // In TLS 1.3 a server requests a missing client certificate only after the client considers the handshake
        // complete.
        if isReady, error is IOError || error as? NIOSSLError == .uncleanShutdown { return }
        tlsFailure = tls.failure(of: error, in: tlsHandler)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let close: ServerClose = saidGoodbye ? .closeNotify : wasReset ? .reset : .fin
        if !isReady {
            let reason = isTLS ? tlsFailure ?? .closed : nil
            return ready.fail(ProbeFailure(cause: reason?.cause ?? Self.cause(of: close), tls: reason, close: close))
        }
        guard !isClosedByUs else { return fail(.cancelled) }
        if tlsFailure != nil { fail(.tlsHandshakeFailed, close: close) }
        let ended = End(
            close: close, idleSeconds: spokeAfterSeconds ?? idleSeconds, spoke: spokeAfterSeconds != nil)
        end = ended
        switch parser.end(isCleanClose: close != .reset && (!isTLS || close == .closeNotify)) {
        case .end(let persistence): succeed(persistence)
        case .failed(.incompleteBody): fail(close == .reset ? .peerReset : .incompleteBody, close: close)
        case .needMore, .informational, .head, .body, .unsolicited, .failed:
            fail(Self.cause(of: close), close: close)
        }
        finishWait(ended)
    }

    private static func cause(of close: ServerClose) -> FailureCause { close == .reset ? .peerReset : .peerClosed }
}
