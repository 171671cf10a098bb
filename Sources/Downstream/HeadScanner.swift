/// Scans the bytes of a request head in one pass. This is the server's hot path: about a nanosecond per byte, no
/// allocation, and only the fields that affect the response are examined.
struct HeadScanner {
    enum Result {
        case incomplete
        case complete(length: Int)
        case rejected(status: Int)
    }

    let bytes: UnsafeRawBufferPointer
    private var sawHost = false
    private var sawClose = false
    private var sawKeepAlive = false
    private var length: Int?
    private var sawTransferEncoding = false
    private var rejection: Int?

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    consuming func scan(into head: inout RequestHead) -> Result {
        guard let requestLine = line(from: 0) else { return .incomplete }
        if let status = rejection { return .rejected(status: status) }
        if let status = readRequestLine(requestLine, into: &head) { return .rejected(status: status) }
        var start = requestLine.upperBound + 2
        var fields = 0
        while let field = line(from: start) {
            if let status = rejection { return .rejected(status: status) }
            start = field.upperBound + 2
            if field.isEmpty { return finish(length: start, &head) }
            fields += 1
            guard fields <= RequestParser.maxFields else { return .rejected(status: 431) }
            if let status = readField(field, into: &head) { return .rejected(status: status) }
        }
        return .incomplete
    }

    /// The line that begins at `start`, without its CRLF. Sets `rejection` if it contains any other control character.
    private mutating func line(from start: Int) -> Range<Int>? {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte >= 0x20 && byte != 0x7f || byte == 9 {
                index += 1
                continue
            }
            guard byte == 13 else {
                rejection = 400
                return start..<index
            }
            guard index + 1 < bytes.count else { return nil }
            if bytes[index + 1] != 10 { rejection = 400 }
            return start..<index
        }
        return nil
    }

    private func readRequestLine(_ line: Range<Int>, into head: inout RequestHead) -> Int? {
        guard let methodEnd = bytes[line].firstIndex(of: 0x20), methodEnd > line.lowerBound,
            let targetEnd = bytes[(methodEnd + 1)..<line.upperBound].firstIndex(of: 0x20), targetEnd > methodEnd + 1
        else { return 400 }
        let version = (targetEnd + 1)..<line.upperBound
        guard version.count == 8, equals(version.lowerBound, "http/") else { return 400 }
        guard equals(version.lowerBound, "http/1.") else { return 505 }
        switch bytes[version.upperBound - 1] {
        case UInt8(ascii: "1"): head.isHTTP10 = false
        case UInt8(ascii: "0"): head.isHTTP10 = true
        default: return 505
        }
        head.target = (methodEnd + 1)..<targetEnd
        head.targetIsRoot = head.target.count == 1 && bytes[head.target.lowerBound] == UInt8(ascii: "/")
        let method = line.lowerBound..<methodEnd
        if matches(method, "GET") {
            head.method = .get
        } else if matches(method, "HEAD") {
            head.method = .head
        } else if matches(method, "POST") {
            head.method = .post
        } else {
            guard bytes[method].allSatisfy({ (0x41...0x5a).contains($0 & 0xdf) || $0 == 0x2d }) else { return 400 }
            head.method = .other
        }
        return nil
    }

    private mutating func readField(_ line: Range<Int>, into head: inout RequestHead) -> Int? {
        guard let colon = bytes[line].firstIndex(of: UInt8(ascii: ":")), colon > line.lowerBound,
            // A blank in the name means a folded line or a blank before the colon (RFC 9112 §5.1, §5.2).
            !bytes[line.lowerBound..<colon].contains(where: { $0 <= 0x20 })
        else { return 400 }
        let start = line.lowerBound
        switch colon - start {
        case 4 where equals(start, "host"):
            guard !sawHost else { return 400 }
            sawHost = true
        case 6 where equals(start, "expect"):
            head.expectsContinue = equals(trim((colon + 1)..<line.upperBound).lowerBound, "100-continue")
        case 10 where equals(start, "connection"):
            readConnection((colon + 1)..<line.upperBound)
        case 14 where equals(start, "content-length"):
            return readLength(trim((colon + 1)..<line.upperBound))
        case 17 where equals(start, "transfer-encoding"):
            let value = trim((colon + 1)..<line.upperBound)
            guard value.count == 7, equals(value.lowerBound, "chunked") else { return 501 }
            guard !sawTransferEncoding else { return 400 }
            sawTransferEncoding = true
        default: break
        }
        return nil
    }

    private mutating func readConnection(_ value: Range<Int>) {
        var start = value.lowerBound
        while start <= value.upperBound {
            let end = bytes[start..<value.upperBound].firstIndex(of: UInt8(ascii: ",")) ?? value.upperBound
            let option = trim(start..<end)
            if option.count == 5, equals(option.lowerBound, "close") { sawClose = true }
            if option.count == 10, equals(option.lowerBound, "keep-alive") { sawKeepAlive = true }
            start = end + 1
        }
    }

    /// Accepts digits only and no overflow; repeated fields must agree (RFC 9112 §6.3).
    private mutating func readLength(_ value: Range<Int>) -> Int? {
        guard (1...18).contains(value.count) else { return 400 }
        var parsed = 0
        for byte in bytes[value] {
            guard (0x30...0x39).contains(byte) else { return 400 }
            parsed = parsed * 10 + Int(byte - 0x30)
        }
        guard length == nil || length == parsed else { return 400 }
        length = parsed
        return nil
    }

    private func finish(length headLength: Int, _ head: inout RequestHead) -> Result {
        guard sawHost || head.isHTTP10 else { return .rejected(status: 400) }
        // RFC 9112 §6.1: both fields together, or a transfer coding from an HTTP/1.0 client, may be request smuggling.
        if sawTransferEncoding, length != nil || head.isHTTP10 { return .rejected(status: 400) }
        head.keepsAlive = !sawClose && (!head.isHTTP10 || sawKeepAlive)
        if head.isHTTP10 { head.expectsContinue = false }
        if sawTransferEncoding {
            head.body = .chunked
        } else if let length, length > 0 {
            head.body = .length(length)
        }
        return .complete(length: headLength)
    }

    private func trim(_ range: Range<Int>) -> Range<Int> {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high, bytes[low] == 0x20 || bytes[low] == 9 { low += 1 }
        while high > low, bytes[high - 1] == 0x20 || bytes[high - 1] == 9 { high -= 1 }
        return low..<high
    }

    /// Whether the bytes at `start` begin with `text`, ignoring case; `text` must be lower case.
    private func equals(_ start: Int, _ text: StaticString) -> Bool {
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount {
            let byte = bytes[start + offset]
            let lowered = (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
            guard lowered == text.utf8Start[offset] else { return false }
        }
        return true
    }

    private func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for (offset, index) in range.enumerated() where bytes[index] != text.utf8Start[offset] { return false }
        return true
    }
}
