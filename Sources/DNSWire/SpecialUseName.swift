/// A name that no DNS server may be asked for. The hosts file may still have it.
///
/// `.local` is not among them: without multicast DNS (RFC 6762) here, the system's resolvers ask servers for it as well,
/// and many private networks answer. Neither are `.test`, `.example` and `.home.arpa`, which a local server may know.
package enum SpecialUseName: Sendable, Hashable {
    /// Names of Tor services. A query for one tells every server on the way what somebody is about to visit.
    case onion
    /// Names that are certain not to exist.
    case invalid
    /// Names of other systems than the DNS.
    case alt
    /// This machine.
    case localhost

    private static let labels: [(kind: SpecialUseName, name: DomainName)] = [
        (.onion, "onion"), (.invalid, "invalid"), (.alt, "alt"), (.localhost, "localhost"),
    ].map { kind, label in (kind, DomainName(uncheckedWire: [UInt8(label.utf8.count)] + label.utf8 + [0])) }

    package init?(_ name: DomainName) {
        guard let found = Self.labels.first(where: { name.isWithin($0.name) }) else { return nil }
        self = found.kind
    }

    /// In any case, with or without the trailing dot.
    package init?(_ text: some StringProtocol) {
        guard let name = DomainName(text) else { return nil }
        self.init(name)
    }

    /// Why a name of this kind has no address, as a sentence; nil where it has one.
    package var absence: String? {
        switch self {
        case .onion: "A name under .onion is never asked of a DNS server (RFC 7686)."
        case .invalid: "A name under .invalid does not exist (RFC 6761)."
        case .alt: "A name under .alt is not a DNS name (RFC 9476)."
        case .localhost: nil
        }
    }
}
