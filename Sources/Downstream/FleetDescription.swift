/// The first line that `pooltop downstreams --format json` prints. The field names are a stable interface.
package struct FleetDescription: Codable, Hashable, Sendable {
    package struct Downstream: Codable, Hashable, Sendable {
        package var name: String
        /// With the name that `dns` resolves, and a path: `http://search.pooltop.test:40123/`.
        package var url: String
        /// The first address that it listens on: `127.0.0.1:40123`.
        package var address: String
    }
    /// Address and port, UDP and TCP.
    package var dns: String
    package var downstreams: [Downstream]
    /// The token that `POST /_fault` requires as `Authorization: Bearer TOKEN`.
    package var token: String
}

/// The name and addresses of one downstream.
package struct DownstreamEndpoint: Hashable, Sendable {
    package let name: String
    package let url: String
    package let hostName: String
    package let port: Int
    /// `127.0.0.1:PORT`, the first of `addresses`.
    package var address: String { addresses.first ?? "" }
    /// All addresses that it listens on, with the port.
    package let addresses: [String]

    init(_ scenario: Scenario, port: Int) {
        name = scenario.name
        hostName = scenario.hostName
        self.port = port
        url = "\(scenario.scheme.rawValue)://\(scenario.hostName):\(port)/"
        addresses = scenario.addresses.map { "\($0):\(port)" }
    }
}
