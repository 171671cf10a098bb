import PoolModel

/// How far a request had come when it failed. The raw value is a stable label.
public enum RequestPhase: String, CaseIterable, Codable, Sendable {
    /// It waited for a connection, while none was being opened for it or that took too long.
    case queued
    /// The host's name was looked up for it.
    case resolving
    /// A TCP connection was being opened for it.
    case connecting
    /// The TLS handshake of its connection was under way.
    case handshaking
    /// It had a connection and was not written to its end.
    case writing
    /// It was written, and the response's head had not come.
    case awaitingHead
    /// The response's body was being read.
    case readingBody

    init(_ phase: ConnectionPhase) {
        switch phase {
        case .resolving: self = .resolving
        case .connecting: self = .connecting
        case .handshaking: self = .handshaking
        case .idle, .writing: self = .writing
        case .awaitingHead: self = .awaitingHead
        case .readingBody, .draining: self = .readingBody
        }
    }
}

extension FailureCause {
    /// The phase of a dial in which this cause arises; nil: it is none of a dial's alone.
    var dialPhase: RequestPhase? {
        switch self {
        case .dnsNotFound, .dnsTimeout, .dnsFailure: .resolving
        case .connectRefused, .connectTimeout, .connectUnreachable, .addressNotAvailable, .tooManyOpenFiles, .peerReset,
            .unixSocketMissing:
            .connecting
        case .tlsHandshakeFailed, .tlsCertificateInvalid: .handshaking
        case .queueFull, .queueTimeout, .requestTimeout, .firstByteTimeout, .peerClosed, .incompleteBody, .framingError,
            .bodyTooLarge, .cancelled, .shutdown, .invalidRequest:
            nil
        }
    }
}

extension ConnectionEnd {
    var tlsFailure: TLSFailure? {
        if case .tls(let reason) = self { reason } else { nil }
    }

    /// The reason to report where a handshake was under way.
    var handshakeFailure: TLSFailure {
        switch self {
        case .finished, .unsolicited: .closed
        case .reset: .reset
        case .tls(let reason): reason ?? .other
        }
    }
}
