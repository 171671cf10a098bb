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
            case .carriageReturn:
                guard index &+ 1 < limit else { return .open }
                return self[index &+ 1] == .lineFeed ? .line(end: index) : .fault(.bareCarriageReturn)
            case .tab:
                index &+= 1
            case .lineFeed:
                return .fault(.bareLineFeed)
            default:
                return .fault(.controlCharacter)
            }
        }
    }

    /// The index of the first byte that is below 0x20 or 0x7F, or `limit`. Sixteen bytes at a time, where there are as
    /// many.
    @inline(__always)
    func firstControl(from start: Int, to limit: Int) -> Int {
        var index = start
        while limit &- index >= 16 {
            let bytes = chunk(at: index)
            let found = (bytes .< Chunk(repeating: .space)) .| (bytes .== Chunk(repeating: .delete))
            if let lane = found.firstLane { return index &+ lane }
            index &+= 16
        }
        while index < limit, self[index] >= .space, self[index] != .delete { index &+= 1 }
        return index
    }

    /// The index of the first byte that is no token character, or the end of the span. Letters and hyphens, which is
    /// what most names consist of, are passed sixteen at a time. OR 0x20 makes a letter of letters only.
    @inline(__always)
    func firstNonToken(from start: Int) -> Int {
        var index = start
        while byteCount &- index >= 16 {
            let bytes = chunk(at: index)
            let letter = (bytes | Chunk(repeating: 0x20)) &- Chunk(repeating: 0x61)
            let other = (letter .> Chunk(repeating: 25)) .& (bytes .!= Chunk(repeating: .minus))
            guard let lane = other.firstLane else {
                index &+= 16
                continue
            }
            index &+= lane
            break
        }
        while index < byteCount, self[index].isToken { index &+= 1 }
        return index
    }
}
