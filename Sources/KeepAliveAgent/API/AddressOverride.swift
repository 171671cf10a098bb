import AgentCore
import DNSWire

/// Fixed addresses for an origin, which is then not looked up. Its name still stands in Host, and in SNI and the
/// certificate's check. Matches an entry of curl's `--resolve`.
public struct AddressOverride: Sendable, Equatable {
    /// nil: any.
    private let host: String?
    private let port: Int?
    private let endpoints: [Endpoint]

    private struct Endpoint: Sendable, Equatable {
        var address: IPAddress
        /// nil: the origin's.
        var port: Int?
    }

    /// Reads `HOST:PORT:ADDRESS`, as `example.com:443:127.0.0.1`.
    ///
    /// `*` stands for any host or any port. An address may have a port of its own, an IPv6 one then stands in brackets
    /// (`[::1]:8443`), and several are joined by commas: connections take turns over them as over the addresses of a DNS
    /// answer. nil for everything else.
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
