/// Reads what the kernel sends on a socket of NETLINK_SOCK_DIAG. Whatever does not follow the format is skipped, because
/// a newer kernel may send more than is known here.
package enum SocketMessages {
    /// Calls `body` for each message of one datagram. A message whose length is wrong ends the datagram.
    package static func parse(_ bytes: RawSpan, _ body: (NetlinkMessage) -> Void) {
        var start = 0
        while let length = bytes.word(UInt32.self, at: start).map(Int.init),
            length >= NetlinkLayout.headerLength, length <= bytes.byteCount - start
        {
            if let message = message(bytes.extracting(bytes.range(from: start, count: length))) { body(message) }
            start += NetlinkLayout.aligned(length)
        }
    }

    package static func parse(_ bytes: [UInt8]) -> [NetlinkMessage] {
        var messages: [NetlinkMessage] = []
        unsafe parse(bytes.span.bytes) { messages.append($0) }
        return messages
    }

    /// Reads one message with its header.
    private static func message(_ bytes: RawSpan) -> NetlinkMessage? {
        switch bytes.word16(4) {
        case NetlinkLayout.socketByFamily, NetlinkLayout.tcpSockets:
            if bytes.word8(NetlinkLayout.headerLength) == NetlinkLayout.familyUnix { return .unixSocket }
            let rest = bytes.range(from: NetlinkLayout.headerLength, count: bytes.byteCount)
            return socket(bytes.extracting(rest)).map { .socket($0) }
        case NetlinkLayout.done:
            // A dump that failed on its way ends with the error instead of 0.
            let code = Int32(bitPattern: bytes.word32(NetlinkLayout.headerLength))
            guard code >= 0 else { return .error(positive(code)) }
            return .done(isConsistent: bytes.word16(6) & NetlinkLayout.dumpWasInterrupted == 0)
        case NetlinkLayout.error:
            return .error(positive(Int32(bitPattern: bytes.word32(NetlinkLayout.headerLength))))
        case NetlinkLayout.overrun: return .overrun
        default: return nil
        }
    }

    private static func positive(_ code: Int32) -> Int32 { Int32(clamping: code.magnitude) }

    /// Reads `struct inet_diag_msg` and its attributes.
    private static func socket(_ bytes: RawSpan) -> SocketRecord? {
        guard bytes.byteCount >= NetlinkLayout.socketLength, let state = TCPState(rawValue: bytes.word8(1)) else {
            return nil
        }
        let isV6: Bool
        switch bytes.word8(0) {
        case NetlinkLayout.familyV4: isV6 = false
        case NetlinkLayout.familyV6: isV6 = true
        default: return nil
        }
        let pair = SocketPair(
            local: Endpoint(
                address: bytes.address(isV6: isV6, at: 8), port: UInt16(bigEndian: bytes.word16(4))),
            remote: Endpoint(
                address: bytes.address(isV6: isV6, at: 24), port: UInt16(bigEndian: bytes.word16(6))))
        var record = SocketRecord(
            cookie: UInt64(bytes.word32(48)) << 32 | UInt64(bytes.word32(44)), state: state, pair: pair,
            user: bytes.word32(64), inode: UInt64(bytes.word32(68)))
        let rest = bytes.range(from: NetlinkLayout.socketLength, count: bytes.byteCount)
        addAttributes(bytes.extracting(rest), to: &record)
        return record
    }

    private static func addAttributes(_ bytes: RawSpan, to record: inout SocketRecord) {
        var start = 0
        while let length = bytes.word(UInt16.self, at: start).map(Int.init),
            length >= NetlinkLayout.attributeHeaderLength, length <= bytes.byteCount - start
        {
            let value = bytes.extracting(
                bytes.range(
                    from: start + NetlinkLayout.attributeHeaderLength,
                    count: length - NetlinkLayout.attributeHeaderLength))
            switch bytes.word16(start + 2) {
            case NetlinkLayout.tcpInfo: record.tcp = TCPFigures(value)
            case NetlinkLayout.transportProtocol where value.word8(0) == 17: record.transport = .udp
            default: break
            }
            start += NetlinkLayout.aligned(length)
        }
    }
}

extension TCPFigures {
    /// Up to `tcpi_data_segs_out`, which Linux has since 4.6. A kernel without it cannot tell requests, nor the closer.
    private static let leastLength = 160
    /// Up to `tcpi_bytes_retrans`.
    private static let lengthWithBytesSent = 216

    /// Reads `struct tcp_info`; nil if it is too short to have the counts of segments.
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= Self.leastLength else { return nil }
        self.init()
        unacknowledged = bytes.word32(24)
        lastSentMilliseconds = bytes.word32(44)
        lastReceivedMilliseconds = bytes.word32(52)
        roundTripMicroseconds = bytes.word32(68)
        retransmits = bytes.word32(100)
        bytesAcknowledged = bytes.word64(120)
        bytesReceived = bytes.word64(128)
        segmentsSent = bytes.word32(136)
        segmentsReceived = bytes.word32(140)
        dataSegmentsReceived = bytes.word32(152)
        dataSegmentsSent = bytes.word32(156)
        if bytes.byteCount >= Self.lengthWithBytesSent { bytesSent = bytes.word64(200) &- bytes.word64(208) }
    }
}
