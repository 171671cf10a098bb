import NIOCore

/// Decides who may use the control paths, `/_fault` and `/_stats`.
///
/// A loopback port is accessible to every user of the machine, and to every web page shown in one of its browsers.
/// Injecting a fault therefore requires a token, which is generated for each fleet and published only in the
/// announcement of `pooltop downstreams`. In addition, neither path answers a request that a page on another site can
/// cause:
///
/// - `Host` must be an announced name or address, or `localhost`, with its port. A page whose own name was made to
///   resolve to 127.0.0.1 (DNS rebinding) sends that name.
/// - `Origin` must be absent, `Sec-Fetch-Site` must be `none` or `same-origin`, and `Referer` must be one of ours.
///   Browsers add other values to cross-site requests. We serve no page that would send an `Origin`.
struct ControlAccess: Sendable {
    struct Refusal: Equatable {
        var status: Int
        var reason: String
    }

    private let token: String
    /// `host:port`, in lower case.
    private let authorities: Set<String>

    init(token: String, announcing endpoint: DownstreamEndpoint) {
        self.token = token
        // `localhost` is never resolved by DNS (RFC 6761 §6.3), so no page can have this name.
        authorities = Set(
            ["\(endpoint.hostName.lowercased()):\(endpoint.port)", "localhost:\(endpoint.port)"] + endpoint.addresses)
    }

    /// 128 random bits in hexadecimal digits.
    static func drawToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Nil if the request may be answered.
    func refusal(of head: RequestHead, _ route: Route) -> Refusal? {
        let hosts = head.values(of: "host")
        guard hosts.count == 1, authorities.contains(hosts[0].lowercased()) else {
            return Refusal(
                status: 403, reason: "Host must be an announced name or address, or localhost, with its port")
        }
        let sites = head.values(of: "sec-fetch-site")
        guard head.values(of: "origin").isEmpty, sites.allSatisfy({ $0 == "none" || $0 == "same-origin" }),
            head.values(of: "referer").allSatisfy(isOurs)
        else { return Refusal(status: 403, reason: "not for pages of other sites") }
        guard case .fault = route, head.method == .post else { return nil }
        return hasToken(head) ? nil : Refusal(status: 401, reason: "wants Authorization: Bearer TOKEN, as announced")
    }

    private func isOurs(_ url: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: { url.lowercased().hasPrefix($0) }) else {
            return false
        }
        return authorities.contains(url.dropFirst(scheme.count).prefix { $0 != "/" }.lowercased())
    }

    /// Compares in constant time, so that the duration does not reveal how much of a wrong token is right.
    private func hasToken(_ head: RequestHead) -> Bool {
        let fields = head.values(of: "authorization")
        guard fields.count == 1 else { return false }
        let words = fields[0].split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer", words[1].utf8.count == token.utf8.count else {
            return false
        }
        return zip(words[1].utf8, token.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension RequestHead {
    /// The values of all fields with that name, which must be in lower case, in the order of the request. The scanner
    /// has validated the head; this is for the few routes that need more than the framing.
    func values(of name: String) -> [String] {
        bytes.readableBytesView.split(separator: 10).dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                String(decoding: line[..<colon], as: UTF8.self).lowercased() == name
            else { return nil }
            let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 9 || byte == 13 }
            let value = line[(colon + 1)...].drop(while: isBlank).reversed().drop(while: isBlank).reversed()
            return String(decoding: value, as: UTF8.self)
        }
    }
}
