import AgentCore
import DNSWire

/// The key of a connection pool: scheme, host and port, compared as in RFC 9110 §4.3.1.
struct Origin: Hashable, Sendable {
    let isTLS: Bool
    /// The same form as `Authority.host`: in lower case, an IPv6 address without brackets.
    let host: String
    let port: Int
    /// The socket path of `http+unix`; nil for TCP.
    let unixPath: String?

    init(isTLS: Bool, _ authority: Authority) {
        self.isTLS = isTLS
        host = authority.host
        port = authority.port ?? (isTLS ? 443 : 80)
        unixPath = nil
    }

    /// Reads `scheme://authority`, with or without a slash at the end.
    init(_ text: String) throws(AgentError) {
        if let separator = text.firstRange(of: "://"), Self.isUnix(text[..<separator.lowerBound]) {
            let path = text[separator.upperBound...]
            try self.init(socket: path.hasSuffix("/") ? path.dropLast() : path)
            return
        }
        let url: HTTPURL
        do throws(HTTPURLError) { url = try HTTPURL(text) } catch { throw .invalidRequest(error.sentence) }
        guard url.target == "/" else { throw .invalidRequest("An origin has no path and no query.") }
        self.init(isTLS: url.isTLS, url.authority)
    }

    /// A socket whose path is the authority of an `http+unix` URL.
    init(socket authority: some StringProtocol) throws(AgentError) {
        isTLS = false
        (host, port) = ("localhost", 80)
        unixPath = try Self.socketPath(of: authority)
    }

    /// `scheme://host:port`, always with the port; for a socket, its percent-encoded path.
    var text: String { (isTLS ? "https://" : unixPath == nil ? "http://" : Self.unixScheme + "://") + authority }

    private var authority: String {
        if let unixPath { return Self.encoded(unixPath) }
        return Authority.text(host: host, port: port)
    }

    /// The pool's description, named after the authority or the socket's path.
    func hostDescription(at fixed: AddressOverride?) -> HostDescription {
        let location: HostDescription.Location
        if let unixPath {
            location = .addresses([.unix(path: unixPath)])
        } else if let fixed {
            location = .addresses(fixed.addresses(port: port))
        } else {
            location = IPAddress(host).map { .addresses([.ip($0, port: port)]) } ?? .name(host)
        }
        return HostDescription(
            name: unixPath ?? authority, origin: text, isTLS: isTLS, port: unixPath == nil ? port : 0,
            location: location)
    }
}

extension Origin {
    /// The error for a request to this origin that cannot be sent as it is.
    func refusal(_ detail: String) -> AgentError {
        AgentError(cause: .invalidRequest, origin: text, detail: detail)
    }
}

extension AgentError {
    static func invalidRequest(_ detail: String) -> AgentError { AgentError(cause: .invalidRequest, detail: detail) }
}
