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
    /// Looks for the end of the line that begins at `start`, and for bytes that may not be in it.
    @inline(never)
    func scanLine(from start: Int) -> LineScan {
        var index = start
        while true {
            index = firstControl(from: index)
            guard index < byteCount else { return .open }
            switch self[index] {
            case .tab:
                index += 1
            case .carriageReturn:
                guard index + 1 < byteCount else { return .open }
                return self[index + 1] == .lineFeed ? .line(end: index) : .fault(.bareCarriageReturn)
            case .lineFeed:
                return .fault(.bareLineFeed)
            default:
                return .fault(.controlCharacter)
            }
        }
    }

    /// Whether CR LF stands there.
    @inline(__always)
    func isLineEnd(at index: Int) -> Bool { byteCount &- index >= 2 && load(UInt16.self, at: index) == 0x0A0D }

    /// The colon and the end of a field line as nearly all are: whole, a name of letters and hyphens, no tab. Nil for
    /// any other, of which nothing is known then.
    @inline(__always)
    func usualField(from start: Int) -> (colon: Int, end: Int)? {
        let end = firstControl(from: start)
        guard isLineEnd(at: end), let colon = colon(behindNameFrom: start) else { return nil }
        return (colon, end)
    }

    /// Sixteen bytes at a time: near the end of the span nothing is found. OR 0x20 makes a letter of letters only.
    @inline(__always)
    private func colon(behindNameFrom start: Int) -> Int? {
        var index = start
        while byteCount &- index >= 16 {
            let bytes = chunk(at: index)
            let letter = (bytes | Chunk(repeating: 0x20)) &- Chunk(repeating: 0x61)
            let other = (letter .> Chunk(repeating: 25)) .& (bytes .!= Chunk(repeating: .minus))
            if let lane = other.firstLane {
                index &+= lane
                return index > start && self[index] == .colon ? index : nil
            }
            index &+= 16
        }
        return nil
    }

    /// The index of the first byte that is below 0x20 or 0x7F, or the end of the span. Sixteen bytes at a time, where
    /// there are as many.
    @inline(__always)
    private func firstControl(from start: Int) -> Int {
        var index = start
        while byteCount &- index >= 16 {
            let bytes = chunk(at: index)
            let found = (bytes .< Chunk(repeating: .space)) .| (bytes .== Chunk(repeating: .delete))
            if let lane = found.firstLane { return index &+ lane }
            index &+= 16
        }
        while index < byteCount, self[index] >= .space, self[index] != .delete { index &+= 1 }
        return index
    }
}
