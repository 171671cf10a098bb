import DNSWire

// The `unsafe` loads below are unsafe only in that they reinterpret memory as an integer, for which every bit pattern is
// valid. The bounds are checked before, because the span holds whatever the kernel sent.

extension RawSpan {
    /// An integer in the byte order of this machine; nil if it is not wholly within the span.
    func word<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type, at index: Int) -> Word? {
        guard index >= 0, index <= byteCount - MemoryLayout<Word>.size else { return nil }
        return unsafe unsafeLoadUnaligned(fromByteOffset: index, as: Word.self)
    }

    /// Zero where the span is too short, as a field that an older kernel does not have.
    func word8(_ index: Int) -> UInt8 { word(UInt8.self, at: index) ?? 0 }
    func word16(_ index: Int) -> UInt16 { word(UInt16.self, at: index) ?? 0 }
    func word32(_ index: Int) -> UInt32 { word(UInt32.self, at: index) ?? 0 }
    func word64(_ index: Int) -> UInt64 { word(UInt64.self, at: index) ?? 0 }

    /// An IPv4 or IPv6 address in network order.
    func address(isV6: Bool, at index: Int) -> IPAddress {
        guard isV6 else { return IPAddress(ipv4: UInt32(bigEndian: word32(index))) }
        return IPAddress(high: UInt64(bigEndian: word64(index)), low: UInt64(bigEndian: word64(index + 8)))
    }

    /// The bytes from `start` on, at most `count`, as far as the span goes.
    func range(from start: Int, count: Int) -> Range<Int> {
        let lower = Swift.min(Swift.max(0, start), byteCount)
        return lower..<lower + Swift.min(Swift.max(0, count), byteCount - lower)
    }
}
