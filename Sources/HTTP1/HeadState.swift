/// The information collected from the lines of a head, and later of its trailers.
struct HeadState: Sendable {
    enum LineOutcome: Sendable, Equatable {
        case taken
        /// The end of the line has not arrived.
        case cut
        /// The empty line after the last field.
        case endOfSection
        case failed(FramingError)
    }

    var status = 0
    var minorVersion = 1
    var byteCount = 0
    var fieldCount = 0
    var contentLength = ContentLength.absent
    var codings = TransferCodings()
    var connection = ConnectionOptions()
    var hint = KeepAliveField()

    /// How the body is framed, for a response that may have one.
    var bodyLength: BodyLength {
        if codings.isPresent { return codings.endsInChunked ? .chunked : .untilClose }
        guard case .exact(let count) = contentLength else { return .untilClose }
        return .exact(count)
    }

    /// Why the body cannot be framed.
    var framingFault: FramingError? {
        if case .fault(let error) = contentLength { return error }
        return codings.hasChunkedParameters ? .badTransferCoding : nil
    }

    /// The body can be framed, but another recipient may frame it differently.
    var isSuspect: Bool {
        codings.isPresent
            && (contentLength != .absent || minorVersion == 0 || codings.repeatsChunked || codings.isOddlyWritten)
    }

    mutating func takeStatusLine(_ span: RawSpan, _ start: Int, _ end: Int) -> LineOutcome {
        byteCount &+= end &- start &+ 2
        return readStatusLine(span, start, end) ? .taken : .failed(.badStatusLine)
    }

    /// Parses field lines from `offset` up to the first that needs `takeField`.
    @inline(__always)
    mutating func takeUsualFields(_ span: RawSpan, _ offset: inout Int, maxFields: Int) {
        var start = offset
        while fieldCount < maxFields, let (colon, end) = span.usualField(from: start) {
            fieldCount &+= 1
            readField(span, start..<colon, colon &+ 1..<end)
            start = end &+ 2
        }
        byteCount &+= start &- offset
        offset = start
    }

    /// Consumes the line at `offset` if it is complete and ends the section.
    @inline(__always)
    mutating func takeEmptyLine(_ span: RawSpan, _ offset: inout Int) -> Bool {
        guard span.isLineEnd(at: offset) else { return false }
        byteCount &+= 2
        offset &+= 2
        return true
    }

    /// Parses the line in `start..<end`, as found by `scanLine`.
    mutating func takeField(_ span: RawSpan, _ start: Int, _ end: Int, maxFields: Int) -> LineOutcome {
        byteCount &+= end &- start &+ 2
        guard start < end else { return .endOfSection }
        fieldCount &+= 1
        guard fieldCount <= maxFields else { return .failed(.tooManyFields) }
        var colon = start
        while colon < end, span[colon].isToken { colon &+= 1 }
        guard colon < end, span[colon] == .colon, colon > start else {
            return .failed(Self.nameFault(span, start, colon, end))
        }
        readField(span, start..<colon, colon + 1..<end)
        return .taken
    }

    /// Whether `prefix` can still become a status line, to judge an incomplete first line.
    static func canBeginStatusLine(_ prefix: some Collection<UInt8>) -> Bool {
        zip(prefix, [0x48, 0x54, 0x54, 0x50, 0x2F, 0x31, 0x2E]).allSatisfy { $0 == $1 }
    }

    /// `HTTP/1.x SP 3DIGIT [SP reason]`. A missing reason is accepted with or without its space. A later minor version
    /// is read as 1.1 (RFC 9110 §2.5). A status below 100 is refused, because without a class its framing is unknown.
    private mutating func readStatusLine(_ span: RawSpan, _ start: Int, _ end: Int) -> Bool {
        guard end - start >= 12 else { return false }
        let http1: UInt64 = 0x002E_312F_5054_5448
        let version = span.load(UInt64.self, at: start)
        let minor = UInt8(truncatingIfNeeded: version >> 56)
        guard version << 8 == http1 << 8, minor.isDigit else { return false }
        // XOR turns a space and three digits into the digits' values. Adding 6 raises values above 9 to 16 or more.
        let code = span.load(UInt32.self, at: start + 8) ^ 0x3030_3020
        guard (code | (code &+ 0x0606_0600)) & 0xF0F0_F0FF == 0, code & 0xFF00 != 0 else { return false }
        guard end - start == 12 || span[start + 12] == .space else { return false }
        minorVersion = minor == .zero ? 0 : 1
        let (hundreds, tens, units) = (Int(code >> 8 & 0xFF), Int(code >> 16 & 0xFF), Int(code >> 24))
        status = hundreds * 100 + tens * 10 + units
        return true
    }

    /// A trailer is parsed like a header field, but has no effect (RFC 9110 §6.5.1): the fields' values are evaluated
    /// only when the head ends. Most names are distinguished by their length.
    @inline(__always)
    private mutating func readField(_ span: RawSpan, _ name: Range<Int>, _ value: Range<Int>) {
        switch name.count {
        case 10 where span.matches(name, "connection"): connection.read(span, value)
        case 10 where span.matches(name, "keep-alive"): hint.read(span, value)
        case 14 where span.matches(name, "content-length"): contentLength.read(span, value)
        case 17 where span.matches(name, "transfer-encoding"): codings.read(span, value)
        default: break
        }
    }

    /// The error for a name that ends at `stop`, the first byte that is not a token character.
    private static func nameFault(_ span: RawSpan, _ start: Int, _ stop: Int, _ end: Int) -> FramingError {
        guard stop < end else { return .missingColon }
        guard span[stop].isBlank else { return .badFieldName }
        guard stop > start else { return .obsoleteFolding }
        let rest = span.trimmingBlanks(stop..<end)
        return !rest.isEmpty && span[rest.lowerBound] == .colon ? .spaceBeforeColon : .badFieldName
    }
}
