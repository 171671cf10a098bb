import AgentCore
import PlainDocuments
import PoolModel
import SessionConfig

/// What a client should set, and why, by what was found.
///
/// A client has to give an idle connection up before the server does: what it sends meanwhile is lost. So its idle limit
/// is the shortest of what the server was seen to do and what it promises, less the agent's own margin (`idleMargin`).
struct ProbeAdvice: Sendable, Equatable {
    /// What the idle limit rests on. The raw value is the label in JSON.
    enum Basis: String, Sendable, Equatable {
        /// The server ended idle connections at this age.
        case observed
        /// It promises less than it was seen to do.
        case hint
        /// No limit was found; a request was still answered after this long.
        case answered
        /// After longer than this, connections looked open and were dead.
        case silence
    }

    /// What a client's idle limit should be at the most; nil: there is nothing to advise, or no limit is short enough.
    var idleMilliseconds: Int?
    var basis: Basis?
    /// In seconds: what `idleMilliseconds` was taken from.
    var basisSeconds: Double?
    /// How many requests a client should put on one connection; nil: it need not count.
    var maxRequests: Int?
    /// Each one sentence or two.
    var sentences: [String] = []

    init(_ findings: ProbeFindings, heldSeconds: Double?, failure: FailureCause?, tlsFailure: TLSFailure? = nil) {
        if let failure {
            sentences = [tlsFailure?.probeSentence ?? failure.probeSentence]
            return
        }
        switch findings.keepsConnections {
        case nil: sentences = ["Whether it keeps connections was not found out, so there is no setting to advise."]
        case false?: sentences = Self.withoutKeepAlive(findings)
        case true?:
            chooseIdleLimit(findings)
            sentences = idleSentences(findings, heldSeconds) + requestSentences(findings)
            // A server that announces its last response does a client no harm.
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
        if let hint = findings.hintTimeoutSeconds, hint < Self.longestHint {
            candidates.append((.hint, Double(max(hint, 0))))
        }
        if candidates.isEmpty, let answered = idle.answeredSeconds { candidates.append((.answered, answered)) }
        // What was observed is the better reason where the two say the same.
        guard let shortest = candidates.map(\.1).min(),
            let (basis, seconds) = candidates.first(where: { $0.1 <= shortest + 0.05 })
        else { return }
        self.basis = basis
        basisSeconds = seconds
        idleMilliseconds = Self.clientLimit(of: seconds)
    }

    /// A year; what is longer limits nothing.
    private static let longestHint = 31_536_000

    /// Whole seconds from two on, else tens of milliseconds, rounded down; nil where that leaves nothing.
    static func clientLimit(of seconds: Double) -> Int? {
        // An observed limit is late or early by what a timer is.
        let limit = Nanoseconds.seconds((seconds * 100).rounded() / 100)
        let milliseconds = Int((limit - idleMargin(of: limit)) / 1_000_000)
        let step = milliseconds >= 2000 ? 1000 : 10
        let rounded = milliseconds / step * step
        return rounded > 0 ? rounded : nil
    }

    private func idleSentences(_ findings: ProbeFindings, _ heldSeconds: Double?) -> [String] {
        guard let basis, let basisSeconds else {
            return ["Its idle limit was not found out; wait longer (--max-wait)."]
        }
        let figure = NumberFormat.duration(basisSeconds)
        guard let idleMilliseconds else {
            return ["It ends idle connections after \(figure), which is too short for a client to use them again."]
        }
        let limit = DurationText.format(.milliseconds(idleMilliseconds))
        switch basis {
        case .observed:
            var sentences = [
                "Let a connection be idle for \(limit) at most: the server ends it after \(figure), and what is sent"
                    + " meanwhile is lost."
            ]
            if let hint = findings.hintTimeoutSeconds, Double(hint) > basisSeconds + 0.5 {
                sentences.append("It promises \(hint)s (Keep-Alive: timeout) and does not keep that.")
            }
            return sentences
        case .hint:
            let seen = findings.idle.limitSeconds.map { "was seen to hold \(NumberFormat.duration($0))" }
            let held = findings.idle.answeredSeconds.map { "answered a request after \(NumberFormat.duration($0))" }
            let known = (seen ?? held).map { ", and \($0)" } ?? ""
            return ["Let a connection be idle for \(limit) at most: the server promises \(Int(basisSeconds))s\(known)."]
        case .silence:
            let failed = NumberFormat.duration(findings.idle.failedSeconds)
            return [
                "Let a connection be idle for \(limit) at most: one that was idle for \(failed) looked open and was dead,"
                    + " one of \(figure) was not. Something on the way forgets connections without a word."
            ]
        case .answered:
            return [
                "No connection was ended within \(NumberFormat.duration(heldSeconds ?? basisSeconds)); \(limit) is known to"
                    + " be safe, more may be (--max-wait)."
            ]
        }
    }

    // MARK: The number of requests

    private func requestSentences(_ findings: ProbeFindings) -> [String] {
        let requests = findings.requests
        guard let limit = requests.limit else { return [] }
        let count = limit == 1 ? "one request" : "\(NumberFormat.count(limit)) requests"
        if requests.isAnnounced {
            return ["A connection carries \(count), and the last response says so: no client needs to count."]
        }
        return [
            "Put \(count) on a connection at most: the server then ends it without saying so, and the next request may be"
                + " lost."
        ]
    }
}

extension FailureCause {
    /// Why there is nothing to tell of a target's connections, and what could be done.
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
    /// Why there is nothing to tell of a target's connections, and what could be done; nil: the cause says as much.
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
