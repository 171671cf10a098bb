/// What `pooltop downstreams --format json` prints on its first line. The field names are a contract.
package struct FleetDescription: Codable, Hashable, Sendable {
    package struct Downstream: Codable, Hashable, Sendable {
        package var name: String
        /// With the name that has to be asked of `dns`, and a path: `http://search.pooltop.test:40123/`.
        package var url: String
        /// Where it listens first: `127.0.0.1:40123`.
        package var address: String
    }
    /// Address and port, UDP and TCP.
    package var dns: String
    package var downstreams: [Downstream]
    /// What `POST /_fault` wants as `Authorization: Bearer TOKEN`.
    package var token: String
}

/// Where one downstream is.
package struct DownstreamEndpoint: Hashable, Sendable {
    package let name: String
    package let url: String
    package let hostName: String
    package let port: Int
    /// `127.0.0.1:PORT`, the first of `addresses`.
    package var address: String { addresses.first ?? "" }
    /// Every address it listens on, with the port.
    package let addresses: [String]

    init(_ scenario: Scenario, port: Int) {
        name = scenario.name
        hostName = scenario.hostName
        self.port = port
        url = "\(scenario.scheme.rawValue)://\(scenario.hostName):\(port)/"
        addresses = scenario.addresses.map { "\($0):\(port)" }
    }
}
