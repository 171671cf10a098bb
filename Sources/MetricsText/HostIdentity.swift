/// The host that a sample is about, by the labels of its dialect.
struct HostIdentity: Hashable, Sendable {
    var dialect: Dialect
    var name: String
    var origin: String
    var isTLS: Bool

    /// Longer names than DNS allows are cut, because they come from outside.
    private static let maxBytes = 256

    /// Nil: the sample does not say.
    init?(_ sample: MetricSample, _ dialect: Dialect) {
        self.dialect = dialect
        switch dialect.naming {
        case .conventions(let names):
            guard let parts = Self.conventions(sample, names) else { return nil }
            (name, origin, isTLS) = parts
        case .origin(let label):
            guard let text = sample[label: label] else { return nil }
            let parsed = Origin(text)
            let scheme = parsed.scheme ?? "http"
            isTLS = scheme == "https"
            name = Self.authority(parsed.address, parsed.port ?? (isTLS ? "443" : "80"))
            origin = "\(scheme)://\(name)"
        case .authority(let label):
            guard let text = sample[label: label] else { return nil }
            let parsed = Origin(text)
            // Nothing says the scheme; the usual port of https is the best hint.
            isTLS = parsed.port == "443"
            name = text
            origin = (isTLS ? "https://" : "http://") + text
        case .name(let choices):
            guard let labels = choices.first(where: { $0.allSatisfy { sample[label: $0] != nil } }) else { return nil }
            name = labels.compactMap { sample[label: $0] }.joined(separator: "/")
            (origin, isTLS) = (name, false)
        case .one(let text):
            (name, origin, isTLS) = (text, text, false)
        }
        name = Self.cut(name)
        origin = Self.cut(origin)
    }

    /// `server_address`, `server_port`, `url_scheme`, and a label with a name, which only our own writer has.
    private static func conventions(
        _ sample: MetricSample, _ names: [String]
    ) -> (name: String, origin: String, isTLS: Bool)? {
        let name = names.lazy.compactMap { sample[label: $0] }.first
        guard let address = sample[label: "server_address"] else { return name.map { ($0, $0, false) } }
        let port = sample[label: "server_port"]
        let scheme = sample[label: "url_scheme"] ?? (port == "443" ? "https" : "http")
        let isTLS = scheme == "https"
        let authority = authority(address, port ?? (isTLS ? "443" : "80"))
        return (name ?? authority, "\(scheme)://\(authority)", isTLS)
    }

    private static func authority(_ address: String, _ port: String) -> String {
        address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= maxBytes ? text : String(decoding: text.utf8.prefix(maxBytes), as: UTF8.self)
    }
}
