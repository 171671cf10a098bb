package import NIOSSL

/// TLS settings made ready for any number of hosts and connections.
///
/// Certificate chains are the TLS library's to validate. Names are not: the library accepts a certificate that names the
/// peer's address whatever name was asked for, and one that has a common name only. So where names are to be verified
/// the library is told not to, and `TLSIdentity` does it.
package struct TLSContext: Sendable {
    let library: NIOSSLContext
    let verifiesName: Bool
    /// There is a client certificate to show.
    let hasClientCertificate: Bool

    /// Takes some milliseconds, in which the system's authorities are read.
    package init(_ configuration: TLSConfiguration) throws {
        var configuration = configuration
        verifiesName = configuration.certificateVerification == .fullVerification
        if verifiesName { configuration.certificateVerification = .noHostnameVerification }
        hasClientCertificate = !configuration.certificateChain.isEmpty
        library = try NIOSSLContext(configuration: configuration)
    }
}

extension TLSVersion {
    /// The later of two versions.
    static func later(_ one: TLSVersion, _ other: TLSVersion) -> TLSVersion { one.rank < other.rank ? other : one }

    private var rank: Int {
        switch self {
        case .tlsv1: 0
        case .tlsv11: 1
        case .tlsv12: 2
        case .tlsv13: 3
        }
    }
}
