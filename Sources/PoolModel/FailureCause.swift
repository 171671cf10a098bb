/// Why a request failed. The raw value is the stable error label used in JSON, metrics and on screens.
public enum FailureCause: String, CaseIterable, Codable, Sendable {
    /// The name does not exist, or has no address (NXDOMAIN, NODATA).
    case dnsNotFound
    /// No DNS server answered in time.
    case dnsTimeout
    /// Every DNS server answered with a failure.
    case dnsFailure
    /// Every address refused the connection.
    case connectRefused
    /// The connection was not established in `AgentSettings.connectTimeout`.
    case connectTimeout
    /// There is no route to any address.
    case connectUnreachable
    /// The machine has no free local port or address (EADDRNOTAVAIL).
    case addressNotAvailable
    /// The process has no free file descriptor (EMFILE, ENFILE).
    case tooManyOpenFiles
    /// The TLS handshake failed for a reason other than the certificate.
    case tlsHandshakeFailed
    /// The server's certificate is not trusted or does not fit the name.
    case tlsCertificateInvalid
    /// The host's queue was at `AgentSettings.queueLimit`.
    case queueFull
    /// It waited for a connection for as long as `AgentSettings.queueTimeout` allows.
    case queueTimeout
    /// It was not complete within `AgentSettings.requestTimeout`, or no byte of its body arrived for
    /// `AgentSettings.bodySilenceTimeout`.
    case requestTimeout
    /// The response head did not arrive within `AgentSettings.firstByteTimeout`.
    case firstByteTimeout
    /// The server closed the connection before a response.
    case peerClosed
    /// The server reset the connection before the response was complete.
    case peerReset
    /// The response body ended before its declared length.
    case incompleteBody
    /// The response could not be framed.
    case framingError
    /// The response body is larger than the caller allows.
    case bodyTooLarge
    /// The caller cancelled it.
    case cancelled
    /// The agent was shut down.
    case shutdown
    /// The request itself is invalid: a part of it may not be sent, its body failed or does not have the declared
    /// length, or its origin exceeds the agent's maximum. `AgentError.detail` says which.
    case invalidRequest
    /// There is no unix socket at the path.
    case unixSocketMissing
}

extension FailureCause {
    /// The name did not resolve to an address, so no connection was tried.
    package var isOfName: Bool {
        switch self {
        case .dnsNotFound, .dnsTimeout, .dnsFailure: true
        case .connectRefused, .connectTimeout, .connectUnreachable, .addressNotAvailable, .tooManyOpenFiles,
            .tlsHandshakeFailed, .tlsCertificateInvalid, .queueFull, .queueTimeout, .requestTimeout, .firstByteTimeout,
            .peerClosed, .peerReset, .incompleteBody, .framingError, .bodyTooLarge, .cancelled, .shutdown,
            .invalidRequest, .unixSocketMissing:
            false
        }
    }
}
