/// Where a line of a head, of trailers or of a chunk ends.
///
/// RFC 9112 §2.2 lets a recipient take a bare LF for the end of a line. This parser does not: a proxy in front of the
/// server that reads LF as data, or the other way round, would see different fields than we do, and with different
/// fields a different end of the response. llhttp, which Node uses, is as strict.
enum LineScan {
    /// CRLF stands at `end`; the bytes before it hold no control character but tabs.
    case line(end: Int)
    /// The bytes end before the line does.
    case open
    case fault(FramingError)
}

extension RawSpan {
    /// Looks for the end of the line that begins at `start`, and for bytes that may not be in it, reading no byte at or
    /// after `limit`.
    @inline(__always)
    func scanLine(from start: Int, to limit: Int) -> LineScan {
        var index = start
        while true {
            index = firstControl(from: index, to: limit)
            guard index < limit else { return .open }
            switch self[index] {
            case .tab:
                index += 1
            case .carriageReturn:
                guard index + 1 < limit else { return .open }
                return self[index + 1] == .lineFeed ? .line(end: index) : .fault(.bareCarriageReturn)
            case .lineFeed:
                return .fault(.bareLineFeed)
            default:
                return .fault(.controlCharacter)
            }
        }
    }

    /// The index of the first byte that is below 0x20 or 0x7F, or `limit`.
    ///
    /// Eight bytes at a time. In each of the two tests the lowest bit set belongs to the first byte that meets it;
    /// only bits above that one can be set by a borrow.
    @inline(__always)
    func firstControl(from start: Int, to limit: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while limit &- index >= 8 {
            let word = word(at: index)
            let deletes = word ^ (ones &* 0x7F)
            let found = (((word &- (ones &* 0x20)) & ~word) | ((deletes &- ones) & ~deletes)) & highBits
            if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < limit, self[index] >= .space, self[index] != 0x7F { index &+= 1 }
        return index
    }
}
