/// What has been learnt from the lines of a head, and later of its trailers.
struct HeadState: Sendable {
    enum LineOutcome: Sendable, Equatable {
        case taken
        /// Its end has not arrived.
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
    var hint = KeepAliveHint()

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
        codings.isPresent && (contentLength != .absent || minorVersion == 0 || codings.repeatsChunked)
    }

    mutating func takeStatusLine(_ span: RawSpan, _ start: Int, _ end: Int) -> LineOutcome {
        byteCount &+= end &- start &+ 2
        return readStatusLine(span, start, end) ? .taken : .failed(.badStatusLine)
    }

    /// Takes the line in `start..<end`, which `scanLine` has found. A trailer is taken like a field of the head, but
    /// decides nothing (RFC 9110 §6.5.1): what fields say is asked for only where the head ends.
    @inline(__always)
    mutating func takeField(_ span: RawSpan, _ start: Int, _ end: Int, maxFields: Int) -> LineOutcome {
        byteCount &+= end &- start &+ 2
        guard start < end else { return .endOfSection }
        fieldCount &+= 1
        guard fieldCount <= maxFields else { return .failed(.tooManyFields) }
        return readField(span, start, end)
    }

    /// Whether `prefix` can still become a status line: what can be said of a first line before it has ended.
    static func canBeginStatusLine(_ prefix: some Collection<UInt8>) -> Bool {
        zip(prefix, [0x48, 0x54, 0x54, 0x50, 0x2F, 0x31, 0x2E]).allSatisfy { $0 == $1 }
    }

    /// `HTTP/1.x SP 3DIGIT [SP reason]`. A missing reason is accepted with or without its blank. A later minor version
    /// is read as 1.1 (RFC 9110 §2.5). A status below 100 has no class, so that nothing can be known of its framing.
    private mutating func readStatusLine(_ span: RawSpan, _ start: Int, _ end: Int) -> Bool {
        let http1: UInt64 = 0x002E_312F_5054_5448
        guard end - start >= 12 else { return false }
        let version = span.word(at: start)
        let minor = UInt8(truncatingIfNeeded: version >> 56)
        guard version & 0x00FF_FFFF_FFFF_FFFF == http1, minor.isDigit, span[start + 8] == .space else { return false }
        let (hundreds, tens, units) = (span[start + 9], span[start + 10], span[start + 11])
        guard hundreds.isDigit, hundreds > .zero, tens.isDigit, units.isDigit else { return false }
        guard end - start == 12 || span[start + 12] == .space else { return false }
        minorVersion = minor == .zero ? 0 : 1
        status = Int(hundreds &- .zero) * 100 + Int(tens &- .zero) * 10 + Int(units &- .zero)
        return true
    }

    @inline(__always)
    private mutating func readField(_ span: RawSpan, _ start: Int, _ end: Int) -> LineOutcome {
        let colon = span.firstNonToken(from: start)
        guard colon < end, span[colon] == .colon, colon > start else {
            return .failed(Self.nameFault(span, start, colon, end))
        }
        // Only names of these lengths can be of interest; the words hold the names in lower case, first byte lowest.
        // OR 0x20 maps no other token character to a letter or to the hyphen.
        let length = colon &- start
        guard length == 10 || length == 14 || length == 17 else { return .taken }
        let lower: UInt64 = 0x2020_2020_2020_2020
        let first = span.word(at: start) | lower
        let last = span.word(at: colon &- 8) | lower
        switch (length, first, last) {
        case (10, 0x6974_6365_6E6E_6F63, 0x6E6F_6974_6365_6E6E):
            connection.read(span, colon + 1..<end)
        case (10, 0x696C_612D_7065_656B, 0x6576_696C_612D_7065):
            hint.read(span, colon + 1..<end)
        case (14, 0x2D74_6E65_746E_6F63, 0x6874_676E_656C_2D74):
            contentLength.read(span, colon + 1..<end)
        case (17, 0x7265_6673_6E61_7274, 0x676E_6964_6F63_6E65) where span[start + 8] == .minus:
            codings.read(span, colon + 1..<end)
        default:
            break
        }
        return .taken
    }

    /// Why the name in front of `stop`, the first byte that is no token character, is not a field name.
    private static func nameFault(_ span: RawSpan, _ start: Int, _ stop: Int, _ end: Int) -> FramingError {
        guard stop < end else { return .missingColon }
        guard span[stop].isBlank else { return .badFieldName }
        guard stop > start else { return .obsoleteFolding }
        let rest = span.trimmingBlanks(stop..<end)
        return !rest.isEmpty && span[rest.lowerBound] == .colon ? .spaceBeforeColon : .badFieldName
    }
}
