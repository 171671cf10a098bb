import DNSWire
package import PlainDocuments

/// The parts of an http or https URL that a request needs. A fragment never leaves the client and is dropped.
package struct TargetURL: Sendable, Equatable {
    package var isTLS: Bool
    /// In lower case; an IPv6 address without brackets, a zone behind `%`.
    package var host: String
    package var port: Int
    /// Path and query as they are sent; begins with `/`.
    package var path: String

    package var scheme: String { isTLS ? "https" : "http" }
    /// `host:port`, the port always present.
    package var authority: String { Authority.text(host: host, port: port) }
    /// `scheme://host:port`, the port always present.
    package var origin: String { "\(scheme)://\(authority)" }
    var text: String { origin + path }

    /// The value of the Host field, without a zone, and without the scheme's default port.
    package var hostField: String {
        Authority.text(host: String(host.prefix { $0 != "%" }), port: port == (isTLS ? 443 : 80) ? nil : port)
    }

    package static func parse(_ text: String) throws(TextProblem) -> TargetURL {
        do throws(HTTPURLError) {
            let url = try HTTPURL(text)
            return TargetURL(isTLS: url.isTLS, host: url.authority.host, port: url.port, path: url.target)
        } catch {
            throw problem(error, text)
        }
    }

    private static func problem(_ error: HTTPURLError, _ text: String) -> TextProblem {
        switch error {
        case .noScheme: withoutScheme(text)
        case .otherScheme(let scheme):
            TextProblem("scheme '\(scheme.lowercased())' is not supported", allowed: "http, https")
        case .badAuthority(let error): HostText.problem(error)
        case .badPath:
            TextProblem("the path has a space, a control character or a letter outside of ASCII; percent-encode it")
        }
    }

    private static func withoutScheme(_ text: String) -> TextProblem {
        let looksLikeHost = text.contains(".") || text.contains(":") || text.hasPrefix("localhost")
        let problem = "'\(text)' is not a URL"
        return looksLikeHost && !text.hasPrefix("/")
            ? TextProblem("\(problem); did you mean 'http://\(text)'?")
            : TextProblem(problem, allowed: "http://HOST[:PORT][/PATH], https://HOST[:PORT][/PATH]")
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
        do throws(AuthorityError) { return try Authority.host(text).host } catch { throw problem(error) }
    }

    static func problem(_ error: AuthorityError) -> TextProblem {
        switch error {
        case .noHost: TextProblem("the URL has no host")
        case .userInformation:
            TextProblem("a user name or password in a URL is not sent; use --header 'Authorization: Basic …' instead")
        case .controlCharacter: TextProblem("the host has a control character")
        case .notName(let text): TextProblem("'\(text)' is not a host name")
        case .notASCII(let text):
            TextProblem("host '\(text)' has letters outside of ASCII; write it in punycode (xn--…)")
        case .notIPv4(let text): TextProblem("'\(text)' is not an IPv4 address")
        case .notIPv6(let text): TextProblem("'\(text)' is not an IPv6 address")
        case .bareIPv6:
            TextProblem("an IPv6 address in a URL stands in brackets", allowed: "http://[::1]:8080")
        case .openBracket(let text):
            TextProblem("the bracket of '\(text)' is not closed", allowed: "http://[::1]:8080")
        case .badZone(let text):
            TextProblem("'\(text)' has no zone of a link-local address", allowed: "http://[fe80::1%25eth0]:8080")
        case .badPort(let text): TextProblem("'\(text)' is not a port", allowed: "1 to 65535")
        }
    }

    static func isIPv4(_ text: String) -> Bool { IPAddress(text)?.family == .v4 }

    /// With or without a zone (`fe80::1%eth0`).
    static func isIPv6(_ text: String) -> Bool { IPAddress(text)?.family == .v6 }
}
