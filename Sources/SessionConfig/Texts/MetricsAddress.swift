package import PlainDocuments

/// Where metrics are served: `9464`, `:9464`, `0.0.0.0:9464`, `[::]:9464`.
package struct MetricsAddress: Sendable, Equatable {
    /// Nobody else's machine reaches it unless an address is given.
    private static let loopback = "127.0.0.1"

    package var host: String
    /// 0: any that is free.
    package var port: Int

    package static func parse(_ text: String) throws(TextProblem) -> MetricsAddress {
        let colon = text.lastIndex(of: ":")
        let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
        let address = colon.map { text[..<$0] } ?? ""
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), port <= 65535 else {
            throw TextProblem("'\(text)' is not a port", allowed: "9464, 0.0.0.0:9464, [::]:9464")
        }
        guard !address.isEmpty else { return MetricsAddress(host: loopback, port: port) }
        if address.hasPrefix("["), address.hasSuffix("]") {
            return MetricsAddress(host: String(address.dropFirst().dropLast()), port: port)
        }
        guard !address.contains(":") else {
            throw TextProblem("'\(text)': an IPv6 address has brackets", allowed: "[::1]:\(port)")
        }
        return MetricsAddress(host: String(address), port: port)
    }
}
