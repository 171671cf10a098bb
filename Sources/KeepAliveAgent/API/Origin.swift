import AgentCore
import DNSWire

/// What a pool belongs to: scheme, host and port, as RFC 9110 §4.3.1 compares them.
struct Origin: Hashable, Sendable {
    let isTLS: Bool
    /// As `Authority.host`: in lower case, an IPv6 address without brackets.
    let host: String
    let port: Int
    /// The socket of `http+unix`; nil: TCP.
    let unixPath: String?

    init(isTLS: Bool, _ authority: Authority) {
        self.isTLS = isTLS
        host = authority.host
        port = authority.port ?? (isTLS ? 443 : 80)
        unixPath = nil
    }

    /// Reads `scheme://authority`, perhaps with a slash behind it.
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

    /// The socket whose path is the authority of an `http+unix` URL.
    init(socket authority: some StringProtocol) throws(AgentError) {
        isTLS = false
        (host, port) = ("localhost", 80)
        unixPath = try Self.socketPath(of: authority)
    }

    /// `scheme://host:port`, the port always present; of a socket its path, percent-encoded.
    var text: String { (isTLS ? "https://" : unixPath == nil ? "http://" : Self.unixScheme + "://") + authority }

    private var authority: String {
        if let unixPath { return Self.encoded(unixPath) }
        return Authority.text(host: host, port: port)
    }

    /// The pool's description; its name is the authority, or the socket's path.
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
    /// A request to it cannot be sent as it is.
    func refusal(_ detail: String) -> AgentError {
        AgentError(cause: .invalidRequest, origin: text, detail: detail)
    }
}

extension AgentError {
    static func invalidRequest(_ detail: String) -> AgentError { AgentError(cause: .invalidRequest, detail: detail) }
}
