// Bodies with a length, until close, and in chunks (RFC 9112 §6, §7.1).

extension ResponseParser {
    /// The largest chunk: an integer that JavaScript peers can still represent exactly, and far from overflow.
    private static let maxChunkSize = 1 << 53
    /// Some servers pad chunk sizes with zeros, up to eight digits. The limit prevents an endless size.
    private static let maxChunkSizeDigits = 16

    mutating func readData(_ input: RawSpan, _ offset: inout Int, then following: Phase) -> ParserStep? {
        let count = min(remaining, input.byteCount - offset)
        guard count > 0 else { return .needMore }
        let start = offset
        offset += count
        remaining -= count
        if remaining == 0 { phase = following }
        return .body(start..<offset)
    }

    mutating func readUntilClose(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        guard offset < input.byteCount else { return .needMore }
        let start = offset
        offset = input.byteCount
        return .body(start..<offset)
    }

    mutating func expectChunkSize() {
        phase = .chunkSize
        remaining = 0
        chunkSizeDigits = 0
    }

    mutating func readChunkSize(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        while offset < input.byteCount {
            let byte = input[offset]
            guard let digit = byte.hexadecimalValue else {
                guard chunkSizeDigits > 0 else { return fail(.badChunkSize) }
                return leaveChunkSize(byte, &offset)
            }
            offset += 1
            remaining = remaining << 4 | digit
            chunkSizeDigits += 1
            guard remaining <= Self.maxChunkSize, chunkSizeDigits <= Self.maxChunkSizeDigits else {
                return fail(.badChunkSize)
            }
        }
        return .needMore
    }

    /// Handles the first byte after the digits or the blanks. Blanks are BWS before an extension. Some servers also pad
    /// the size with them, which no recipient can read as another size.
    private mutating func leaveChunkSize(_ byte: UInt8, _ offset: inout Int) -> ParserStep? {
        switch byte {
        case .carriageReturn:
            phase = .chunkSizeEnd
            offset += 1
        case .semicolon:
            phase = .chunkExtension
        case .space, .tab:
            phase = .chunkBlank
        case .lineFeed:
            return fail(.bareLineFeed)
        default:
            return fail(.badChunkSize)
        }
        return nil
    }

    mutating func readChunkBlank(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        while offset < input.byteCount {
            let byte = input[offset]
            guard byte.isBlank else { return leaveChunkSize(byte, &offset) }
            guard payForExtensionByte() else { return fail(.chunkExtensionTooLarge) }
            offset += 1
        }
        return .needMore
    }

    mutating func readChunkExtension(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        while offset < input.byteCount {
            let byte = input[offset]
            if byte == .carriageReturn {
                offset += 1
                phase = .chunkSizeEnd
                return nil
            }
            guard payForExtensionByte() else { return fail(.chunkExtensionTooLarge) }
            guard !byte.isForbiddenControl else {
                return fail(byte == .lineFeed ? .bareLineFeed : .controlCharacter)
            }
            offset += 1
        }
        return .needMore
    }

    private mutating func payForExtensionByte() -> Bool {
        chunkOverhead += 1
        return chunkOverhead <= limits.chunkExtensionBytes
    }

    mutating func endChunkSize(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        guard offset < input.byteCount else { return .needMore }
        guard input[offset] == .lineFeed else { return fail(.bareCarriageReturn) }
        offset += 1
        if remaining > 0 {
            chunkOverhead = max(0, chunkOverhead - remaining)
            phase = .chunkData
        } else {
            trailerStart = head.byteCount
            phase = .trailers
        }
        return nil
    }

    mutating func endChunkData(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        guard offset < input.byteCount else { return .needMore }
        let isCarriageReturnDue = phase == .chunkDataEnd
        guard input[offset] == (isCarriageReturnDue ? .carriageReturn : .lineFeed) else { return fail(.badChunkEnd) }
        offset += 1
        if isCarriageReturnDue {
            phase = .chunkDataLineFeed
        } else {
            expectChunkSize()
        }
        return nil
    }
}
