import HTTP1
import NIOCore
import NIOSSL
import PoolModel
import TLSWire

/// One connection of a probe, usable from any task. Every wait ends at once if its task is cancelled.
package final class ProbeConnection: Sendable {
    let address: String
    let connectSeconds: Double
    /// nil without TLS.
    let tlsSeconds: Double?
    /// The protocol negotiated by ALPN; nil if none was.
    let alpn: String?
    private let parts: NIOLoopBound<Parts>

    /// The objects that make up a connection, on its loop.
    struct Parts {
        var handler: ProbeHandler
        /// nil without TLS.
        var observer: TLSRecordObserver?
        var tls: NIOSSLClientHandler?
    }

    init(_ parts: NIOLoopBound<Parts>, at address: String, startedAt: NIODeadline) {
        self.address = address
        self.parts = parts
        let handler = parts.value.handler
        let connectedAt = handler.connectedAt ?? startedAt
        connectSeconds = (connectedAt - startedAt).asSeconds
        tlsSeconds = handler.isTLS ? handler.readyAt.map { ($0 - connectedAt).asSeconds } : nil
        alpn = handler.alpn
    }

    private var loop: any EventLoop { parts.eventLoop }

    /// Performs one exchange. The connection is closed if it takes longer than `limit`.
    func exchange(_ request: ProbeRequest, limit: Duration?) async -> Result<ProbeResponse, ProbeFailure> {
        let gone = ProbeFailure(cause: .cancelled)
        let future = loop.flatSubmit { [parts] in parts.value.handler.start(request, limit: limit) }
        switch await future.resultUnlessCancelled() {
        case .success(let outcome): return outcome
        case .failure, nil: return .failure(gone)
        }
    }

    /// How and when the server closed the connection; nil if it did not within `limit`, or the task was cancelled.
    func end(within limit: Duration) async -> ProbeHandler.End? {
        let future = loop.flatSubmit { [parts] in parts.value.handler.awaitEnd(within: limit) }
        return await future.resultUnlessCancelled()?.value ?? nil
    }

    /// Seconds since the last response. Returns at once, even if the task is cancelled.
    func idleSeconds() async -> Double {
        let idle = loop.submit { [parts] in parts.value.handler.idleSeconds }
        // A loop that accepts no task has ended, and the connection with it.
        do { return try await idle.get() } catch { return 0 }
    }

    /// The TLS properties observed in the handshake and the first exchange; nil without TLS.
    func tlsFacts() async -> ProbeObservations.TLS? {
        let facts = loop.submit { [parts] () -> ProbeObservations.TLS? in
            guard let observer = parts.value.observer else { return nil }
            let hello = observer.flight.hello
            return ProbeObservations.TLS(
                version: hello.map { TLSNames.version($0.version) }, cipher: hello.map { TLSNames.cipher($0.cipher) },
                offersResumption: observer.offersResumption,
                certificateEnd: parts.value.tls?.peerCertificate.map { Double($0.notValidAfter) })
        }
        return await facts.resultUnlessCancelled()?.value ?? nil
    }

    func close() {
        loop.execute { [parts] in parts.value.handler.close() }
    }
}

extension TimeAmount {
    fileprivate var asSeconds: Double { Double(nanoseconds) / 1e9 }
}
