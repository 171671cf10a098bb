import DNSWire
import HTTP1
import PoolModel

@testable import Prober
@testable import SessionConfig

/// Observations of a probe as tests need them.
enum ProbeFixture {
    typealias Held = ProbeObservations.Held
    typealias Run = ProbeObservations.Run

    static func response(
        status: Int = 200, minorVersion: Int = 1, persistence: Persistence = .reusable, timeout: Int? = nil,
        max: Int? = nil, firstByte: Double = 0.004
    ) -> ProbeResponse {
        ProbeResponse(
            head: ResponseHead(
                status: status, minorVersion: minorVersion, bodyLength: .exact(5), persistence: persistence,
                keepAliveTimeoutSeconds: timeout, keepAliveMax: max),
            persistence: persistence, firstByteSeconds: firstByte, bytes: 100)
    }

    static func opening(
        _ response: ProbeResponse = response(), connect: Double = 0.001, tls: Double? = nil,
        address: String = "127.0.0.1:8080"
    ) -> ProbeObservations.Opening {
        ProbeObservations.Opening(
            address: address, connectSeconds: connect, tlsSeconds: tls, exchange: .success(response))
    }

    static func held(_ seconds: Double, _ fate: Held.Fate) -> Held {
        Held(address: "127.0.0.1:8080", idleSeconds: seconds, fate: fate)
    }

    static func closed(_ ages: [Double], _ close: ServerClose = .fin) -> [Held] {
        ages.map { held($0, .closed(close, spoke: false)) }
    }

    /// A server that keeps connections, without anything else known of it.
    static func keeping(
        _ response: ProbeResponse = response(), held: [Held] = [], heldSeconds: Double? = 70, runs: [Run] = []
    ) -> ProbeObservations {
        var seen = ProbeObservations()
        seen.openings = [opening(response)]
        seen.repeats = [.success(response)]
        seen.held = held
        seen.heldSeconds = heldSeconds
        seen.runs = runs
        return seen
    }

    static let address = IPAddress(v4: 0x7F00_0001)

    static func lookup(ttl: UInt32, _ source: AnswerSource = .dns) -> ProbeObservations.Lookup {
        ProbeObservations.Lookup(outcome: .addresses([address], ttlSeconds: ttl, source: source), seconds: 0.002)
    }

    /// An HTTPS server with all there is to tell.
    static var full: ProbeObservations {
        var seen = keeping(
            response(timeout: 5, max: 100), held: closed([4.0, 4.01, 4.02], .closeNotify) + [held(2, .answered)],
            heldSeconds: 4.5,
            runs: [
                Run(responses: 100, end: .announced, close: .closeNotify),
                Run(responses: 100, end: .announced, close: .closeNotify),
            ])
        seen.startedAt = 1_795_000_000
        seen.durationSeconds = 4.75
        seen.openings = [
            opening(response(timeout: 5, max: 100), tls: 0.008, address: "10.0.0.7:443"),
            opening(response(timeout: 5, max: 100, firstByte: 0.006), tls: 0.010, address: "10.0.0.8:443"),
            opening(response(timeout: 5, max: 100, firstByte: 0.005), tls: 0.009, address: "10.0.0.7:443"),
        ]
        seen.reusedFirstBytes = [0.003, 0.002, 0.001]
        seen.lookups = [lookup(ttl: 20), lookup(ttl: 30), lookup(ttl: 28)]
        seen.negativeLookup = .notFound(ttlSeconds: 5)
        seen.alpn = "h2"
        seen.tls = ProbeObservations.TLS(
            version: "1.3", cipher: "TLS_AES_128_GCM_SHA256", offersResumption: true, certificateEnd: 1_800_000_000)
        return seen
    }

    static func result(_ seen: ProbeObservations, url: String = "http://ledger.test:8080/x") throws -> ProbeResult {
        let url = try TargetURL.parse(url)
        return ProbeResult(method: "GET", name: url.authority, url: url, requestBound: 1000, seen: seen)
    }
}
