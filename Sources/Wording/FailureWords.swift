package import PoolModel

extension FailureCause {
    /// In at most 13 columns.
    package var shortLabel: String {
        switch self {
        case .dnsNotFound: "no such name"
        case .dnsTimeout: "DNS timeout"
        case .dnsFailure: "DNS failure"
        case .connectRefused: "refused"
        case .connectTimeout: "dial timeout"
        case .connectUnreachable: "unreachable"
        case .addressNotAvailable: "no free port"
        case .tooManyOpenFiles: "no descriptor"
        case .tlsHandshakeFailed: "TLS failed"
        case .tlsCertificateInvalid: "bad cert"
        case .queueFull: "queue full"
        case .queueTimeout: "queue timeout"
        case .requestTimeout: "timeout"
        case .firstByteTimeout: "no first byte"
        case .peerClosed: "server closed"
        case .peerReset: "server reset"
        case .incompleteBody: "body cut"
        case .framingError: "bad framing"
        case .bodyTooLarge: "body too big"
        case .cancelled: "cancelled"
        case .shutdown: "shut down"
        case .invalidRequest: "bad request"
        case .unixSocketMissing: "no such file"
        }
    }

    /// As a sentence would have it.
    package var words: String {
        switch self {
        case .dnsNotFound: "the name does not exist"
        case .dnsTimeout: "no DNS server answers in time"
        case .dnsFailure: "the DNS servers answer with a failure"
        case .connectRefused: "every address refuses the connection"
        case .connectTimeout: "the connection is not established in time"
        case .connectUnreachable: "there is no route to any address"
        case .addressNotAvailable: "there is no free local port"
        case .tooManyOpenFiles: "there is no free file descriptor"
        case .tlsHandshakeFailed: "the TLS handshake fails"
        case .tlsCertificateInvalid: "the server's certificate is not trusted"
        case .queueFull: "the queue is full"
        case .queueTimeout: "requests wait too long for a connection"
        case .requestTimeout: "requests take longer than their limit"
        case .firstByteTimeout: "the first byte of the response does not come in time"
        case .peerClosed: "the server closes before it answers"
        case .peerReset: "the server resets the connection"
        case .incompleteBody: "bodies end before their declared length"
        case .framingError: "responses cannot be framed"
        case .bodyTooLarge: "bodies are larger than allowed"
        case .cancelled: "the callers cancel"
        case .shutdown: "the agent is shut down"
        case .invalidRequest: "requests cannot be sent as they were given"
        case .unixSocketMissing: "there is no socket at the path"
        }
    }
}

extension TLSFailure {
    /// In at most 13 columns.
    package var shortLabel: String {
        switch self {
        case .unknownAuthority: "unknown CA"
        case .selfSigned: "self-signed"
        case .expired: "cert expired"
        case .notYetValid: "not yet valid"
        case .wrongName: "wrong name"
        case .wrongPurpose: "wrong purpose"
        case .revoked: "cert revoked"
        case .clientCertificateWanted: "wants a cert"
        case .clientCertificateRefused: "cert refused"
        case .protocolVersion: "TLS version"
        case .noAgreement: "no agreement"
        case .nameUnknown: "unknown name"
        case .notTLS: "not TLS"
        case .closed: "TLS closed"
        case .reset: "TLS reset"
        case .timeout: "TLS timeout"
        case .other: "TLS failed"
        }
    }

    /// As a sentence would have it.
    package var words: String {
        switch self {
        case .unknownAuthority: "no trusted authority vouches for the server's certificate"
        case .selfSigned: "the server signed its certificate itself"
        case .expired: "the server's certificate has expired"
        case .notYetValid: "the server's certificate is not valid yet"
        case .wrongName: "the server's certificate is for another name"
        case .wrongPurpose: "the server's certificate is not one for servers"
        case .revoked: "the certificate was revoked"
        case .clientCertificateWanted: "the server wants a client certificate"
        case .clientCertificateRefused: "the server does not accept the client certificate"
        case .protocolVersion: "there is no TLS version in common"
        case .noAgreement: "the server agrees to none of what TLS offers it"
        case .nameUnknown: "the server has no certificate for this name"
        case .notTLS: "the server does not speak TLS on this port"
        case .closed: "the server closes in the TLS handshake"
        case .reset: "the server resets in the TLS handshake"
        case .timeout: "the TLS handshake takes too long"
        case .other: "the TLS handshake fails"
        }
    }
}
