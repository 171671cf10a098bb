import DNSWire

/// The identity that a server's certificate must contain: the host of the URL (RFC 9525 §6).
///
/// A name is compared only with the certificate's DNS names, and an address only with its IP addresses, whatever
/// address the connection was made to. The common name is ignored.
enum ReferenceIdentity: Sendable, Equatable {
    /// In lower case, without a trailing dot.
    case name(String)
    /// In network byte order.
    case address([UInt8])

    /// Reads the host of a URL: a name of A-labels, or an address without brackets. An address's zone says how the
    /// server is reached, not who it is.
    init(host: String) {
        let unscoped = host.contains(":") ? host.prefix { $0 != "%" } : host[...]
        if let address = IPAddress(unscoped) {
            self = .address(address.bytes)
        } else {
            self = .name((host.hasSuffix(".") ? String(host.dropLast()) : host).lowercased())
        }
    }

    /// The server name indication: a name without its trailing dot, and never an address (RFC 6066 §3).
    var serverName: String? {
        switch self {
        case .name(let name): name
        case .address: nil
        }
    }

    /// Whether a DNS name of a certificate covers the name asked for, without regard to case.
    ///
    /// A wildcard is the whole left-most label, stands for exactly one label, and has two labels or more behind it, as
    /// in curl, so that nobody can hold a certificate for a whole top-level domain (RFC 9525 §6.3).
    func isCovered(byDNSName presented: some Collection<UInt8>) -> Bool {
        guard case .name(let name) = self else { return false }
        let (dot, asterisk) = (UInt8(ascii: "."), UInt8(ascii: "*"))
        let asked = Array(name.utf8)
        var presented = presented.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        if presented.last == dot { presented.removeLast() }
        guard presented.starts(with: [asterisk, dot]) else { return !asked.isEmpty && presented == asked }
        let parent = presented.dropFirst()
        guard parent.dropFirst().contains(dot), let firstDot = asked.firstIndex(of: dot), firstDot > 0 else {
            return false
        }
        return asked[firstDot...].elementsEqual(parent)
    }

    /// Whether an IP address of a certificate is the address asked for.
    func isCovered(byAddress presented: some Collection<UInt8>) -> Bool {
        guard case .address(let bytes) = self else { return false }
        return bytes.elementsEqual(presented)
    }
}
