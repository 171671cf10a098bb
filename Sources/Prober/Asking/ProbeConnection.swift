import HTTP1
import NIOCore
import NIOSSL
import PoolModel
import TLSWire

/// One connection of a probe, for use from any task. Every wait ends at once when its task is cancelled.
package final class ProbeConnection: Sendable {
    let address: String
    let connectSeconds: Double
    /// nil: no TLS.
    let tlsSeconds: Double?
    /// The protocol that TLS has agreed on; nil: none.
    let alpn: String?
    private let parts: NIOLoopBound<Parts>

    /// What a connection is made of, on its loop.
    struct Parts {
        var handler: ProbeHandler
        /// nil: no TLS.
        var witness: TLSWitnessHandler?
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

    /// One exchange; after `limit` at the latest the connection is given up.
    func exchange(_ request: RequestBytes, limit: Duration?) async -> Result<ProbeResponse, ProbeFailure> {
        let gone = ProbeFailure(cause: .cancelled)
        let future = loop.flatSubmit { [parts] in parts.value.handler.start(request, limit: limit) }
        switch await future.resultUnlessCancelled() {
        case .success(let outcome): return outcome
        case .failure, nil: return .failure(gone)
        }
    }

    /// How and when the server ended the connection; nil: it did not within `limit`, or the task was cancelled.
    func end(within limit: Duration) async -> ProbeHandler.End? {
        let future = loop.flatSubmit { [parts] in parts.value.handler.awaitEnd(within: limit) }
        return await future.resultUnlessCancelled()?.value ?? nil
    }

    /// Since the last response. Answered at once, also where the task is cancelled.
    func idleSeconds() async -> Double {
        let idle = loop.submit { [parts] in parts.value.handler.idleSeconds }
        // A loop that takes no task has ended, and with it the connection.
        do { return try await idle.get() } catch { return 0 }
    }

    /// What the handshake and the first exchange have shown; nil: no TLS.
    func tlsFacts() async -> ProbeObservations.TLS? {
        let facts = loop.submit { [parts] () -> ProbeObservations.TLS? in
            guard let witness = parts.value.witness else { return nil }
            let hello = witness.flight.hello
            return ProbeObservations.TLS(
                version: hello.map { TLSNames.version($0.version) }, cipher: hello.map { TLSNames.cipher($0.cipher) },
                offersResumption: witness.offersResumption,
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
