import AgentCore
import DNSWire

/// What a pool belongs to: scheme, host and port, as RFC 9110 §4.3.1 compares them.
struct Origin: Hashable, Sendable {
    let isTLS: Bool
    /// In lower case; an IPv6 address without brackets.
    let host: String
    let port: Int

    /// Reads `HOST`, `HOST:PORT`, `192.0.2.1:PORT` or `[::1]:PORT`.
    init(scheme: String?, authority: String?) throws(AgentError) {
        switch scheme {
        case "http", "HTTP": isTLS = false
        case "https", "HTTPS": isTLS = true
        default: throw .invalidRequest("The scheme is neither http nor https.")
        }
        guard let authority, !authority.isEmpty else { throw .invalidRequest("The request has no authority.") }
        let (host, port) = try Self.split(authority.utf8)
        self.port = port ?? (isTLS ? 443 : 80)
        self.host = String(host)?.lowercased() ?? ""
        guard !self.host.isEmpty else { throw .invalidRequest("The authority has no host.") }
    }

    /// Reads `scheme://authority`.
    init(_ text: String) throws(AgentError) {
        guard let separator = text.firstRange(of: "://") else {
            throw .invalidRequest("An origin is written scheme://host or scheme://host:port.")
        }
        let authority = text[separator.upperBound...]
        try self.init(
            scheme: String(text[..<separator.lowerBound]),
            authority: String(authority.hasSuffix("/") ? authority.dropLast() : authority))
    }

    private static func split(
        _ authority: String.UTF8View
    ) throws(AgentError) -> (host: Substring.UTF8View, port: Int?) {
        var host = authority[...]
        var port: Int?
        if let colon = authority.lastIndex(of: UInt8(ascii: ":")), !authority[colon...].contains(UInt8(ascii: "]")) {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            if !digits.isEmpty {
                guard let number = Self.port(digits) else { throw .invalidRequest("The port is not 1 to 65535.") }
                port = number
            }
        }
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") { host = host.dropFirst().dropLast() }
        // Everything else that may not stand in a host is refused where it is put into the Host field.
        guard !host.contains(UInt8(ascii: "@")), !host.contains(UInt8(ascii: "/")) else {
            throw .invalidRequest("The authority has more than a host and a port.")
        }
        return (host, port)
    }

    private static func port(_ digits: Substring.UTF8View) -> Int? {
        guard digits.count <= 5 else { return nil }
        var port = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            port = port * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return (1...65_535).contains(port) ? port : nil
    }

    /// Whether the host is an address and needs no DNS.
    var address: IPAddress? { IPAddress(host) }

    private var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// `scheme://host:port`, the port always present.
    var text: String { (isTLS ? "https://" : "http://") + authority }

    /// The pool's description; its name is the authority.
    var hostDescription: HostDescription {
        HostDescription(
            name: authority, origin: text, isTLS: isTLS, port: port,
            location: address.map { .addresses([.ip($0, port: port)]) } ?? .name(host))
    }
}

extension AgentError {
    static func invalidRequest(_ detail: String) -> AgentError { AgentError(cause: .invalidRequest, detail: detail) }
}
