/// The address and port of a DNS server.
package struct DNSServerAddress: Sendable, Hashable, CustomStringConvertible {
    package static let standardPort: UInt16 = 53

    package var address: IPAddress
    package var port: UInt16

    package init(address: IPAddress, port: UInt16 = DNSServerAddress.standardPort) {
        self.address = address
        self.port = port
    }

    /// Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353` or `fe80::1%eth0`; nil if the text has
    /// another form.
    package init?(_ text: some StringProtocol) {
        if let address = IPAddress(text) {
            self.init(address: address)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let inner = isBracketed ? host.dropFirst().dropLast() : host
        guard let address = IPAddress(inner), (address.family == .v6) == isBracketed else { return nil }
        self.init(address: address, port: port)
    }

    private static func port(_ text: some StringProtocol) -> UInt16? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0 else {
            return nil
        }
        return port
    }

    package var description: String {
        switch address.family {
        case .v4: "\(address):\(port)"
        case .v6: "[\(address)]:\(port)"
        }
    }
}

/// How names are looked up: the contents of resolv.conf(5) and hosts(5), and our own options.
package struct ResolverConfiguration: Sendable, Equatable {
    /// As in glibc: further `nameserver` lines are ignored.
    package static let maximumServers = 3
    package static let maximumSearchDomains = 32
    package static let maximumNdots = 15
    package static let maximumTimeoutSeconds = 30
    package static let maximumAttempts = 5

    /// The servers in the order to ask. Default: the resolver on this machine, as in glibc if the file is missing or
    /// empty.
    package var servers = [DNSServerAddress(address: .loopbackV4)]
    /// The domains to try, in order, for names that do not end in a dot.
    package var search: [DomainName] = []
    /// A name with at least this many dots is tried as is before the search list. Default 1.
    package var ndots = 1
    /// The time limit for the answer to one message, in seconds. Default 5.
    package var timeoutSeconds = 5
    /// The number of rounds over all servers. Default 2.
    package var attempts = 2
    /// Whether each lookup starts with the next server in rotation. Default false.
    package var rotate = false
    /// Whether AAAA is queried as well as A. Default true.
    package var queriesIPv6 = true
    /// Answers that need no server.
    package var hosts = HostsFile()

    package init() {}

    /// Reads the texts of both files; use an empty text for a missing file.
    package init(resolvConf: String, hosts: String = "") {
        self.init(resolvConf: resolvConf)
        self.hosts = HostsFile(text: hosts)
    }

    /// Unreadable lines are skipped, as every resolver does, so that one bad line does not disable DNS.
    private init(resolvConf: String) {
        servers = []
        for line in resolvConf.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            // The keyword must start the line; `#` and `;` start a comment.
            guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { continue }
            let words = line.split { $0 == 0x20 || $0 == 0x09 }.compactMap { String(Substring($0)) }
            guard first != 0x20, first != 0x09, let keyword = words.first else { continue }
            switch keyword {
            case "nameserver": addServer(words.dropFirst().first)
            // `domain` is a search list with one entry; the last line of either kind wins.
            case "domain": search = words.dropFirst().prefix(1).compactMap { DomainName($0) }
            case "search":
                search = Array(words.dropFirst().compactMap { DomainName($0) }.prefix(Self.maximumSearchDomains))
            case "options": for option in words.dropFirst() { apply(option) }
            default: continue
            }
        }
        if servers.isEmpty { servers = [DNSServerAddress(address: .loopbackV4)] }
    }

    private mutating func addServer(_ text: String?) {
        guard servers.count < Self.maximumServers, let text, let address = IPAddress(text) else { return }
        servers.append(DNSServerAddress(address: address))
    }

    private mutating func apply(_ option: String) {
        let parts = option.split(separator: ":", maxSplits: 1)
        let value = parts.count == 2 ? Int(parts[1]) : nil
        switch (parts.first, value) {
        case ("ndots", let value?): ndots = min(max(value, 0), Self.maximumNdots)
        case ("timeout", let value?): timeoutSeconds = min(max(value, 1), Self.maximumTimeoutSeconds)
        case ("attempts", let value?): attempts = min(max(value, 1), Self.maximumAttempts)
        case ("rotate", nil): rotate = true
        default: return
        }
    }
}

/// The answers of hosts(5): names with fixed addresses.
package struct HostsFile: Sendable, Equatable {
    /// Lines beyond this are not read; the largest block lists in use have some 200,000.
    package static let maximumNames = 500_000
    package static let maximumAddressesPerName = 64

    private var addresses: [String: [IPAddress]] = [:]

    package init() {}

    /// Each line has one address and its names; `#` starts a comment. Lines for the same name are combined, without
    /// duplicates.
    package init(text: String) {
        for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let words = line.prefix { $0 != UInt8(ascii: "#") }.split { $0 == 0x20 || $0 == 0x09 }
            guard let first = words.first, let address = IPAddress(Substring(first)) else { continue }
            for word in words.dropFirst() { add(Self.key(Substring(word)), address) }
        }
    }

    private mutating func add(_ name: String, _ address: IPAddress) {
        var known = addresses[name] ?? []
        guard addresses.count < Self.maximumNames || !known.isEmpty else { return }
        guard known.count < Self.maximumAddressesPerName, !known.contains(address) else { return }
        known.append(address)
        addresses[name] = known
    }

    /// The addresses of a name in the file's order; nil if the file does not contain it.
    ///
    /// `localhost` and names below it always mean this machine and are never sent to a server (RFC 6761 §6.3).
    package func lookup(_ name: String) -> [IPAddress]? {
        if let found = addresses[Self.key(name)] { return found }
        return SpecialUseName(name) == .localhost ? [.loopbackV4, .loopbackV6] : nil
    }

    private static func key(_ name: some StringProtocol) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
    }
}
