import DNSWire
import Glibc

/// The parts of an http or https URL that a request needs. A fragment never leaves the client and is dropped.
struct TargetURL: Sendable, Equatable {
    var isTLS: Bool
    /// In lower case; an IPv6 address without brackets.
    var host: String
    var port: Int
    /// Path and query as they are sent; begins with `/`.
    var path: String

    var scheme: String { isTLS ? "https" : "http" }
    /// `host:port`, the port always present.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    /// `scheme://host:port`, the port always present.
    var origin: String { "\(scheme)://\(authority)" }
    var text: String { origin + path }

    static func parse(_ text: String) throws(TextProblem) -> TargetURL {
        guard let separator = text.firstRange(of: "://") else { throw withoutScheme(text) }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw TextProblem("scheme '\(scheme)' is not supported", allowed: "http, https")
        }
        let rest = text[separator.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        if authority.contains("@") {
            throw TextProblem(
                "a user name or password in a URL is not sent; use --header 'Authorization: Basic …' instead")
        }
        var path = String(rest[authority.endIndex...])
        if authority.hasPrefix("["), !authority.contains("]") {
            throw TextProblem("the bracket of '\(authority)' is not closed", allowed: "http://[::1]:8080")
        }
        if !path.hasPrefix("/") { path = "/" + path }
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw TextProblem(
                "the path has a space, a control character or a letter outside of ASCII; percent-encode it")
        }
        var host = String(authority)
        var port = scheme == "https" ? 443 : 80
        if let (name, number) = try portCut(from: authority) { (host, port) = (name, number) }
        return TargetURL(isTLS: scheme == "https", host: try HostText.parse(host), port: port, path: path)
    }

    private static func withoutScheme(_ text: String) -> TextProblem {
        let looksLikeHost = text.contains(".") || text.contains(":") || text.hasPrefix("localhost")
        let problem = "'\(text)' is not a URL"
        return looksLikeHost && !text.hasPrefix("/")
            ? TextProblem("\(problem); did you mean 'http://\(text)'?")
            : TextProblem(problem, allowed: "http://HOST[:PORT][/PATH], https://HOST[:PORT][/PATH]")
    }

    private static func portCut(from authority: Substring) throws(TextProblem) -> (String, Int)? {
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else { return nil }
        let name = String(authority[..<colon])
        if name.contains(":"), !name.hasPrefix("[") {
            throw TextProblem("an IPv6 address in a URL stands in brackets", allowed: "http://[::1]:8080")
        }
        return (name, try PortText.parse(String(authority[colon...].dropFirst())))
    }
}

/// Ports: 1 to 65535.
enum PortText {
    static func parse(_ text: String) throws(TextProblem) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text), (1...65535).contains(port)
        else { throw TextProblem("'\(text)' is not a port", allowed: "1 to 65535") }
        return port
    }
}

/// Names and addresses of hosts.
enum HostText {
    /// A host name in lower case, an IPv4 address, or an IPv6 address out of its brackets.
    static func parse(_ text: String) throws(TextProblem) -> String {
        if text.isEmpty { throw TextProblem("the URL has no host") }
        if text.hasPrefix("["), text.hasSuffix("]") {
            let address = String(text.dropFirst().dropLast())
            guard isIPv6(address) else { throw TextProblem("'\(address)' is not an IPv6 address") }
            return address.lowercased()
        }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw TextProblem("host '\(text)' has letters outside of ASCII; write it in punycode (xn--…)")
        }
        guard isName(text) else { throw TextProblem("'\(text)' is not a host name") }
        let labels = text.split(separator: ".", omittingEmptySubsequences: true)
        if labels.allSatisfy({ $0.allSatisfy(\.isNumber) }), !isIPv4(text) {
            throw TextProblem("'\(text)' is not an IPv4 address")
        }
        return text.lowercased()
    }

    /// RFC 1123 labels, with the underscore that names in use have too; one dot may stand at the end.
    static func isName(_ text: String) -> Bool {
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        guard !name.isEmpty, name.utf8.count <= 253 else { return false }
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    }

    static func isIPv4(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }

    /// With or without a zone (`fe80::1%eth0`).
    static func isIPv6(_ text: String) -> Bool { IPAddress(text)?.family == .v6 }

    static func isAddress(_ text: String) -> Bool { isIPv4(text) || isIPv6(text) }
}
