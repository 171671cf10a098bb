/// An http or https URL (RFC 9110 §4.2), split and validated. Nothing is decoded, resolved or normalised: it is sent as
/// written. A fragment is never sent and is dropped.
package struct HTTPURL: Hashable, Sendable {
    package let isTLS: Bool
    package let authority: Authority
    /// Path and query as sent; begins with `/`.
    package let target: String

    /// The explicit port or the scheme's default.
    package var port: Int { authority.port ?? (isTLS ? 443 : 80) }

    package init(_ text: some StringProtocol) throws(HTTPURLError) {
        let text = Substring(text)
        guard let separator = text.utf8.firstRange(of: "://".utf8) else { throw .noScheme }
        isTLS = try Self.isTLS(text[..<separator.lowerBound])
        let rest = text[separator.upperBound...].utf8.prefix { $0 != UInt8(ascii: "#") }
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        do throws(AuthorityError) {
            self.authority = try Authority(Substring(authority))
        } catch {
            throw .badAuthority(error)
        }
        let target = rest[authority.endIndex...]
        guard target.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .badPath }
        self.target = (target.first == UInt8(ascii: "/") ? "" : "/") + String(Substring(target))
    }

    /// The comparison of schemes ignores case (RFC 3986 §3.1).
    package static func isTLS(_ scheme: some StringProtocol) throws(HTTPURLError) -> Bool {
        switch scheme {
        case "http": return false
        case "https": return true
        default: break
        }
        switch scheme.lowercased() {
        case "http": return false
        case "https": return true
        default: throw .otherScheme("\(scheme)")
        }
    }
}

/// Why a text is not an http or https URL.
package enum HTTPURLError: Error, Hashable, Sendable {
    case noScheme
    case otherScheme(String)
    case badAuthority(AuthorityError)
    /// The path or query contains a space, a control character or a character outside ASCII.
    case badPath

    /// A sentence for users.
    package var sentence: String {
        switch self {
        case .noScheme: "A URL is written scheme://host or scheme://host:port, with a path or without."
        case .otherScheme: "The scheme is neither http nor https."
        case .badAuthority(let error): error.sentence
        case .badPath: "The path has a blank, a control character or a letter outside of ASCII."
        }
    }
}
