import DNSWire
import HTTP1
import PoolModel

/// The connection policy of a server as observed by its probe. Nil always means not determined.
package struct ProbeFindings: Sendable, Equatable {
    /// Why a connection carries no second exchange. The raw value is the label in JSON.
    enum Refusal: String, Sendable, Equatable {
        /// `Connection: close` on the first response.
        case closeHeader
        /// HTTP/1.0 without `Connection: keep-alive`.
        case http10
        /// The body ends where the connection ends.
        case untilClose
        /// Ambiguous framing; no client should reuse such a connection.
        case suspectFraming
        /// 101.
        case upgraded
        /// It closes the connection without announcing it.
        case unannounced
    }

    struct DNS: Sendable, Equatable {
        var addresses: [IPAddress] = []
        /// The highest TTL observed, because caching resolvers count it down. nil if no DNS server was asked.
        var ttlSeconds: Int?
        /// How long a resolver may cache that a name does not exist.
        var negativeTTLSeconds: Int?
        var source: AnswerSource?
    }

    /// Medians in seconds, and the number of samples.
    struct Latency: Sendable, Equatable {
        var dns: Double?
        var connect: Double?
        var tls: Double?
        var firstByteNew: Double?
        var firstByteReused: Double?
        var newSamples = 0
        var reusedSamples = 0

        /// The time to the first byte when nothing is cached or open: lookup, connect, TLS and the wait. nil if there
        /// was no response.
        var newInAll: Double? {
            firstByteNew.map { $0 + (connect ?? 0) + (tls ?? 0) + (dns ?? 0) }
        }
    }

    var status: Int?
    /// `1.0`, `1.1`.
    var httpVersion: String?
    /// The protocol that the server chose when HTTP/2 was offered too.
    var alpn: String?
    var keepsConnections: Bool?
    var refusal: Refusal?
    /// It keeps none unless a request says `Connection: keep-alive`, as HTTP/1.0 has it; nil if it keeps them anyway.
    var keepsIfAsked: Bool?
    var hintTimeoutSeconds: Int?
    /// `Keep-Alive: max` in the first response on a connection. Some servers count it down and exclude that response
    /// (Apache), others always send their limit (Node).
    var hintMax: Int?
    /// It sends the hint only where the request says `Connection: keep-alive`; nil if it sends none, or was not asked.
    var hintNeedsAsking: Bool?
    /// It answered in HTTP/2, or agrees on nothing else in TLS.
    var speaksOnlyHTTP2 = false
    var idle: IdleFinding
    var requests: RequestFinding
    /// How the server closes connections: idle ones if any were closed, else those at the request limit, else any.
    var closes: ServerClose?
    var dns: DNS?
    var latency: Latency
    var addresses: [String] = []

    init(_ seen: ProbeObservations) {
        let responses = seen.openings.compactMap(\.exchange.value)
        alpn = seen.alpn
        idle = IdleFinding(seen.held, busy: seen.busy, gathering: seen.gathering)
        requests = RequestFinding(seen.runs, lifetimeSeconds: idle.lifetimeSeconds)
        // A connection that got few requests and then met their limit did not meet its age.
        if let busy = seen.busy, busy.responses == requests.limit {
            idle = IdleFinding(seen.held, gathering: seen.gathering)
        }
        latency = Self.latency(seen)
        dns = Self.dns(seen)
        for opening in seen.openings where !addresses.contains(opening.address) { addresses.append(opening.address) }
        if let head = responses.first?.head {
            status = head.status
            httpVersion = head.minorVersion == 0 ? "1.0" : "1.1"
        }
        (keepsConnections, refusal) = Self.keeping(seen, responses)
        // As with a run of requests, a reset while a request was on its way may have been FIN.
        let repeatCloses = seen.repeats.compactMap(\.failure?.close).filter { $0 != .reset }
        closes = idle.close ?? requests.close ?? seen.closeAfterLastResponse ?? repeatCloses.first
        let failures = seen.openings.compactMap(\.exchange.failure)
        let refusesHTTP1 = seen.failure == .tlsHandshakeFailed && seen.alpn == "h2"
        speaksOnlyHTTP2 = seen.failure != nil && (refusesHTTP1 || failures.contains(where: \.speaksHTTP2))
        readHints(responses, seen.askedToKeep)
    }

    private mutating func readHints(
        _ responses: [ProbeResponse], _ asked: [Result<ProbeResponse, ProbeFailure>]
    ) {
        let askedHead = asked.first?.value?.head
        let isPlain = responses.contains { $0.head.keepAliveTimeoutSeconds != nil || $0.head.keepAliveMax != nil }
        if isPlain {
            hintNeedsAsking = askedHead.map { _ in false }
        } else if let askedHead, askedHead.keepAliveTimeoutSeconds != nil || askedHead.keepAliveMax != nil {
            hintNeedsAsking = true
        }
        let heads = isPlain ? responses.map(\.head) : [askedHead].compactMap { $0 }
        hintTimeoutSeconds = heads.compactMap(\.keepAliveTimeoutSeconds).min()
        hintMax = heads.compactMap(\.keepAliveMax).min()
        guard keepsConnections == false else { return }
        let isKept = asked.count == 2 && asked.allSatisfy { $0.value != nil }
        keepsIfAsked = asked.isEmpty ? nil : isKept
    }

    /// A single second exchange proves keep-alive; its absence must be observed on every connection that was tested.
    private static func keeping(
        _ seen: ProbeObservations, _ responses: [ProbeResponse]
    ) -> (Bool?, Refusal?) {
        let hasCarriedTwo = seen.repeats.contains { $0.failure == nil } || seen.runs.contains { $0.responses > 1 }
        if hasCarriedTwo { return (true, nil) }
        if let refusal = responses.compactMap({ Refusal($0.persistence) }).first {
            return (false, refusal)
        }
        let failures = seen.repeats.compactMap(\.failure)
        let areAllClosed = failures.allSatisfy { $0.close != nil && !$0.sawByte }
        return failures.count > 1 && areAllClosed ? (false, .unannounced) : (nil, nil)
    }

    private static func dns(_ seen: ProbeObservations) -> DNS? {
        guard !seen.lookups.isEmpty else { return nil }
        var dns = DNS()
        for lookup in seen.lookups {
            switch lookup.outcome {
            case .addresses(let addresses, let ttlSeconds, let source):
                for address in addresses where !dns.addresses.contains(address) { dns.addresses.append(address) }
                dns.source = source
                if source == .dns { dns.ttlSeconds = max(dns.ttlSeconds ?? 0, Int(ttlSeconds)) }
            case .notFound(let ttlSeconds): dns.negativeTTLSeconds = Int(ttlSeconds)
            case .timeout, .serverFailure: break
            }
        }
        if case .notFound(let ttlSeconds) = seen.negativeLookup { dns.negativeTTLSeconds = Int(ttlSeconds) }
        return dns
    }

    private static func latency(_ seen: ProbeObservations) -> Latency {
        let asked = seen.lookups.filter { lookup in
            if case .addresses(_, _, .dns) = lookup.outcome { true } else { false }
        }
        let first = seen.openings.compactMap(\.exchange.value?.firstByteSeconds)
        return Latency(
            dns: median(asked.map(\.seconds)), connect: median(seen.openings.map(\.connectSeconds)),
            tls: median(seen.openings.compactMap(\.tlsSeconds)), firstByteNew: median(first),
            firstByteReused: median(seen.reusedFirstBytes), newSamples: first.count,
            reusedSamples: seen.reusedFirstBytes.count)
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension ProbeFindings.Refusal {
    /// nil if the connection may be reused.
    init?(_ persistence: Persistence) {
        switch persistence {
        case .reusable: return nil
        case .closeHeader: self = .closeHeader
        case .http10: self = .http10
        case .untilClose: self = .untilClose
        case .suspectFraming: self = .suspectFraming
        case .upgraded: self = .upgraded
        }
    }

    /// The text that follows "no: ".
    var sentence: String {
        switch self {
        case .closeHeader: "it says Connection: close"
        case .http10: "it speaks HTTP/1.0 without Connection: keep-alive"
        case .untilClose: "the body ends where the connection does (no Content-Length, no chunks)"
        case .suspectFraming: "its responses can be read in two ways (Content-Length and Transfer-Encoding)"
        case .upgraded: "it changes the protocol"
        case .unannounced: "it closes after the response without saying so"
        }
    }
}

extension Result {
    /// nil for a failure.
    var value: Success? {
        switch self {
        case .success(let value): value
        case .failure: nil
        }
    }

    /// nil for a success.
    var failure: Failure? {
        switch self {
        case .success: nil
        case .failure(let failure): failure
        }
    }
}
