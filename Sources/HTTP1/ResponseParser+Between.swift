// Handling of bytes between two responses.

extension ResponseParser {
    /// Reads bytes that arrive while no request is outstanding.
    mutating func readIdle(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        skipStrayLineEnd(input, &offset)
        guard offset < input.byteCount else { return .needMore }
        phase = .unsolicited
        return .unsolicited
    }

    @inline(__always)
    mutating func awaitFirstByte(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        guard offset < input.byteCount else { return .needMore }
        if strayLineEnd != .used {
            skipStrayLineEnd(input, &offset)
            guard offset < input.byteCount else { return .needMore }
        }
        progress = .begun
        if strayLineEnd == .carriageReturnRead { return fail(.badStatusLine) }
        phase = .statusLine
        return nil
    }

    private mutating func skipStrayLineEnd(_ input: RawSpan, _ offset: inout Int) {
        if strayLineEnd == .allowed, offset < input.byteCount, input[offset] == .carriageReturn {
            strayLineEnd = .carriageReturnRead
            offset += 1
        }
        if strayLineEnd == .carriageReturnRead, offset < input.byteCount, input[offset] == .lineFeed {
            strayLineEnd = .used
            offset += 1
        }
    }
}
