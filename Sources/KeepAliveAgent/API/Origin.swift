import AgentCore
import DNSWire

/// What a pool belongs to: scheme, host and port, as RFC 9110 §4.3.1 compares them.
struct Origin: Hashable, Sendable {
    let isTLS: Bool
    /// As `Authority.host`: in lower case, an IPv6 address without brackets.
    let host: String
    let port: Int

    init(isTLS: Bool, _ authority: Authority) {
        self.isTLS = isTLS
        host = authority.host
        port = authority.port ?? (isTLS ? 443 : 80)
    }

    /// Reads `scheme://authority`, perhaps with a slash behind it.
    init(_ text: String) throws(AgentError) {
        let url: HTTPURL
        do throws(HTTPURLError) { url = try HTTPURL(text) } catch { throw .invalidRequest(error.sentence) }
        guard url.target == "/" else { throw .invalidRequest("An origin has no path and no query.") }
        self.init(isTLS: url.isTLS, url.authority)
    }

    private var authority: String { Authority.text(host: host, port: port) }

    /// `scheme://host:port`, the port always present.
    var text: String { (isTLS ? "https://" : "http://") + authority }

    /// The pool's description; its name is the authority.
    var hostDescription: HostDescription {
        HostDescription(
            name: authority, origin: text, isTLS: isTLS, port: port,
            location: IPAddress(host).map { .addresses([.ip($0, port: port)]) } ?? .name(host))
    }
}

extension AgentError {
    static func invalidRequest(_ detail: String) -> AgentError { AgentError(cause: .invalidRequest, detail: detail) }
}
