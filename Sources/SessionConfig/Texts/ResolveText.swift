import DNSWire
package import PlainDocuments

/// The texts of `--resolve` and `--dns-server`.
package enum ResolveText {
    package static let examples = "example.com:443:127.0.0.1, example.com:443:[::1]:8443, *:80:127.0.0.1:8080"

    /// `HOST:PORT:ADDR[:PORT]`, with several addresses joined by commas, `*` for any host or port.
    package static func parse(_ text: String) throws(TextProblem) -> ResolveOverride {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { throw TextProblem("'\(text)' is not HOST:PORT:ADDR[:PORT]", allowed: examples) }
        let host = parts[0] == "*" ? nil : try HostText.parse(parts[0])
        let port = parts[1] == "*" ? nil : try PortText.parse(parts[1])
        var addresses: [ResolveOverride.Address] = []
        for part in parts[2].split(separator: ",", omittingEmptySubsequences: false) {
            let (address, port) = try endpoint(String(part), examples: examples)
            addresses.append(ResolveOverride.Address(address: address, port: port))
            guard addresses.count <= PlanLimits.addresses else {
                throw TextProblem("has more than \(PlanLimits.addresses) addresses")
            }
        }
        return ResolveOverride(host: host, port: port, addresses: addresses)
    }

    package static func format(_ override: ResolveOverride) -> String {
        let addresses = override.addresses.map { entry in
            let address = entry.address.contains(":") ? "[\(entry.address)]" : entry.address
            return address + (entry.port.map { ":\($0)" } ?? "")
        }
        let port = override.port.map(String.init) ?? "*"
        return "\(override.host ?? "*"):\(port):\(addresses.joined(separator: ","))"
    }

    /// `IP[:PORT]`; an IPv6 address may stand alone or, before a port, in brackets.
    package static func parseServer(_ text: String) throws(TextProblem) -> SocketEndpoint {
        if HostText.isIPv6(text) { return SocketEndpoint(address: canonical(text), port: 53) }
        let (address, port) = try endpoint(text, examples: "127.0.0.1, 127.0.0.1:5353, [::1]:53")
        return SocketEndpoint(address: address, port: port ?? 53)
    }

    private static func endpoint(_ text: String, examples: String) throws(TextProblem) -> (String, Int?) {
        var address = text[...]
        var port: Int?
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            address = text[..<colon]
            if !address.contains(":") || address.hasPrefix("[") {
                port = try PortText.parse(String(text[colon...].dropFirst()))
            }
        }
        let isBracketed = address.hasPrefix("[") && address.hasSuffix("]")
        let plain = isBracketed ? String(address.dropFirst().dropLast()) : String(address)
        if !isBracketed, HostText.isIPv6(text) {
            throw TextProblem("an IPv6 address stands in brackets here", allowed: examples)
        }
        guard isBracketed ? HostText.isIPv6(plain) : HostText.isIPv4(plain) else {
            throw TextProblem("'\(text)' is not an IP address with or without a port", allowed: examples)
        }
        return (canonical(plain), port)
    }

    /// Lower case, but for a zone: names of interfaces differ by it.
    private static func canonical(_ address: String) -> String { IPAddress(address)?.description ?? address }
}
