package import AgentCore
package import NIOSSL

/// The TLS settings of one host: a context made once, and the name to ask for and to verify.
package final class TLSIdentity: Sendable {
    private let context: NIOSSLContext
    private let serverName: String?

    /// `serverName` is the host of the URL; an IP address is verified as an address and sent in no SNI (RFC 6066 §3).
    package init(configuration: TLSConfiguration, serverName: String, isAddress: Bool) throws {
        context = try NIOSSLContext(configuration: configuration)
        self.serverName = isAddress ? nil : serverName
    }

    init(context: NIOSSLContext, serverName: String, isAddress: Bool) {
        self.context = context
        self.serverName = isAddress ? nil : serverName
    }

    func makeHandler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: serverName)
    }

    /// The peer ended the TCP connection without ending TLS first.
    static func isMissingCloseNotify(_ error: any Error) -> Bool { error as? NIOSSLError == .uncleanShutdown }

    /// Whether the certificate or something else broke the handshake.
    package static func cause(of error: any Error) -> FailureCause {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname { return .tlsCertificateInvalid }
        // BoringSSL names the reason only in the text of its error stack.
        return "\(error)".contains("CERTIFICATE_VERIFY_FAILED") ? .tlsCertificateInvalid : .tlsHandshakeFailed
    }
}
