import DNSWire

/// `/proc/PID/net/tcp` and `tcp6`: the sockets of a namespace that cannot be asked by netlink, without figures.
package enum SocketTable {
    /// All sockets, TIME_WAIT included. A line that does not follow the format, as the heading, is skipped.
    package static func sockets(_ bytes: some Collection<UInt8>) -> [SocketRecord] {
        ProcBytes(bytes).lines.compactMap(socket)
    }

    private static func socket(_ line: ProcBytes) -> SocketRecord? {
        let words = line.words
        guard words.count > 9, let local = endpoint(words[1]), let remote = endpoint(words[2]),
            let state = words[3].number(UInt8.self, radix: 16).flatMap(TCPState.init),
            let user = words[7].number(UInt32.self), let inode = words[9].number(UInt64.self)
        else { return nil }
        return SocketRecord(
            cookie: 0, state: state, pair: SocketPair(local: local, remote: remote), user: user, inode: inode)
    }

    /// Reads `0100007F:8F5B`: words of 32 bits in the byte order of the machine, the port as a number.
    private static func endpoint(_ text: ProcBytes) -> Endpoint? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let port = parts[1].number(UInt16.self, radix: 16) else { return nil }
        guard parts[0].count == 8 || parts[0].count == 32 else { return nil }
        var words: [UInt64] = []
        for start in stride(from: parts[0].startIndex, to: parts[0].endIndex, by: 8) {
            guard let word = parts[0][start..<start + 8].number(UInt32.self, radix: 16) else { return nil }
            words.append(UInt64(UInt32(bigEndian: word)))
        }
        let address =
            words.count == 1
            ? IPAddress(ipv4: UInt32(words[0]))
            : IPAddress(high: words[0] << 32 | words[1], low: words[2] << 32 | words[3])
        return Endpoint(address: address, port: port)
    }
}

/// The target of a link in `/proc/PID/fd`.
package enum SocketLink {
    /// `socket:[`
    private static let prefix = UInt64(bigEndian: 0x736f_636b_6574_3a5b)

    /// The inode of `socket:[INODE]`; nil for another kind of file. Called for every file of a process, so it makes no text.
    package static func inode(_ bytes: RawSpan) -> UInt64? {
        let digits = 8
        guard bytes.byteCount > digits + 1, bytes.word8(bytes.byteCount - 1) == UInt8(ascii: "]"),
            bytes.word64(0) == prefix
        else { return nil }
        var value: UInt64 = 0
        for index in digits..<bytes.byteCount - 1 {
            let digit = bytes.word8(index) &- UInt8(ascii: "0")
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowed) = product.addingReportingOverflow(UInt64(digit))
            guard digit < 10, !overflow, !overflowed else { return nil }
            value = sum
        }
        return value
    }
}
