/// An IPv4 or IPv6 address as a value: 16 bytes and a family, and the zone of a link-local address if one was given.
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
    private let scope: AddressZone

    package init(v4 bits: UInt32) {
        family = .v4
        high = 0
        low = UInt64(bits)
        scope = .none
    }

    package init(v6High high: UInt64, low: UInt64) { self.init(v6High: high, low: low, scope: .none) }

    private init(v6High high: UInt64, low: UInt64, scope: AddressZone) {
        family = .v6
        self.high = high
        self.low = low
        self.scope = scope
    }
}

extension IPAddress {
    package static let loopbackV4 = IPAddress(v4: 0x7F00_0001)
    package static let loopbackV6 = IPAddress(v6High: 0, low: 1)

    /// Whether the address is on this machine: 127.0.0.0/8, `::1`, or 127.0.0.0/8 mapped into IPv6.
    public var isLoopback: Bool {
        switch family {
        case .v4: low >> 24 == 127
        case .v6: high == 0 && (low == 1 || (isMappedV4 && (low >> 24) & 0xFF == 127))
        }
    }

    /// The interface that the address belongs to; nil if none was given.
    package var zone: AddressZone? { scope == .none ? nil : scope }

    /// The address as other machines know it. A zone has a meaning only on this machine and is never sent (RFC 4007
    /// §11.2).
    package var withoutZone: IPAddress { IPAddress(family: family, high: high, low: low) }

    private init(family: Family, high: UInt64, low: UInt64) {
        self.family = family
        self.high = high
        self.low = low
        scope = .none
    }

    /// The same address on an interface; nil unless it is link-local (`fe80::/10`), because a zone has no meaning
    /// otherwise.
    package func inZone(_ zone: AddressZone) -> IPAddress? {
        guard family == .v6, high >> 54 == 0xFE80 >> 6 else { return nil }
        return IPAddress(v6High: high, low: low, scope: zone)
    }

    /// `::ffff:0:0/96` (RFC 4291 §2.5.5.2).
    private var isMappedV4: Bool { family == .v6 && high == 0 && low >> 32 == 0xFFFF }

    /// The address in network byte order: four bytes or sixteen.
    package var bytes: [UInt8] {
        switch family {
        case .v4: (0..<4).map { Self.byte($0 + 4, of: low) }
        case .v6: (0..<16).map { Self.byte($0 % 8, of: $0 < 8 ? high : low) }
        }
    }

    /// Byte `index` from the left.
    private static func byte(_ index: Int, of word: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * index))
    }

    /// Group `index` of the eight groups of an IPv6 address.
    private func group(_ index: Int) -> UInt64 {
        let word = index < 4 ? high : low
        return word >> UInt64(48 - 16 * (index % 4)) & 0xFFFF
    }
}

// MARK: Text in

extension IPAddress {
    /// Reads dotted decimal or any form of RFC 4291 §2.2; nil if the text has another form. Only a link-local address
    /// may be followed by a zone (`fe80::1%eth0`, RFC 4007 §11).
    ///
    /// As strict as `inet_pton`: four decimal parts without leading zeros. `010.0.0.1`, `127.1` and `0x7f.1` are
    /// therefore names, and not addresses that two programs might read differently.
    public init?(_ text: some StringProtocol) {
        let all = Array(text.utf8.prefix(Self.longestText + 1))
        guard all.count <= Self.longestText else { return nil }
        let digits = all.prefix { $0 != UInt8(ascii: "%") }
        let parsed = digits.contains(UInt8(ascii: ":")) ? Self.parseV6(digits) : Self.parseV4(digits)
        guard let parsed else { return nil }
        if digits.count == all.count {
            self = parsed
        } else {
            guard let zone = AddressZone(all[(digits.count + 1)...]), let scoped = parsed.inZone(zone) else {
                return nil
            }
            self = scoped
        }
    }

    /// Eight groups with a dotted tail, and a zone.
    private static let longestText = 45 + 1 + AddressZone.maximumLength

    /// The same for dotted decimal only, without copying the text.
    init?(dotted text: some Sequence<UInt8>) {
        guard let address = Self.parseV4(text) else { return nil }
        self = address
    }

    private static func parseV4(_ text: some Sequence<UInt8>) -> IPAddress? {
        var bits: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var parts = 1
        for byte in text {
            switch byte {
            case UInt8(ascii: "."):
                guard digits > 0, parts < 4 else { return nil }
                bits = bits << 8 | part
                (part, digits, parts) = (0, 0, parts + 1)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard digits == 0 || part > 0 else { return nil }
                part = part * 10 + UInt32(byte - UInt8(ascii: "0"))
                digits += 1
                guard part <= 255 else { return nil }
            default: return nil
            }
        }
        return parts == 4 && digits > 0 ? IPAddress(v4: bits << 8 | part) : nil
    }

    private static func parseV6(_ text: ArraySlice<UInt8>) -> IPAddress? {
        let colon = UInt8(ascii: ":")
        var before: [UInt16] = []
        var after: [UInt16] = []
        var gap = false
        var rest = text
        if rest.starts(with: [colon, colon]) {
            gap = true
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let part = rest.prefix { $0 != colon }
            rest = rest[part.endIndex...]
            guard let groups = groups(of: part, isLast: rest.isEmpty) else { return nil }
            if gap { after += groups } else { before += groups }
            guard before.count + after.count <= 8 else { return nil }
            if rest.isEmpty { break }
            rest = rest.dropFirst()
            // A single colon must be followed by a group; a double colon is the one gap.
            guard let next = rest.first else { return nil }
            if next == colon {
                if gap { return nil }
                gap = true
                rest = rest.dropFirst()
            }
        }
        let count = before.count + after.count
        guard gap ? count <= 7 : count == 8 else { return nil }
        let all = before + Array(repeating: 0, count: 8 - count) + after
        return IPAddress(v6High: pack(all[0..<4]), low: pack(all[4..<8]))
    }

    /// One group of four hexadecimal digits, or the two groups that a dotted tail stands for.
    private static func groups(of part: ArraySlice<UInt8>, isLast: Bool) -> [UInt16]? {
        if isLast, part.contains(UInt8(ascii: ".")) {
            guard let tail = parseV4(part) else { return nil }
            return [UInt16(truncatingIfNeeded: tail.low >> 16), UInt16(truncatingIfNeeded: tail.low)]
        }
        guard (1...4).contains(part.count) else { return nil }
        var value: UInt16 = 0
        for digit in part {
            guard let nibble = hexValue(digit) else { return nil }
            value = value << 4 | nibble
        }
        return [value]
    }

    private static func pack(_ groups: ArraySlice<UInt16>) -> UInt64 { groups.reduce(0) { $0 << 16 | UInt64($1) } }

    private static func hexValue(_ digit: UInt8) -> UInt16? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(digit - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(digit - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

// MARK: Text out

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the canonical text of RFC 5952: lower case, the longest run of zero groups as `::`. A zone
    /// follows after `%`.
    public var description: String {
        switch family {
        case .v4: Self.dotted(low)
        case .v6: (isMappedV4 ? "::ffff:" + Self.dotted(low & 0xFFFF_FFFF) : canonicalV6) + zoneSuffix
        }
    }

    private var zoneSuffix: String { zone.map { "%\($0)" } ?? "" }

    private static func dotted(_ bits: UInt64) -> String {
        "\(bits >> 24 & 255).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    }

    private var canonicalV6: String {
        let groups = (0..<8).map(group)
        let run = Self.longestZeroRun(groups)
        let head = groups[..<run.lowerBound].map { String($0, radix: 16) }.joined(separator: ":")
        if run.isEmpty { return head }
        let tail = groups[run.upperBound...].map { String($0, radix: 16) }.joined(separator: ":")
        return head + "::" + tail
    }

    /// The first of the longest runs of two or more zero groups; an empty range at the end if there is none.
    private static func longestZeroRun(_ groups: [UInt64]) -> Range<Int> {
        var best = groups.count..<groups.count
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = end + 1
        }
        return best
    }
}
