/// Why a TLS handshake failed, as far as the client can tell. The raw value is a stable label; a case is never reused
/// for another reason.
///
/// The first seven are about the server's certificate and go with `FailureCause.tlsCertificateInvalid`, the others with
/// `FailureCause.tlsHandshakeFailed`.
public enum TLSFailure: String, CaseIterable, Codable, Sendable {
    /// The chain does not end at a trusted authority, or an intermediate certificate is not valid.
    case unknownAuthority
    /// The server signed its certificate itself, and it is not trusted.
    case selfSigned
    /// The server's certificate has expired.
    case expired
    /// The server's certificate is not valid yet; one of the two machines' clocks may be wrong.
    case notYetValid
    /// No DNS name in the certificate matches the requested name, or no IP address in it matches the requested address
    /// (RFC 9525 §6). The common name does not count.
    case wrongName
    /// The certificate must not be used by a server, according to its extended key usage (RFC 5280 §4.2.1.12).
    case wrongPurpose
    /// The certificate was revoked. Only the server reports this; the agent does not check revocation.
    case revoked
    /// The server requires a client certificate, and none was given.
    case clientCertificateWanted
    /// The server did not accept the client certificate.
    case clientCertificateRefused
    /// The server and the client support no common TLS version.
    case protocolVersion
    /// The server and the client support no common cipher or other parameter, or the server refused without giving a
    /// reason.
    case noAgreement
    /// The server has no certificate for the requested name (`unrecognized_name`, RFC 6066 §3).
    case nameUnknown
    /// The server answered with something other than TLS; most likely the port is for plain HTTP.
    case notTLS
    /// The server closed the connection before the handshake was complete.
    case closed
    /// The server reset the connection before the handshake was complete.
    case reset
    /// The handshake was not complete in `AgentSettings.tlsTimeout`.
    case timeout
    /// Anything else.
    case other

    /// True if the server refuses to continue without a client certificate that it accepts.
    package var isAboutClientCertificate: Bool { self == .clientCertificateWanted || self == .clientCertificateRefused }

    /// The failure cause that this reason belongs to.
    package var cause: FailureCause {
        switch self {
        case .unknownAuthority, .selfSigned, .expired, .notYetValid, .wrongName, .wrongPurpose, .revoked:
            .tlsCertificateInvalid
        case .clientCertificateWanted, .clientCertificateRefused, .protocolVersion, .noAgreement, .nameUnknown,
            .notTLS, .closed, .reset, .timeout, .other:
            .tlsHandshakeFailed
        }
    }
}

extension FailureCause {
    /// True for TLS failures, for which a `TLSFailure` may give the reason.
    package var isTLS: Bool { self == .tlsHandshakeFailed || self == .tlsCertificateInvalid }

    /// The label, and for TLS the reason if it is known: `tlsCertificateInvalid (expired)`.
    package func text(_ reason: TLSFailure?) -> String {
        guard isTLS, let reason else { return rawValue }
        return "\(rawValue) (\(reason.rawValue))"
    }
}
