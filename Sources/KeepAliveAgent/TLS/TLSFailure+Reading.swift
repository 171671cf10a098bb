import NIOCore
import NIOSSL
import PoolModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension TLSFailure {
    /// Reads an error of the TLS library. `certificate` is the server's, as far as it has come; `showsCertificate` says
    /// whether there was a client certificate to show.
    init(_ error: any Error, certificate: NIOSSLCertificate?, showsCertificate: Bool) {
        if error is WrongName {
            self = .wrongName
        } else if let error = error as? IOError {
            self = error.errnoCode == ECONNRESET || error.errnoCode == EPIPE ? .reset : .closed
        } else if error as? NIOSSLError == .handshakeFailed(.sslError([.eofDuringHandshake])) {
            self = .closed
        } else {
            self.init(words: "\(error)", certificate, showsCertificate)
        }
    }

    /// BoringSSL names the reason only in the text of its error stack, and one reason for every chain that it refuses:
    /// there the certificate itself has to tell.
    private init(words: String, _ certificate: NIOSSLCertificate?, _ showsCertificate: Bool) {
        if words.contains("CERTIFICATE_VERIFY_FAILED") {
            self = certificate.map(Self.objection) ?? .unknownAuthority
        } else if let known = Self.reasons.first(where: { words.contains($0.word) }) {
            self = known.reason
        } else if Self.refusals.contains(where: words.contains) {
            // Once the server's certificate is there, parameters are agreed on: what the server refuses is ours.
            self = showsCertificate ? .clientCertificateRefused : .clientCertificateWanted
            if words.contains("SSLV3_ALERT_HANDSHAKE_FAILURE"), certificate == nil { self = .noAgreement }
        } else {
            self = .other
        }
    }

    private static let reasons: [(word: String, reason: TLSFailure)] = [
        ("ALERT_CERTIFICATE_REQUIRED", .clientCertificateWanted),
        ("ALERT_PROTOCOL_VERSION", .protocolVersion), ("UNSUPPORTED_PROTOCOL", .protocolVersion),
        ("NO_SUPPORTED_VERSIONS_ENABLED", .protocolVersion), ("INAPPROPRIATE_FALLBACK", .protocolVersion),
        ("WRONG_VERSION_NUMBER", .notTLS), ("UNEXPECTED_RECORD", .notTLS), ("HTTP_REQUEST", .notTLS),
        ("RECORD_TOO_LARGE", .notTLS), ("ALERT_UNRECOGNIZED_NAME", .nameUnknown),
        ("ALERT_INSUFFICIENT_SECURITY", .noAgreement), ("ALERT_NO_APPLICATION_PROTOCOL", .noAgreement),
        ("NO_APPLICATION_PROTOCOL", .noAgreement), ("WRONG_CIPHER_RETURNED", .noAgreement),
        ("UNKNOWN_CIPHER_RETURNED", .noAgreement),
    ]

    /// Alerts with which servers answer the lack of a client certificate before TLS 1.3, or one that they do not accept.
    private static let refusals = [
        "SSLV3_ALERT_HANDSHAKE_FAILURE", "ALERT_BAD_CERTIFICATE", "ALERT_UNSUPPORTED_CERTIFICATE",
        "ALERT_CERTIFICATE_REVOKED", "ALERT_CERTIFICATE_EXPIRED", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_UNKNOWN_CA",
        "ALERT_ACCESS_DENIED", "ALERT_NO_CERTIFICATE",
    ]

    /// The reason why a certificate's chain was refused, as far as the certificate shows it. The refusal itself was
    /// decided by the TLS library and is final.
    private static func objection(to certificate: NIOSSLCertificate) -> TLSFailure {
        var now = time_t()
        time(&now)
        if certificate.notValidAfter < now { return .expired }
        if certificate.notValidBefore > now { return .notYetValid }
        var facts = CertificateFacts()
        do { facts = CertificateFacts(der: try certificate.toDERBytes()) } catch { return .unknownAuthority }
        if facts.isSelfIssued { return .selfSigned }
        return facts.isForServers ? .unknownAuthority : .wrongPurpose
    }
}
