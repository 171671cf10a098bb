/// One change of state as the trace has it.
package struct TraceEvent: Sendable, Equatable {
    /// In the units of the trace's own clock, which has no relation to others.
    package var time: UInt64
    /// The address of the socket in the kernel: the same as long as it exists.
    package var socket: UInt64
    /// The thread in whose time it happened, and the ports and addresses as they were then.
    package var change: TracedChange
}

/// A page of the kernel's ring buffer (`Documentation/trace/ring-buffer-design.rst`, `events/header_event`).
package enum TracePage {
    /// The kernel's word for the used length also has flags: bit 31 says that events before this page were lost.
    private static let (lengthMask, lostFlag): (UInt32, UInt32) = ((1 << 27) - 1, 1 << 31)

    /// Calls `body` for each change on the page. Returns true if the kernel dropped events before it.
    package static func parse(_ bytes: RawSpan, _ format: TraceFormat, _ body: (TraceEvent) -> Void) -> Bool {
        let commit = bytes.word32(format.commit.offset)
        let data = bytes.extracting(bytes.range(from: format.data.offset, count: Int(commit & lengthMask)))
        var time = bytes.word64(0)
        var start = 0
        while let head = data.word(UInt32.self, at: start) {
            let (kind, delta) = split(head)
            start += 4
            let extra = UInt64(data.word32(start)) << 27
            switch kind {
            case 29:
                // Padding: without a delta it fills the rest of the page.
                guard delta != 0 else { return commit & lostFlag != 0 }
                time &+= delta
                start += Int(data.word32(start))
            case 30:
                time &+= extra &+ delta
                start += 4
            case 31:
                time = extra &+ delta
                start += 4
            default:
                time &+= delta
                // A record of more than 28 words has its length, with that word, in front.
                let length = kind == 0 ? Int(data.word32(start)) - 4 : Int(kind) * 4
                if kind == 0 { start += 4 }
                guard length > 0 else { return commit & lostFlag != 0 }
                let record = data.extracting(data.range(from: start, count: length))
                if let event = event(record, format, time) { body(event) }
                start += NetlinkLayout.aligned(length)
            }
        }
        return commit & lostFlag != 0
    }

    /// The parts of a bit field, which a compiler lays out by the byte order.
    private static func split(_ head: UInt32) -> (kind: UInt32, delta: UInt64) {
        1.littleEndian == 1 ? (head & 31, UInt64(head >> 5)) : (head >> 27, UInt64(head & (1 << 27 - 1)))
    }

    private static func event(_ record: RawSpan, _ format: TraceFormat, _ time: UInt64) -> TraceEvent? {
        guard record.word16(0) == format.id, let old = state(record, format.oldState),
            let new = state(record, format.newState)
        else { return nil }
        let isV6 = record.word16(format.family.offset) == 10
        let (local, remote) = isV6 ? (format.localV6, format.remoteV6) : (format.localV4, format.remoteV4)
        let pair = SocketPair(
            local: Endpoint(
                address: record.address(isV6: isV6, at: local.offset), port: record.word16(format.localPort.offset)),
            remote: Endpoint(
                address: record.address(isV6: isV6, at: remote.offset), port: record.word16(format.remotePort.offset)))
        let socket =
            format.socket.size == 8
            ? record.word64(format.socket.offset) : UInt64(record.word32(format.socket.offset))
        return TraceEvent(
            time: time, socket: socket,
            change: TracedChange(
                pair: pair, old: old, new: new,
                pid: Int(Int32(bitPattern: record.word32(format.thread.offset)))))
    }

    private static func state(_ record: RawSpan, _ field: TraceFormat.Field) -> TCPState? {
        UInt8(exactly: record.word32(field.offset)).flatMap(TCPState.init)
    }
}
