import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Idleness, and the ways in which a connection ends from this side.
extension Connection {
    func becomeIdle() {
        phase = .awaiting
        if server.idleLimit != nil { idleSince = .now() }
    }

    /// One timer per connection and limit rather than one per request: when it fires too early it is set again for the
    /// rest, which costs a busy connection one timer per `limit`.
    func watchIdleness(after delay: TimeAmount) {
        idleTimer = context?.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            self?.checkIdleness()
        }
    }

    private func checkIdleness() {
        guard context != nil, let limit = server.idleLimit else { return }
        if case .closing = phase { return }
        guard isIdle else { return watchIdleness(after: limit) }
        let left = (idleSince + limit) - .now()
        if left > .zero {
            watchIdleness(after: left)
        } else {
            cut(server.scenario.idleDrop)
        }
    }

    /// The orderly end: what was written goes out, then FIN (with TLS a close_notify before it).
    ///
    /// `lingers`: the client is still sending. A close with unread bytes in the kernel would send a reset, which may
    /// overtake the response at the client (RFC 9112 §9.6); so only our half is closed, and its bytes are thrown away
    /// until it notices.
    func beginClose(lingers: Bool) {
        guard let context = startClosing() else { return }
        flushed(context).whenComplete { [weak self] _ in
            guard let self, let context = self.context else { return }
            guard lingers else { return context.close(promise: nil) }
            context.close(mode: .output, promise: nil)
            self.idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(Self.lingerSeconds)) {
                [weak self] in self?.context?.close(promise: nil)
            }
        }
    }

    /// The end without a word: FIN or reset on the bare transport, without close_notify.
    func cut(_ drop: Scenario.Drop) {
        guard let context = startClosing() else { return }
        flushed(context).whenComplete { [weak self] _ in
            guard let self, let context = self.context else { return }
            let transport = self.transport(of: context)
            guard drop == .reset, let socket = context.channel as? any SocketOptionProvider else {
                return transport.close(promise: nil)
            }
            // A linger time of zero makes close() send RST.
            socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in
                transport.close(promise: nil)
            }
        }
    }

    private func startClosing() -> ChannelHandlerContext? {
        if case .closing = phase { return nil }
        guard let context else { return nil }
        phase = .closing
        input = ByteBuffer()
        idleTimer?.cancel()
        server.beganClose(of: self)
        return context
    }

    /// Done when everything written before is with the kernel: a close would throw away what is not.
    private func flushed(_ context: ChannelHandlerContext) -> EventLoopFuture<Void>.Isolated {
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
        return promise.futureResult.assumeIsolated()
    }

    /// Where a close does not pass the TLS handler on its way out.
    private func transport(of context: ChannelHandlerContext) -> ChannelHandlerContext {
        guard server.scenario.scheme == .https else { return context }
        // The handler is gone when the channel is closing already; then the plain way is right too.
        return (try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)) ?? context
    }

    /// A complete response that answers nothing, as a confused or hostile server might push it.
    func forge() {
        guard isIdle, let context else { return }
        let bytes = server.kit.response(to: RequestHead(), closes: false, served: served)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Idle: ends now. Busy: the response says `Connection: close`.
    func drain() {
        isDraining = true
        if isIdle { beginClose(lingers: false) }
    }
}
