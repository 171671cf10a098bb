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

/// Idle limits, and the ways in which the server ends a connection.
extension ServerConnection {
    func becomeIdle() {
        phase = .awaiting
        if server.idleLimit != nil { idleSince = .now() }
    }

    /// Uses one timer per connection and limit rather than one per request. If it fires too early it is set again for
    /// the remaining time, which costs a busy connection one timer per `limit`.
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

    /// An orderly close: pending writes are sent, then FIN (after close_notify, for TLS).
    ///
    /// `lingers`: the client is still sending. Closing with unread bytes in the kernel would send a reset, which may
    /// overtake the response (RFC 9112 §9.6). Therefore only the sending side is closed, and the client's bytes are
    /// discarded until it notices.
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

    /// An abrupt end: FIN or reset on the bare transport, without close_notify.
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

    /// Completes when everything written so far was handed to the kernel, because closing would discard the rest.
    private func flushed(_ context: ChannelHandlerContext) -> EventLoopFuture<Void>.Isolated {
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
        return promise.futureResult.assumeIsolated()
    }

    /// The context below the TLS handler, where a close does not trigger close_notify.
    private func transport(of context: ChannelHandlerContext) -> ChannelHandlerContext {
        guard server.scenario.speaksTLS else { return context }
        // If the channel is already closing, the handler has been removed and the plain context is right.
        return (try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)) ?? context
    }

    /// Sends a complete response to no request, as a confused or hostile server might.
    func forge() {
        guard isIdle, let context else { return }
        let bytes = server.kit.response(to: RequestHead(), closes: false, served: served)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Closes an idle connection at once. On a busy one, the response carries `Connection: close`.
    func drain() {
        isDraining = true
        if isIdle { beginClose(lingers: false) }
    }
}
