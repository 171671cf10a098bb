import PoolModel

extension CloseReason {
    /// In at most 17 columns, with who did it.
    var shortLabel: String {
        switch self {
        case .idleTimeout: "our idle limit"
        case .hintTimeout: "server's hint"
        case .learnedTimeout: "learned limit"
        case .lifetime: "our max age"
        case .maxRequests: "our request limit"
        case .hintMax: "server's max"
        case .idleLimitHost: "maxFreeSockets"
        case .idleLimitTotal: "total idle cap"
        case .evictedForOtherHost: "for another host"
        case .peerClosedIdle: "server, idle"
        case .peerClosedActive: "server, active"
        case .peerReset: "server reset"
        case .closeHeaderReceived: "server's close"
        case .closeHeaderSent: "our close"
        case .http10: "HTTP/1.0"
        case .untilCloseBody: "body to close"
        case .unsolicitedBytes: "stray bytes"
        case .framingError: "bad framing"
        case .bodyAbandoned: "body given up"
        case .requestCancelled: "cancelled"
        case .requestTimeout: "timeout"
        case .earlyResponse: "early response"
        case .tlsError: "TLS error"
        case .dnsRetired: "left DNS"
        case .keepAliveDisabled: "keep-alive off"
        case .upgraded: "upgraded"
        case .drain: "drained"
        case .shutdown: "shut down"
        }
    }

    /// In words, where there is room for them.
    var longLabel: String {
        switch self {
        case .idleTimeout: "idle limit (ours)"
        case .hintTimeout: "server's timeout hint"
        case .learnedTimeout: "learned idle limit"
        case .lifetime: "max lifetime (ours)"
        case .maxRequests: "our request limit"
        case .hintMax: "server's max hint"
        case .idleLimitHost: "over maxFreeSockets"
        case .idleLimitTotal: "over the idle cap of all"
        case .evictedForOtherHost: "closed for another host"
        case .peerClosedIdle: "server closed idle"
        case .peerClosedActive: "server closed active"
        case .peerReset: "server reset"
        case .closeHeaderReceived: "server sent Connection: close"
        case .closeHeaderSent: "we sent Connection: close"
        case .http10: "HTTP/1.0"
        case .untilCloseBody: "body ends at close"
        case .unsolicitedBytes: "bytes nobody asked for"
        case .framingError: "bad framing"
        case .bodyAbandoned: "body given up"
        case .requestCancelled: "request cancelled"
        case .requestTimeout: "request timeout"
        case .earlyResponse: "early response"
        case .tlsError: "TLS error"
        case .dnsRetired: "address left DNS"
        case .keepAliveDisabled: "keep-alive went off"
        case .upgraded: "upgraded"
        case .drain: "drained"
        case .shutdown: "shut down"
        }
    }
}

extension FailureCause {
    /// In at most 13 columns.
    var shortLabel: String {
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
        }
    }

    /// As a sentence would have it.
    var words: String {
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
        }
    }
}

extension TLSFailure {
    /// In at most 13 columns.
    var shortLabel: String {
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
    var words: String {
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

extension ShownHost {
    /// The cause in at most 13 columns; for TLS the reason where it is known.
    func label(of cause: FailureCause) -> String {
        cause.isTLS ? self.lastTLSFailure?.shortLabel ?? cause.shortLabel : cause.shortLabel
    }

    /// The same as a sentence would have it.
    func words(of cause: FailureCause) -> String {
        cause.isTLS ? self.lastTLSFailure?.words ?? cause.words : cause.words
    }
}
