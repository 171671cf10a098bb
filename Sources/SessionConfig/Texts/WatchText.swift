import DNSWire
package import PlainDocuments

/// How `pooltop watch` is told what to look at.
package enum WatchText {
    /// The kernel's limit of process ids (PID_MAX_LIMIT).
    private static let mostPid = 1 << 22
    /// No name of a program is longer (NAME_MAX).
    private static let mostName = 255

    /// A process id, or the name of a program.
    package static func process(_ text: String) throws(TextProblem) -> WatchPlan.Process {
        guard !text.isEmpty else { throw TextProblem("is empty", allowed: "a process id, or a name such as node") }
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            guard let pid = Int(text), (1...mostPid).contains(pid) else {
                throw TextProblem("'\(text)' is not a process id", allowed: "1 to \(mostPid)")
            }
            return .pid(pid)
        }
        guard !text.contains("/"), text.utf8.count <= mostName else {
            throw TextProblem(
                "'\(text)' is not the name of a program", allowed: "a name without its folder, such as node")
        }
        return .name(text)
    }

    package static func port(_ text: String) throws(TextProblem) -> Int { try PortText.parse(text) }

    /// `NAME[:PORT]`; an IPv6 address may stand alone or, before a port, in brackets.
    package static func host(_ text: String) throws(TextProblem) -> (host: String, port: Int?) {
        if HostText.isIPv6(text) { return (IPAddress(text)?.description ?? text, nil) }
        let authority = try authority(text)
        return (authority.host, authority.port)
    }

    /// `HOST:PORT`, whose host is a name.
    package static func name(_ text: String) throws(TextProblem) -> WatchedName {
        let examples = "api.internal:443, pay.test:8080"
        let authority = try authority(text)
        guard authority.address == nil else {
            throw TextProblem("'\(text)' is an address, which has no other name to be looked up", allowed: examples)
        }
        guard let port = authority.port else { throw TextProblem("'\(text)' has no port", allowed: examples) }
        let host = authority.host.hasSuffix(".") ? String(authority.host.dropLast()) : authority.host
        return WatchedName(name: host, port: port)
    }

    /// False for an address.
    package static func isName(_ host: String) -> Bool { IPAddress(host) == nil }

    private static func authority(_ text: String) throws(TextProblem) -> Authority {
        do throws(AuthorityError) { return try Authority(text) } catch {
            guard case .noHost = error else { throw HostText.problem(error) }
            throw TextProblem("'\(text)' has no host")
        }
    }
}
