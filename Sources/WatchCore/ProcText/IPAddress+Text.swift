extension IPAddress {
    /// Reads `192.0.2.1`, `2001:db8::1` and `::ffff:192.0.2.1`; a zone after `%` is not read (RFC 4291 §2.2).
    package init?(text: some Collection<UInt8>) {
        let text = ProcBytes(text)
        guard text.contains(UInt8(ascii: ":")) else {
            guard let value = Self.dotted(text) else { return nil }
            self.init(ipv4: value)
            return
        }
        guard let groups = Self.groups(text) else { return nil }
        let words = groups.map(UInt64.init)
        self.init(
            high: words[0] << 48 | words[1] << 32 | words[2] << 16 | words[3],
            low: words[4] << 48 | words[5] << 32 | words[6] << 16 | words[7])
    }

    private static func dotted(_ text: ProcBytes) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard part.count <= 3, let number = part.number(UInt8.self) else { return nil }
            value = value << 8 | UInt32(number)
        }
        return value
    }

    /// The eight groups, with those that `::` stands for.
    private static func groups(_ text: ProcBytes) -> [UInt16]? {
        let colon = UInt8(ascii: ":")
        let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
        guard let gap else {
            guard let all = run(text), all.count == 8 else { return nil }
            return all
        }
        guard let head = run(text[..<gap], isEnd: false), let tail = run(text[(gap + 2)...]),
            head.count + tail.count < 8
        else {
            return nil
        }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Groups with a colon between each; the last of the address may be one of IPv4.
    private static func run(_ text: ProcBytes, isEnd: Bool = true) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, let value = dotted(part) {
                groups += [UInt16(value >> 16), UInt16(truncatingIfNeeded: value)]
            } else if part.count <= 4, let group = part.number(UInt16.self, radix: 16) {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }
}
