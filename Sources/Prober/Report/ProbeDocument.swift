import DNSWire
import PlainDocuments
import PoolModel
import SessionConfig

/// A probe as JSON, schema `pooltop.probe/1`. Undetermined values are null; durations are in seconds.
extension ProbeResult {
    var document: JSONValue {
        let findings = findings
        let idle = findings.idle
        let requests = findings.requests
        return .object([
            "schema": .string("pooltop.probe/1"), "version": .string(ProductVersion.current),
            "startedAt": .string(Timestamp.text(seen.startedAt)), "durationSeconds": .number(seen.durationSeconds),
            "name": .string(name), "url": .string(url.shown), "method": .string(method),
            "insecure": .bool(tlsWeakness.isInsecure),
            "oldTLS": .string(tlsWeakness.oldVersion),
            "interrupted": .bool(seen.wasInterrupted), "error": .string(seen.failure?.rawValue),
            "tlsFailure": .string(seen.tlsFailure?.rawValue),
            "addresses": .array(findings.addresses.map { .string($0) }),
            "unreachable": .array(
                seen.unreachable.map { item in
                    .object(["address": .string(item.address), "error": .string(item.cause.rawValue)])
                }),
            "status": .integer(findings.status), "httpVersion": .string(findings.httpVersion),
            "alpn": .string(findings.alpn),
            "keepsConnections": findings.keepsConnections.map { .bool($0) } ?? .null,
            "keepsNotBecause": .string(findings.refusal?.rawValue), "idleLimitSeconds": .number(idle.limitSeconds),
            "lifetimeSeconds": .number(idle.lifetimeSeconds), "maxIdleConnections": .integer(idle.maxConnections),
            "hintTimeoutSeconds": .integer(findings.hintTimeoutSeconds), "hintMax": .integer(findings.hintMax),
            "hintNeedsAsking": findings.hintNeedsAsking.map { .bool($0) } ?? .null,
            "keepsIfAsked": findings.keepsIfAsked.map { .bool($0) } ?? .null,
            "speaksOnlyHTTP2": .bool(findings.speaksOnlyHTTP2),
            "maxRequestsPerConnection": .integer(requests.limit), "closes": .string(findings.closes?.rawValue),
            "idle": idleDocument(idle), "requests": requestsDocument(requests), "tls": tlsDocument,
            "dns": Self.dnsDocument(findings.dns), "latency": Self.latencyDocument(findings.latency),
            "advice": adviceDocument,
        ])
    }

    private func idleDocument(_ idle: IdleFinding) -> JSONValue {
        guard let held = seen.heldSeconds else { return .null }
        return .object([
            "heldSeconds": .number(held), "closed": .integer(idle.closedCount),
            "closedFirstSeconds": .number(idle.closedAges?.lowerBound),
            "closedLastSeconds": .number(idle.closedAges?.upperBound),
            "answeredAfterSeconds": .number(idle.answeredSeconds), "deadAfterSeconds": .number(idle.failedSeconds),
            "connections": .array(
                seen.held.map { held in
                    .object([
                        "address": .string(held.address), "idleSeconds": .number(held.idleSeconds),
                        "end": .string(held.fate.label), "error": .string(held.fate.error),
                        "idleFromSeconds": .number(held.idleFromSeconds), "part": .string(held.part.rawValue),
                    ])
                }),
            "spreadSeconds": .number(idle.spreadSeconds), "busy": seen.busy.map(Self.runDocument) ?? .null,
            "gathering": seen.gathering.map {
                .object(["opened": .integer($0.opened), "kept": .integer($0.kept)])
            } ?? .null,
        ])
    }

    private static func runDocument(_ run: ProbeObservations.Run) -> JSONValue {
        .object([
            "responses": .integer(run.responses), "end": .string(run.end.label), "error": .string(run.end.error),
            "seconds": .number(run.seconds),
        ])
    }

    private func requestsDocument(_ requests: RequestFinding) -> JSONValue {
        guard !seen.runs.isEmpty else { return .null }
        return .object([
            "bound": .integer(requestBound), "most": .integer(requests.most),
            "announced": requests.limit == nil ? .null : .bool(requests.isAnnounced),
            "confirmed": requests.limit == nil ? .null : .bool(requests.isConfirmed),
            "closes": .string(requests.close?.rawValue),
            "dead": requests.limit == nil ? .null : .bool(requests.isDead),
            "runs": .array(seen.runs.map(Self.runDocument)),
        ])
    }

    private var tlsDocument: JSONValue {
        guard let tls = seen.tls else { return .null }
        return .object([
            "version": .string(tls.version), "cipher": .string(tls.cipher), "alpn": .string(seen.alpn),
            "resumption": .string(tls.offersResumption.map { $0 ? "offered" : "notOffered" }),
            "certificateUntil": .string(tls.certificateEnd.map { Timestamp.text($0) }),
        ])
    }

    private static func dnsDocument(_ dns: ProbeFindings.DNS?) -> JSONValue {
        guard let dns else { return .null }
        return .object([
            "source": .string(dns.source?.rawValue),
            "records": .array(
                dns.addresses.map { address in
                    .object([
                        "type": .string(address.family == .v6 ? "AAAA" : "A"), "address": .string("\(address)"),
                    ])
                }),
            "ttlSeconds": .integer(dns.ttlSeconds), "negativeTTLSeconds": .integer(dns.negativeTTLSeconds),
        ])
    }

    private static func latencyDocument(_ latency: ProbeFindings.Latency) -> JSONValue {
        .object([
            "dns": .number(latency.dns), "connect": .number(latency.connect), "tlsHandshake": .number(latency.tls),
            "firstByteNew": .number(latency.firstByteNew), "newInAll": .number(latency.newInAll),
            "firstByteReused": .number(latency.firstByteReused),
            "samplesNew": .integer(latency.newSamples), "samplesReused": .integer(latency.reusedSamples),
        ])
    }

    private var adviceDocument: JSONValue {
        let advice = advice
        let lines = settings.map { JSONValue.Member(key: $0.key, value: .string($0.line)) }
        let notes = settings.compactMap { setting in
            setting.note.map { JSONValue.Member(key: setting.key, value: .string($0)) }
        }
        return .object([
            "idleTimeoutSeconds": .number(advice.idleMilliseconds.map { Double($0) / 1000 }),
            "maxRequestsPerConnection": .integer(advice.maxRequests),
            "basis": .string(advice.basis?.rawValue), "sentences": .array(advice.sentences.map { .string($0) }),
            "lifetimeSeconds": .number(advice.lifetimeMilliseconds.map { Double($0) / 1000 }),
            "maxIdleConnections": .integer(advice.maxIdle),
            "settings": .object(lines), "notes": .object(notes),
        ])
    }
}

extension ProbeObservations.Held.Fate {
    var label: String {
        switch self {
        case .closed(let close, _): close.rawValue
        case .spoke: "spoke"
        case .answered: "answered"
        case .failed: "dead"
        case .open: "open"
        }
    }

    var error: String? {
        switch self {
        case .failed(let cause): cause.rawValue
        case .closed, .spoke, .answered, .open: nil
        }
    }
}

extension ProbeObservations.Run.End {
    var label: String {
        switch self {
        case .bound: "bound"
        case .announced: "announced"
        case .closed(let close): close.rawValue
        case .cutShort: "cutShort"
        case .failed: "failed"
        }
    }

    var error: String? {
        switch self {
        case .failed(let cause): cause.rawValue
        case .bound, .announced, .closed, .cutShort: nil
        }
    }
}
