/// Finds the end of a line in a head, in trailers or in a chunk header.
///
/// RFC 9112 §2.2 allows a recipient to accept a bare LF as the end of a line. This parser does not: if a proxy in front
/// of the server reads LF differently, it sees different fields than we do, and so a different end of the response.
/// llhttp, which Node uses, is equally strict.
enum LineScan {
    /// CRLF is at `end`; the bytes before it contain no control characters except tabs.
    case line(end: Int)
    /// The bytes end before the line does.
    case open
    case fault(FramingError)
}

extension RawSpan {
    /// Finds the end of the line that begins at `start`, and any bytes that are invalid in it.
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

    /// Whether the two bytes are CR LF.
    @inline(__always)
    func isLineEnd(at index: Int) -> Bool { byteCount &- index >= 2 && load(UInt16.self, at: index) == 0x0A0D }

    /// A fast path for typical field lines: complete, with a name of letters and hyphens, and without tabs. Returns the
    /// positions of the colon and of the end; nil for any other line, which may still be valid.
    @inline(__always)
    func usualField(from start: Int) -> (colon: Int, end: Int)? {
        let end = firstControl(from: start)
        guard isLineEnd(at: end), let colon = colon(behindNameFrom: start) else { return nil }
        return (colon, end)
    }

    /// Compares sixteen bytes at a time, so it finds nothing near the end of the span. OR 0x20 produces letters only
    /// from letters.
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

    /// The index of the first byte that is 0x7F or below 0x20, or the end of the span. Compares sixteen bytes at a time
    /// as long as there are that many.
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
