import AgentCore
import DNSWire

/// Fixed addresses for an origin, used instead of a DNS lookup. The origin's name is still sent in Host and SNI, and
/// the certificate is still checked against it. Matches an entry of curl's `--resolve`.
public struct AddressOverride: Sendable, Equatable {
    /// nil: any host.
    private let host: String?
    private let port: Int?
    private let endpoints: [Endpoint]

    private struct Endpoint: Sendable, Equatable {
        var address: IPAddress
        /// nil: the origin's port.
        var port: Int?
    }

    /// Reads `HOST:PORT:ADDRESS`, such as `example.com:443:127.0.0.1`; nil if the text has another form.
    ///
    /// `*` matches any host or any port. An address may carry its own port, in which case an IPv6 address is in
    /// brackets (`[::1]:8443`). Several addresses are separated by commas; connections rotate over them as over the
    /// addresses of a DNS answer.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty else { return nil }
        host = parts[0] == "*" ? nil : parts[0].lowercased()
        if parts[1] == "*" {
            port = nil
        } else {
            guard let number = UInt16(parts[1]), number > 0 else { return nil }
            port = Int(number)
        }
        var endpoints: [Endpoint] = []
        for part in parts[2].split(separator: ",", omittingEmptySubsequences: false) {
            if let address = IPAddress(part) {
                endpoints.append(Endpoint(address: address, port: nil))
            } else if let endpoint = DNSServerAddress(part) {
                endpoints.append(Endpoint(address: endpoint.address, port: Int(endpoint.port)))
            } else {
                return nil
            }
        }
        self.endpoints = endpoints
    }

    func fits(_ origin: Origin) -> Bool {
        origin.unixPath == nil && (host ?? origin.host) == origin.host && (port ?? origin.port) == origin.port
    }

    func addresses(port: Int) -> [PeerAddress] { endpoints.map { .ip($0.address, port: $0.port ?? port) } }
}
