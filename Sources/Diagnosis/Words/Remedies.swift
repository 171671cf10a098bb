import PoolModel

extension FailureCause {
    /// The remedy, as the second half of a sentence.
    var remedy: String {
        switch self {
        case .dnsNotFound: "check the name and the search list"
        case .dnsTimeout: "check that the DNS server runs and that port 53 is open"
        case .dnsFailure: "its own servers or the zone are broken"
        case .connectRefused: "start the server or check the port"
        case .connectTimeout: "check the address and firewalls"
        case .connectUnreachable: "check the address and the routes of this machine"
        case .addressNotAvailable: "reuse connections (HTTP keep-alive), or wait for TIME_WAIT to end"
        case .tooManyOpenFiles: "raise the limit (ulimit -n), or lower maxTotalSockets"
        case .tlsHandshakeFailed: "compare what both sides offer: pooltop probe shows it"
        case .tlsCertificateInvalid: "trust its authority with --ca-file, or for a test only use --insecure"
        case .queueFull, .queueTimeout: "raise maxSockets, or lower the rate"
        case .requestTimeout: "the server takes longer than the request's limit; look there, or raise --timeout"
        case .firstByteTimeout: "the server takes longer than firstByteTimeout; look there, or raise it"
        case .peerClosed: "the server, or a proxy before it, ends connections in the middle of work; look at its log"
        case .peerReset: "the server, or a proxy before it, crashes or cuts connections off; look at its log"
        case .incompleteBody: "the server, or a proxy before it, stops in the middle of bodies; look at its log"
        case .framingError: "is this really an HTTP/1.1 server on that port?"
        case .bodyTooLarge: "the limit on bodies is ours; raise it"
        case .cancelled: "the callers gave up"
        case .shutdown: "the agent has ended"
        case .invalidRequest: "the request is at fault, not the network"
        case .unixSocketMissing: "start the server, or check the path"
        }
    }
}

extension TLSFailure {
    /// The remedy, as the second half of a sentence.
    package var remedy: String {
        switch self {
        case .unknownAuthority: "give the authority's certificate with --ca-file, or for a test only use --insecure"
        case .selfSigned: "trust it with --ca-file FILE, or for a test only use --insecure"
        case .expired: "its owner has to renew it; for a test only, --insecure goes on"
        case .notYetValid: "compare the clocks of both machines"
        case .wrongName: "use a name that is in the certificate (--resolve maps it to the address)"
        case .wrongPurpose: "its owner needs a certificate for servers"
        case .revoked: "its owner has to replace it"
        case .clientCertificateWanted: "give one with --cert FILE and --key FILE"
        case .clientCertificateRefused: "is it the right one, and still valid?"
        case .protocolVersion: "pooltop probe shows which versions the server has"
        case .noAgreement: "pooltop probe shows what the server has"
        case .nameUnknown: "use the name that the server knows"
        case .notTLS: "use http:// instead of https://, or the server's TLS port"
        case .closed, .reset: "is the port one for https? A proxy or firewall may cut TLS off"
        case .timeout: "is the port one for https? The server or a firewall holds the handshake up"
        case .other: "pooltop probe shows more of the handshake"
        }
    }
}
