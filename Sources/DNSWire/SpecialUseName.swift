/// A name that must not be sent to any DNS server. The hosts file may still contain it.
///
/// `.local` is not included: without multicast DNS (RFC 6762), system resolvers send it to servers too, and many
/// private networks answer. `.test`, `.example` and `.home.arpa` are not included either, because a local server may
/// know them.
package enum SpecialUseName: Sendable, Hashable {
    /// Names of Tor services. A query for one would reveal to every server on the way which service is about to be
    /// visited.
    case onion
    /// Names that are guaranteed not to exist.
    case invalid
    /// Names outside the DNS.
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

    /// Ignores case and a trailing dot.
    package init?(_ text: some StringProtocol) {
        guard let name = DomainName(text) else { return nil }
        self.init(name)
    }

    /// A sentence that says why a name of this kind has no address; nil if it has one.
    package var absence: String? {
        switch self {
        case .onion: "A name under .onion is never asked of a DNS server (RFC 7686)."
        case .invalid: "A name under .invalid does not exist (RFC 6761)."
        case .alt: "A name under .alt is not a DNS name (RFC 9476)."
        case .localhost: nil
        }
    }
}
