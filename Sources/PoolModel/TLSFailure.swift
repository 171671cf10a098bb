/// Why a TLS handshake failed, as far as the client can tell. The raw value is a stable label; a case is never reused
/// for another reason.
///
/// The first seven are about the server's certificate and go with `FailureCause.tlsCertificateInvalid`, the others with
/// `FailureCause.tlsHandshakeFailed`.
public enum TLSFailure: String, CaseIterable, Codable, Sendable {
    /// The chain does not end at a trusted authority, or a certificate between the server's and the authority's is not
    /// valid.
    case unknownAuthority
    /// The server signed its certificate itself, and it is not trusted.
    case selfSigned
    /// The server's certificate was valid once.
    case expired
    /// The server's certificate will be valid later; the clock of one of the two machines may be wrong.
    case notYetValid
    /// No DNS name in the certificate matches the name asked for, or no IP address in it is the address asked for
    /// (RFC 9525 §6). The common name does not count.
    case wrongName
    /// The certificate may not be used by a server: its extended key usage says so (RFC 5280 §4.2.1.12).
    case wrongPurpose
    /// The certificate was revoked. Reported by the server's library only; the agent asks for no revocation status.
    case revoked
    /// The server wants a client certificate, and none was given.
    case clientCertificateWanted
    /// The server did not accept the client certificate.
    case clientCertificateRefused
    /// The server and the client have no TLS version in common.
    case protocolVersion
    /// The server and the client have no cipher or other parameter in common, or the server refused without a reason.
    case noAgreement
    /// The server has no certificate for the name asked for (`unrecognized_name`, RFC 6066 §3).
    case nameUnknown
    /// The server answered with something that is not TLS: most likely the port is for plain HTTP.
    case notTLS
    /// The server closed the connection before the handshake was complete.
    case closed
    /// The server reset the connection before the handshake was complete.
    case reset
    /// The handshake was not complete in `AgentSettings.tlsTimeout`.
    case timeout
    /// Anything else.
    case other

    /// The server does not go on for want of a client certificate that it accepts.
    package var isAboutClientCertificate: Bool { self == .clientCertificateWanted || self == .clientCertificateRefused }

    /// The cause that this is the reason of.
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
    /// It comes from TLS, so that there may be a `TLSFailure` that says more.
    package var isTLS: Bool { self == .tlsHandshakeFailed || self == .tlsCertificateInvalid }

    /// The label, and for TLS the reason where it is known: `tlsCertificateInvalid (expired)`.
    package func text(_ reason: TLSFailure?) -> String {
        guard isTLS, let reason else { return rawValue }
        return "\(rawValue) (\(reason.rawValue))"
    }
}
