import NIOCore
package import NIOSSL
import PoolModel

/// The TLS settings of one host, and who its certificate has to name.
package final class TLSIdentity: Sendable {
    private let context: TLSContext
    private let reference: ReferenceIdentity

    /// `host` is that of the URL: an address without brackets, or a name, of which the trailing dot does not count.
    package init(_ context: TLSContext, host: String) {
        self.context = context
        reference = ReferenceIdentity(host: host)
    }

    /// A handler for one connection, which succeeds only if the certificate names the host. The check comes when the
    /// chain has been validated and before the handshake counts as complete: nothing of a request is sent before it.
    package func makeHandler() throws -> NIOSSLClientHandler {
        guard context.verifiesName else {
            return try NIOSSLClientHandler(context: context.library, serverHostname: reference.serverName)
        }
        return try NIOSSLClientHandler._makeSSLClientHandler(
            context: context.library, serverHostname: reference.serverName
        ) { [reference] certificate, channel in
            reference.isNamed(by: certificate)
                ? channel.eventLoop.makeSucceededVoidFuture() : channel.eventLoop.makeFailedFuture(WrongName())
        }
    }

    /// Why the handshake of `handler` failed with this error.
    package func failure(of error: any Error, in handler: NIOSSLClientHandler?) -> TLSFailure {
        TLSFailure(error, certificate: handler?.peerCertificate, showsCertificate: context.hasClientCertificate)
    }

    /// The peer ended the TCP connection without ending TLS first.
    static func isMissingCloseNotify(_ error: any Error) -> Bool { error as? NIOSSLError == .uncleanShutdown }
}

/// The certificate is for somebody else.
struct WrongName: Error {}

extension ReferenceIdentity {
    /// Names are read by the TLS library, from the extension that it has parsed itself; where it finds none that it can
    /// read, nothing matches.
    func isNamed(by certificate: NIOSSLCertificate) -> Bool {
        certificate._subjectAlternativeNames().contains { name in
            switch name.nameType {
            case .dnsName: isCovered(byDNSName: name.contents)
            case .ipAddress: isCovered(byAddress: name.contents)
            default: false
            }
        }
    }
}
