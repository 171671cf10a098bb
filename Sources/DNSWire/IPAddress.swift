/// An IPv4 or IPv6 address as a value: 16 bytes and a family.
public struct IPAddress: Hashable, Sendable {
    /// The version of the Internet Protocol.
    public enum Family: UInt8, Sendable, Hashable {
        /// IPv4.
        case v4 = 4
        /// IPv6.
        case v6 = 6
    }
    /// The version.
    public let family: Family
    /// For IPv4 the address in the low 32 bits of `low`, `high` zero. For IPv6 the first and the last eight bytes.
    package let high: UInt64
    package let low: UInt64

    package init(v4 bits: UInt32) {
        family = .v4
        high = 0
        low = UInt64(bits)
    }

    package init(v6High high: UInt64, low: UInt64) {
        family = .v6
        self.high = high
        self.low = low
    }
}
