import AgentCore
import PlainDocuments
import PoolModel
import SessionConfig

/// The recommended client settings and the reasons for them.
///
/// A client has to close an idle connection before the server does, because a request sent after that is lost. Its idle
/// limit is therefore the shortest of what the server did and what it announces, minus the agent's own margin
/// (`idleMargin`). The same holds for the age of a connection, where the server has a limit for that.
struct ProbeAdvice: Sendable, Equatable {
    /// The evidence for the idle limit. The raw value is the label in JSON.
    enum Basis: String, Sendable, Equatable {
        /// The server ended idle connections at this age.
        case observed
        /// It announces less than it was observed to do.
        case hint
        /// No limit was found; a request still got a response after this long.
        case answered
        /// After longer than this, connections looked open but were dead.
        case silence
        /// The server ends connections at this age, busy or idle.
        case lifetime
    }

    /// The maximum recommended idle limit; nil if there is no recommendation, or no limit is short enough.
    var idleMilliseconds: Int?
    var basis: Basis?
    /// The value in seconds from which `idleMilliseconds` was derived.
    var basisSeconds: Double?
    /// The maximum recommended age of a connection; nil if the server has no limit for that.
    var lifetimeMilliseconds: Int?
    /// The recommended number of idle connections; nil if the server keeps all.
    var maxIdle: Int?
    /// The recommended number of requests per connection; nil if there is no limit.
    var maxRequests: Int?
    /// Each entry is one or two sentences.
    var sentences: [String] = []

    init(
        _ findings: ProbeFindings, heldSeconds: Double?, failure: FailureCause?, tlsFailure: TLSFailure? = nil,
        wasInterrupted: Bool = false
    ) {
        if let failure {
            let sentence = tlsFailure?.probeSentence ?? failure.probeSentence
            let http2 = "It speaks HTTP/2 and no HTTP/1.1, and nothing else is probed here."
            sentences = [findings.speaksOnlyHTTP2 ? http2 : sentence]
            return
        }
        switch findings.keepsConnections {
        case nil: sentences = ["Whether it keeps connections was not found out, so there is no setting to advise."]
        case false?: sentences = Self.withoutKeepAlive(findings)
        case true?:
            chooseIdleLimit(findings)
            if basis == .lifetime { lifetimeMilliseconds = idleMilliseconds }
            maxIdle = findings.idle.maxConnections
            let held = Held(seconds: heldSeconds, wasInterrupted: wasInterrupted)
            sentences = idleSentences(findings, held) + maxIdleSentences + requestSentences(findings)
            // A limit that the server announces in its last response does not harm a client.
            if !findings.requests.isAnnounced { maxRequests = findings.requests.limit }
        }
        if findings.alpn == "h2" {
            sentences.append("It would rather speak HTTP/2, whose connections may have other limits.")
        }
        if let status = findings.status, !(200..<400).contains(status) {
            sentences.append("It answered \(status); a response that succeeds may be treated otherwise.")
        }
    }

    private static func withoutKeepAlive(_ findings: ProbeFindings) -> [String] {
        let reason = findings.refusal.map { ": \($0.sentence)" } ?? ""
        if findings.keepsIfAsked == true {
            return [
                "A request costs a new connection\(reason).",
                "It keeps connections where the request says Connection: keep-alive, as those of Node's agents and undici"
                    + " do.",
            ]
        }
        return [
            "Every request costs a new connection\(reason).",
            "No setting of a client changes that; the server has to keep connections.",
        ]
    }

    // MARK: The idle limit

    private mutating func chooseIdleLimit(_ findings: ProbeFindings) {
        let idle = findings.idle
        var candidates: [(Basis, Double)] = []
        if let limit = idle.limitSeconds { candidates.append((.observed, limit)) }
        if idle.failedSeconds != nil { candidates.append((.silence, idle.answeredSeconds ?? 0)) }
        if let lifetime = idle.lifetimeSeconds { candidates.append((.lifetime, lifetime)) }
        // A server that was seen to keep connections does not keep to an announcement of zero.
        let isRefuted = idle.limitSeconds != nil || idle.answeredSeconds != nil || idle.lifetimeSeconds != nil
        if let hint = findings.hintTimeoutSeconds, hint < Self.longestHint, hint > 0 || !isRefuted {
            candidates.append((.hint, Double(max(hint, 0))))
        }
        if candidates.isEmpty, let answered = idle.answeredSeconds { candidates.append((.answered, answered)) }
        // If both have the same value, the observation is the better reason.
        guard let shortest = candidates.map(\.1).min(),
            let (basis, seconds) = candidates.first(where: { $0.1 <= shortest + 0.05 })
        else { return }
        self.basis = basis
        basisSeconds = seconds
        idleMilliseconds = Self.clientLimit(of: seconds)
    }

    /// A year; a longer hint is not a limit.
    private static let longestHint = 31_536_000

    /// Whole seconds from two on, otherwise tens of milliseconds, rounded down; nil if the result is zero.
    static func clientLimit(of seconds: Double) -> Int? {
        // An observed limit is inaccurate by the precision of a timer.
        let limit = Nanoseconds.seconds((seconds * 100).rounded() / 100)
        let milliseconds = Int((limit - idleMargin(of: limit)) / 1_000_000)
        let step = milliseconds >= 2000 ? 1000 : 10
        let rounded = milliseconds / step * step
        return rounded > 0 ? rounded : nil
    }

    /// How long connections were held.
    private struct Held {
        /// nil if none were.
        var seconds: Double?
        var wasInterrupted: Bool
    }

    private func idleSentences(_ findings: ProbeFindings, _ held: Held) -> [String] {
        guard let basis, let basisSeconds else {
            let more = held.wasInterrupted ? "the probe was ended early" : "wait longer (--max-wait)"
            return ["Its idle limit was not found out; \(more)."]
        }
        let figure = NumberFormat.duration(basisSeconds)
        guard let idleMilliseconds else {
            guard basis != .hint else {
                return ["It announces that it keeps no idle connection (timeout=0); what it does was not found out."]
            }
            return ["It ends idle connections after \(figure), which is too short for a client to use them again."]
        }
        let isRefuted = findings.hintTimeoutSeconds.map { $0 <= 0 } ?? false
        return basisSentences(basis, findings, DurationText.format(.milliseconds(idleMilliseconds)), figure, held)
            + (isRefuted ? [Self.refutedHint] : [])
    }

    private func basisSentences(
        _ basis: Basis, _ findings: ProbeFindings, _ limit: String, _ figure: String, _ held: Held
    ) -> [String] {
        switch basis {
        case .observed: return observedSentences(findings, limit, figure)
        case .lifetime:
            return [
                "Let no connection become older than \(limit): the server ends it after \(figure), whether it is idle or"
                    + " not. A limit of idle time does not help."
            ]
        case .hint:
            let seen = findings.idle.limitSeconds.map { "was seen to hold \(NumberFormat.duration($0))" }
            let held = findings.idle.answeredSeconds.map { "answered a request after \(NumberFormat.duration($0))" }
            let known = (seen ?? held).map { ", and \($0)" } ?? ""
            return [
                "Let a connection be idle for \(limit) at most: the server promises \(Int(basisSeconds ?? 0))s\(known)."
            ]
        case .silence:
            let failed = NumberFormat.duration(findings.idle.failedSeconds)
            return [
                "Let a connection be idle for \(limit) at most: one that was idle for \(failed) looked open and was dead,"
                    + " one of \(figure) was not. Something on the way forgets connections without a word."
            ]
        case .answered:
            let more = held.wasInterrupted ? "and the probe was ended early" : "more may be (--max-wait)"
            let time = held.seconds.map { NumberFormat.duration($0) } ?? figure
            return ["No connection was ended within \(time); \(limit) is known to be safe, \(more)."]
        }
    }

    private func observedSentences(_ findings: ProbeFindings, _ limit: String, _ figure: String) -> [String] {
        let seconds = basisSeconds ?? 0
        var sentences = [
            "Let a connection be idle for \(limit) at most: the server ends it after \(figure), and what is sent"
                + " meanwhile is lost."
        ]
        if let spread = findings.idle.spreadSeconds, spread > max(0.5, seconds / 20) {
            let oldest = NumberFormat.duration(seconds + spread)
            sentences.append(
                "It looks for idle connections only now and then: some became \(oldest) old. The youngest counts.")
        }
        if findings.idle.spoke, findings.idle.close == nil {
            sentences.append(
                "It then sends an answer that nobody asked for, and leaves the connection open: a client that does not"
                    + " look takes that for the answer to its next request.")
        }
        if let hint = findings.hintTimeoutSeconds, Double(hint) > seconds + 0.5 {
            sentences.append("It promises \(hint)s (Keep-Alive: timeout) and does not keep that.")
        }
        return sentences
    }

    private static let refutedHint =
        "It announces timeout=0 and keeps connections all the same; clients that go by the announcement, such as undici and"
        + " .NET, do not use them again."

    private var maxIdleSentences: [String] {
        guard let maxIdle else { return [] }
        return [
            "It keeps \(maxIdle) idle \(maxIdle == 1 ? "connection" : "connections") at a time and ends the others at"
                + " once: a client should not keep more."
        ]
    }

    // MARK: The number of requests

    private func requestSentences(_ findings: ProbeFindings) -> [String] {
        let requests = findings.requests
        guard let limit = requests.limit else { return [] }
        let count = limit == 1 ? "one request" : "\(NumberFormat.count(limit)) requests"
        if requests.isAnnounced {
            return ["A connection carries \(count), and the last response says so: no client needs to count."]
        }
        if requests.isDead {
            return ["Put \(count) on a connection at most: the server then answers no more on it, and leaves it open."]
        }
        return [
            "Put \(count) on a connection at most: the server then ends it without saying so, and the next request may be"
                + " lost."
        ]
    }
}

extension FailureCause {
    /// Why there are no findings about a target's connections, and what the user could do.
    fileprivate var probeSentence: String {
        switch self {
        case .dnsNotFound: "Its name does not exist, or has no address."
        case .dnsTimeout: "No DNS server answered; --dns-server asks another, --resolve none."
        case .dnsFailure: "No DNS server could answer; --dns-server asks another, --resolve none."
        case .connectRefused: "Nothing listens there, or a firewall refuses connections."
        case .unixSocketMissing: "There is no socket at the path."
        case .connectTimeout: "The connection was not established within its limit (--connect-timeout)."
        case .connectUnreachable: "There is no way to its address from here."
        case .tlsHandshakeFailed: "TLS could not be agreed on: another version, no HTTP/1.1, or no TLS at all."
        case .tlsCertificateInvalid:
            "Its certificate is not trusted, or is for another name: --ca-file trusts one more authority, --insecure any."
        case .requestTimeout: "It took the connection and gave no whole answer within the limit (--timeout)."
        case .framingError: "What it answered is not HTTP/1."
        case .peerClosed, .peerReset: "It ended the connection without an answer."
        case .incompleteBody: "It ended the connection in the middle of its answer."
        case .addressNotAvailable, .tooManyOpenFiles, .queueFull, .queueTimeout, .firstByteTimeout, .bodyTooLarge,
            .cancelled, .shutdown, .invalidRequest:
            "Nothing can be said of its connections: \(rawValue)."
        }
    }
}

extension TLSFailure {
    /// Why there are no findings about a target's connections, and what the user could do; nil if the cause is clear.
    fileprivate var probeSentence: String? {
        switch self {
        case .unknownAuthority: "No trusted authority vouches for its certificate: --ca-file trusts one more."
        case .selfSigned: "It signed its certificate itself: --ca-file trusts that one."
        case .expired: "Its certificate has expired."
        case .notYetValid: "Its certificate is not valid yet, or a clock is wrong."
        case .wrongName:
            "Its certificate is for another name; only DNS names (for an address, IP addresses) in it count."
        case .wrongPurpose: "Its certificate is not one for servers."
        case .clientCertificateWanted: "It wants a client certificate: --cert and --key give one."
        case .clientCertificateRefused: "It does not accept the client certificate (--cert)."
        case .protocolVersion: "It speaks no TLS version that is allowed here: --tls-min allows earlier ones."
        case .nameUnknown: "It has no certificate for this name."
        case .notTLS: "What listens there does not speak TLS; try http:// with this port."
        case .revoked, .noAgreement, .closed, .reset, .timeout, .other: nil
        }
    }
}
