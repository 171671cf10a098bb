import HTTP1
import Testing

/// The last step before `.needMore`.
func readToEnd(_ bytes: [UInt8], _ parser: inout ResponseParser) -> ParserStep {
    bytes.withUnsafeBytes { input in
        var offset = 0
        var last = ParserStep.needMore
        while true {
            let step = parser.next(input, &offset)
            switch step {
            case .needMore: return last
            case .unsolicited, .failed: return step
            case .informational, .head, .body, .end: last = step
            }
        }
    }
}

/// The parser's state between two steps, as the connection handler queries it.
@Suite struct ResponseParserTests {
    @Test("Progress follows the bytes of the response")
    func progress() {
        var parser = ResponseParser()
        #expect(parser.isIdle)
        #expect(!parser.hasSeenByte)
        parser.start(.ordinary)
        #expect(!parser.isIdle)
        #expect(parser.progress == .nothing)
        _ = readToEnd(message("H"), &parser)
        #expect(parser.progress == .begun)
        #expect(parser.hasSeenByte)
        #expect(readToEnd(message("TTP/1.1 100 Continue\n\n"), &parser) == .informational(status: 100))
        #expect(parser.progress == .informational)
        #expect(parser.hasSeenByte)
        _ = readToEnd(message("HTTP/1.1 204 x\n"), &parser)
        #expect(parser.progress == .begun)
        #expect(readToEnd(message("\n"), &parser) == .end(.reusable))
        #expect(parser.isIdle)
        #expect(parser.progress == .begun)
        parser.start(.ordinary)
        #expect(parser.progress == .nothing)
    }

    /// It belongs to the response before, however late it comes, so that the request may still be retried.
    @Test("A stray line end is not part of the response")
    func strayLineEndIsNoByteOfTheResponse() {
        var parser = ResponseParser()
        parser.start(.ordinary)
        _ = readToEnd(message("HTTP/1.1 204 x\n\n\u{240D}"), &parser)
        #expect(parser.isIdle)
        parser.start(.ordinary)
        _ = readToEnd(message("\u{240A}"), &parser)
        #expect(!parser.hasSeenByte)
        #expect(parser.end(isCleanClose: true) == .failed(.noResponse))
    }

    @Test("An empty read changes nothing")
    func anEmptyReadIsNothing() {
        var parser = ResponseParser()
        #expect(readToEnd([], &parser) == .needMore)
        parser.start(.ordinary)
        #expect(readToEnd([], &parser) == .needMore)
        #expect(!parser.hasSeenByte)
    }

    @Test("Bytes of another protocol are left unread")
    func bytesOfAnotherProtocolAreLeft() {
        var parser = ResponseParser()
        parser.start(.connect)
        message("HTTP/1.1 200 x\n\nabc").withUnsafeBytes { input in
            var offset = 0
            let head = ResponseHead(status: 200, minorVersion: 1, bodyLength: .none, persistence: .upgraded)
            #expect(parser.next(input, &offset) == .head(head))
            #expect(parser.next(input, &offset) == .end(.upgraded))
            #expect(parser.next(input, &offset) == .needMore)
            #expect(offset == input.count - 3)
        }
        #expect(!parser.isIdle)
        #expect(parser.end(isCleanClose: false) == .needMore)
    }

    @Test("Body bytes are reported as ranges of the input")
    func bodiesAreNamedByTheirRange() {
        var parser = ResponseParser()
        parser.start(.ordinary)
        let head = message("HTTP/1.1 200 x\nContent-Length: 5\n\n")
        (head + message("abc")).withUnsafeBytes { input in
            var offset = 0
            _ = parser.next(input, &offset)
            #expect(parser.next(input, &offset) == .body(head.count..<head.count + 3))
            #expect(parser.next(input, &offset) == .needMore)
        }
        message("xde").withUnsafeBytes { input in
            var offset = 1
            #expect(parser.next(input, &offset) == .body(1..<3))
            #expect(parser.next(input, &offset) == .end(.reusable))
            #expect(parser.next(input, &offset) == .needMore)
        }
    }

    @Test("A failure is permanent")
    func failuresLast() {
        var parser = ResponseParser()
        parser.start(.ordinary)
        #expect(readToEnd(message("garbage\n"), &parser) == .failed(.badStatusLine))
        #expect(readToEnd(message("HTTP/1.1 204 x\n\n"), &parser) == .failed(.badStatusLine))
        #expect(parser.end(isCleanClose: true) == .failed(.badStatusLine))
        #expect(!parser.isIdle)
        var idle = ResponseParser()
        #expect(readToEnd(message("x"), &idle) == .unsolicited)
        #expect(idle.end(isCleanClose: true) == .unsolicited)
    }

    @Test("The limit on the head is exact")
    func headLimitIsExact() {
        let bytes = message("HTTP/1.1 204 x\nA: b\n\n")
        for limit in 0..<bytes.count {
            let feed = Feed(limits: ResponseParser.Limits(headBytes: limit))
            #expect(parse(bytes, feed).last == .failed(.headTooLarge), "\(limit)")
        }
        #expect(parse(bytes, Feed(limits: ResponseParser.Limits(headBytes: bytes.count))).last == .end(.reusable))
    }

    /// Extensions that the data pays for may go on for ever.
    @Test("Extensions on large chunks are unlimited")
    func extensionsOnLargeChunks() {
        let chunk =
            "64;signature=" + String(repeating: "0", count: 64) + "\n" + String(repeating: "x", count: 100) + "\n"
        let bytes = message(
            "HTTP/1.1 200 x\nTransfer-Encoding: chunked\n\n" + String(repeating: chunk, count: 100) + "0\n\n")
        let feed = Feed(limits: ResponseParser.Limits(chunkExtensionBytes: 100))
        #expect(parse(bytes, feed).last == .end(.reusable))
    }

    @Test("Extensions are counted for each response separately")
    func extensionsOfEachResponseCountAlone() {
        let response = message("HTTP/1.1 200 x\nTransfer-Encoding: chunked\n\n1;abcdef\nx\n0\n\n")
        let feed = Feed(limits: ResponseParser.Limits(chunkExtensionBytes: 8), requests: 3)
        #expect(parse(response + response + response, feed).last == .end(.reusable))
    }

    /// RFC 9110 §5.6.2 and §5.5, byte for byte.
    @Test(
        "Every byte is accepted or refused in names, values and reasons as the RFC says",
        arguments: UInt8.min...UInt8.max)
    func everyByteInNameValueAndReason(_ byte: UInt8) {
        let marks = Array("!#$%&'*+-.^_`|~".utf8)
        let isToken = marks.contains(byte) || (byte < 0x80 && Character(UnicodeScalar(byte)).isLetterOrDigit)
        let isText = byte == 9 || (byte >= 0x20 && byte != 0x7F)
        func accepts(_ before: String, _ after: String) -> Bool {
            parse(message(before) + [byte] + message(after)).last == .end(.reusable)
        }
        #expect(accepts("HTTP/1.1 204 x\nA", "B: c\n\n") == (isToken || byte == UInt8(ascii: ":")))
        #expect(accepts("HTTP/1.1 204 x\nA: b", "c\n\n") == isText)
        #expect(accepts("HTTP/1.1 204 x", "y\n\n") == isText)
        #expect(accepts("HTTP/1.1 200 x\nTransfer-Encoding: chunked\n\n0;a", "b\n\n") == isText)
    }

    @Test("Every error has its own sentence")
    func labelsAndSentences() {
        #expect(Set(FramingError.allCases.map(\.sentence)).count == FramingError.allCases.count)
        #expect(Set(RequestError.allCases.map(\.sentence)).count == RequestError.allCases.count)
    }
}

extension Character {
    fileprivate var isLetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
