package import PoolModel

/// The fate of one request or dial, as an event says it: `flaky: server reset the connection`.
extension FailureCause {
    /// Beside `TLSFailure.deed`, which says more where the reason is known.
    package var deed: String {
        switch self {
        case .dnsNotFound: "no such name"
        case .dnsTimeout: "DNS server does not answer"
        case .dnsFailure: "DNS server answers with a failure"
        case .connectRefused: "connection refused"
        case .connectTimeout: "no answer to connection attempts"
        case .connectUnreachable: "no route to the host"
        case .addressNotAvailable: "no free local port"
        case .tooManyOpenFiles: "no free file descriptor"
        case .tlsHandshakeFailed: "TLS handshake failed"
        case .tlsCertificateInvalid: "certificate not trusted"
        case .queueFull: "queue full, request refused"
        case .queueTimeout: "no connection became free in time"
        case .requestTimeout: "request timed out"
        case .firstByteTimeout: "no first byte in time"
        case .peerClosed: "server closed the connection without an answer"
        case .peerReset: "server reset the connection"
        case .incompleteBody: "server cut a body short"
        case .framingError: "answer is not valid HTTP"
        case .bodyTooLarge: "body larger than allowed"
        case .cancelled: "request cancelled"
        case .shutdown: "agent shut down"
        case .invalidRequest: "request cannot be sent as given"
        case .unixSocketMissing: "no such file"
        }
    }

    /// The same with the reason that TLS gave.
    package func deed(_ reason: TLSFailure?) -> String { isTLS ? reason?.deed ?? deed : deed }
}

extension TLSFailure {
    /// As an event says it.
    package var deed: String {
        switch self {
        case .unknownAuthority: "certificate of an unknown authority"
        case .selfSigned: "certificate is self-signed"
        case .expired: "certificate has expired"
        case .notYetValid: "certificate is not valid yet"
        case .wrongName: "certificate is for another name"
        case .wrongPurpose: "certificate is not for servers"
        case .revoked: "certificate was revoked"
        case .clientCertificateWanted: "server wants a client certificate"
        case .clientCertificateRefused: "server refused our client certificate"
        case .protocolVersion: "no TLS version in common"
        case .noAgreement: "no TLS parameters in common"
        case .nameUnknown: "server has no certificate for this name"
        case .notTLS: "server does not speak TLS on this port"
        case .closed: "server closed in the TLS handshake"
        case .reset: "server reset in the TLS handshake"
        case .timeout: "TLS handshake timed out"
        case .other: "TLS handshake failed"
        }
    }
}

/// The reason phrase of a status code (RFC 9110 §15, IANA); nil for codes that have none.
package func reasonPhrase(ofStatus code: Int) -> String? {
    [
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout",
        409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large",
        414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 425: "Too Early", 426: "Upgrade Required",
        428: "Precondition Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
        451: "Unavailable For Legal Reasons", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
        503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
        507: "Insufficient Storage", 511: "Network Authentication Required",
    ][code]
}
