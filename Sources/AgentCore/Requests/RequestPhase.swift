import PoolModel

/// How far a request had come when it failed. The raw value is a stable label.
public enum RequestPhase: String, CaseIterable, Codable, Sendable {
    /// It was waiting for a connection: none was being opened for it, or opening one took too long.
    case queued
    /// Its host's name was being looked up.
    case resolving
    /// A TCP connection was being opened for it.
    case connecting
    /// The TLS handshake of its connection was in progress.
    case handshaking
    /// It had a connection, and was not completely written.
    case writing
    /// It was written, and the response head had not arrived.
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
    /// The phase of a dial in which this cause arises; nil if it can also arise elsewhere.
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

    /// The reason to report if a handshake was in progress.
    var handshakeFailure: TLSFailure {
        switch self {
        case .finished, .unsolicited: .closed
        case .reset: .reset
        case .tls(let reason): reason ?? .other
        }
    }
}
