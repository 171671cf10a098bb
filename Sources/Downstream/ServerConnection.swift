import NIOCore

/// One accepted connection: reads requests, answers them in order.
///
/// ```
/// awaiting ──head──► receiving ──end──► answering ──sent──► awaiting        (kept)
///     │                                     └──────────────► closing ──► gone
///     └── idle limit, drain, refusal, fault ───────────────► closing
/// ```
/// While a response waits for its time, later requests stay unparsed in `input` (pipelining, RFC 9112 §9.3.2); above
/// `maxWaitingBytes` reading stops.
final class ServerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Handshake { case full, resumed }

    enum Phase {
        /// Between exchanges.
        case awaiting
        /// The head was read, the rest of the body is expected. `isAnswered`: the response was sent early.
        case receiving(RequestHead, Route, isAnswered: Bool)
        /// The response waits for its time, or is being sent in parts.
        case answering(Route)
        /// This side is closing; further input is read and discarded.
        case closing
    }

    static let maxWaitingBytes = 256 << 10
    /// How long to keep reading after closing, for a client that is still sending (RFC 9112 §9.6).
    static let lingerSeconds: Int64 = 2

    let server: Server
    /// Index into the scenario's addresses.
    let address: Int
    /// Index into the server's connections.
    var index = 0
    var served = 0
    var isControlOnly = false
    var handshake: Handshake?
    /// The next response carries `Connection: close`.
    var isDraining = false
    var phase = Phase.awaiting
    var context: ChannelHandlerContext?
    var input = ByteBuffer()
    private var parser = RequestParser()
    private var body = ByteBuffer()
    private var isWritable = true
    private var isReading = true
    private var isAdvancing = false
    private var answerTimer: Scheduled<Void>?
    var idleTimer: Scheduled<Void>?
    var idleSince = NIODeadline.uptimeNanoseconds(0)

    init(server: Server, address: Int) {
        self.server = server
        self.address = address
    }

    /// Ready for a request: no exchange is in progress and no byte of another has arrived.
    var isIdle: Bool {
        guard case .awaiting = phase, !server.scenario.speaksTLS || handshake != nil else { return false }
        return parser.isBetweenRequests && input.readableBytes == 0
    }

    /// True while serving a control request.
    var isServingControl: Bool {
        switch phase {
        case .answering(let route), .receiving(_, let route, isAnswered: _): route.isControl
        case .awaiting, .closing: false
        }
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        server.joined(self)
        becomeIdle()
        if let limit = server.idleLimit { watchIdleness(after: limit) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        answerTimer?.cancel()
        idleTimer?.cancel()
        server.left(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .closing = phase { return }
        var bytes = unwrapInboundIn(data)
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeBuffer(&bytes)
        }
        advance(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        guard isWritable else { return }
        advance(context)
        // Flush explicitly: if all requests have already arrived, no further read will flush the responses.
        context.flush()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let witnessed = event as? Handshake {
            server.shookHands(self, witnessed)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // After a reset by the client or a TLS alert, nothing can be sent any more.
        context.close(promise: nil)
    }

    // MARK: Requests in

    private func advance(_ context: ChannelHandlerContext) {
        // A write can change the writability and re-enter this function; the outer call continues anyway.
        if isAdvancing { return }
        isAdvancing = true
        defer { isAdvancing = false }
        parsing: while isWritable, self.context != nil {
            switch phase {
            case .awaiting, .receiving: break
            case .answering, .closing: break parsing
            }
            switch parser.next(&input) {
            case .needsMore: break parsing
            case .head(let head): begin(head, context)
            case .body(let part): keep(part)
            case .end: endRequest(context)
            case .rejected(let status): refuse(status, context)
            }
        }
        // Returns the storage to the channel's read buffer.
        if input.readableBytes == 0 { input = ByteBuffer() }
        let shouldRead = input.readableBytes < Self.maxWaitingBytes
        if shouldRead != isReading {
            isReading = shouldRead
            context.channel.setOption(.autoRead, value: shouldRead).assumeIsolated().whenFailure {
                context.fireErrorCaught($0)
            }
        }
    }

    private func begin(_ head: RequestHead, _ context: ChannelHandlerContext) {
        let route = head.targetIsRoot ? .ordinary : Route(head)
        server.received(route, on: self)
        guard head.body != .none else { return respond(to: head, route, context) }
        phase = .receiving(head, route, isAnswered: route == .early)
        if route == .early {
            let closes = closesAfter(head)
            send(server.answer(server.plan(route), to: head, body: body, closes: closes, served: served), route)
            if case .closing = phase { return }
            phase = .receiving(head, route, isAnswered: true)
        } else if head.expectsContinue, input.readableBytes == 0 {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        }
    }

    private func keep(_ part: ByteBuffer) {
        guard case .receiving(_, .echo, isAnswered: _) = phase else { return }
        body.writeImmutableBuffer(part)
    }

    private func endRequest(_ context: ChannelHandlerContext) {
        guard case .receiving(let head, let route, let isAnswered) = phase else { return }
        guard !isAnswered else { return becomeIdle() }
        respond(to: head, route, context)
    }

    private func refuse(_ status: Int, _ context: ChannelHandlerContext) {
        server.rejected(status)
        write(server.refusal(status).bytes)
        beginClose(lingers: true)
    }

    func closesAfter(_ head: RequestHead) -> Bool {
        !head.keepsAlive || server.scenario.alwaysCloses || isDraining
            || served >= server.scenario.requestsPerConnection ?? .max
    }

    // MARK: Answers out

    private func respond(to head: RequestHead, _ route: Route, _ context: ChannelHandlerContext) {
        phase = .answering(route)
        if route.isControl { return serveControl(head, route) }
        let plan = server.plan(route)
        guard plan.delay > 0 else { return send(plan, to: head) }
        after(plan.delay) { $0.send(plan, to: head) }
    }

    func send(_ plan: Server.Plan, to head: RequestHead) {
        let closes = closesAfter(head)
        send(server.answer(plan, to: head, body: body, closes: closes, served: served), plan.route)
    }

    func send(_ answer: Answer, _ route: Route) {
        server.answered(answer.status, route)
        if body.readableBytes > 0 { body = ByteBuffer() }
        if answer.bytes.readableBytes > 0 { write(answer.bytes) }
        guard answer.pieces.isEmpty else { return sendPieces(answer.pieces[...], answer) }
        finish(answer.ending)
    }

    private func sendPieces(_ pieces: ArraySlice<ByteBuffer>, _ answer: Answer) {
        context?.flush()
        guard let piece = pieces.first else {
            finish(answer.ending)
            return resume()
        }
        after(max(answer.gap, 1)) {
            $0.write(piece)
            $0.sendPieces(pieces.dropFirst(), answer)
        }
    }

    private func finish(_ ending: Answer.Ending) {
        switch ending {
        case .keep: becomeIdle()
        // Unread bytes would turn the FIN into a reset, and the response could be lost.
        case .close: beginClose(lingers: input.readableBytes > 0 || !parser.isBetweenRequests)
        case .cut(let drop): cut(drop)
        // The connection stays in the phase `answering`.
        case .hang: break
        }
    }

    private func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

    /// Continues after a response that was sent outside of `advance`.
    func resume() {
        guard let context else { return }
        context.flush()
        advance(context)
        context.flush()
    }

    private func after(_ nanoseconds: Int64, _ action: @escaping (ServerConnection) -> Void) {
        answerTimer?.cancel()
        answerTimer = context?.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds)) { [weak self] in
            guard let self, self.context != nil else { return }
            action(self)
            self.resume()
        }
    }
}
