import HTTP1
import Testing

/// One line of the framing table: what comes out of a response to a request.
struct FramingCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let request: RequestKind
    let ending: Ending
    let length: BodyLength?
    let body: String
    /// The last step.
    let last: Found

    init(
        _ name: String, _ text: String, to request: RequestKind = .ordinary, ending: Ending = .open,
        _ length: BodyLength?, body: String = "", _ last: Found
    ) {
        self.name = name
        self.request = request
        self.bytes = message(text)
        self.ending = ending
        self.length = length
        self.body = body
        self.last = last
    }

    var testDescription: String { name }
}

private let none = BodyLength.none
private let reusable = Found.end(.reusable)
private let suspect = Found.end(.suspectFraming)

/// Every line of BEHAVIOUR §1: may the connection carry another request?
@Suite struct FramingTableTests {
    @Test(
        "Each response in the framing table has the expected end",
        arguments: connectionField + withoutBody + transferCodings + contentLengths + badContentLengths + neither
            + limits)
    func line(_ line: FramingCase) {
        let found = parse(line.bytes, Feed(kind: line.request, ending: line.ending))
        var length: BodyLength?
        var body: [UInt8] = []
        for step in found {
            if case .head(let head) = step { length = head.bodyLength }
            if case .body(let bytes) = step { body += bytes }
        }
        #expect(length == line.length, "\(found)")
        #expect(text(body) == line.body)
        #expect(found.last == line.last, "\(found)")
    }

    static let connectionField: [FramingCase] = [
        FramingCase(
            "close", "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 0\n\n", .exact(0), .end(.closeHeader)),
        FramingCase(
            "close in a list, any case", "HTTP/1.1 200 OK\ncOnnection: foo ,\tCLOSE , bar\nContent-Length: 0\n\n",
            .exact(0), .end(.closeHeader)),
        FramingCase(
            "close in a repeated field beats keep-alive",
            "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 0\nConnection: keep-alive\n\n",
            .exact(0), .end(.closeHeader)),
        FramingCase(
            "close beats keep-alive in HTTP/1.0",
            "HTTP/1.0 200 OK\nConnection: keep-alive, close\nContent-Length: 0\n\n", .exact(0), .end(.closeHeader)),
        FramingCase(
            "an option that only begins with close",
            "HTTP/1.1 200 OK\nConnection: closed, xclose\nContent-Length: 0\n\n", .exact(0), reusable),
        FramingCase("HTTP/1.1", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", .exact(0), reusable),
        FramingCase("HTTP/1.5", "HTTP/1.5 200 OK\nContent-Length: 0\n\n", .exact(0), reusable),
        FramingCase(
            "HTTP/1.0 keep-alive", "HTTP/1.0 200 OK\nConnection: Keep-Alive\nContent-Length: 0\n\n",
            .exact(0), reusable),
        FramingCase("HTTP/1.0", "HTTP/1.0 200 OK\nContent-Length: 0\n\n", .exact(0), .end(.http10)),
    ]

    static let withoutBody: [FramingCase] = [
        FramingCase("to HEAD", "HTTP/1.1 200 OK\nContent-Length: 10\n\n", to: .head, none, reusable),
        FramingCase(
            "to HEAD, whatever CL and TE say", "HTTP/1.1 200 OK\nContent-Length: x\nTransfer-Encoding: chunked\n\n",
            to: .head, none, reusable),
        FramingCase("to HEAD without a length", "HTTP/1.1 200 OK\n\n", to: .head, none, reusable),
        FramingCase("204", "HTTP/1.1 204 No Content\nTransfer-Encoding: chunked\n\n", none, reusable),
        FramingCase("304", "HTTP/1.1 304 Not Modified\nContent-Length: 99\n\n", none, reusable),
        FramingCase(
            "1xx", "HTTP/1.1 100 Continue\nContent-Length: 5\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok",
            .exact(2), body: "ok", reusable),
        FramingCase(
            "1xx says close", "HTTP/1.1 100 Continue\nConnection: close\n\nHTTP/1.1 204 No Content\n\n",
            none, .end(.closeHeader)),
        FramingCase(
            "five 1xx", String(repeating: "HTTP/1.1 103 Early Hints\nLink: x\n\n", count: 5) + "HTTP/1.1 204\n\n",
            none, reusable),
        FramingCase(
            "six 1xx", String(repeating: "HTTP/1.1 102 Processing\n\n", count: 6), nil,
            .failed(.tooManyInformational)),
        FramingCase("101", "HTTP/1.1 101 Switching Protocols\nContent-Length: 3\n\nabc", none, .end(.upgraded)),
        FramingCase(
            "101 after 100", "HTTP/1.1 100 Continue\n\nHTTP/1.1 101 Switching Protocols\n\n\u{81}", none,
            .end(.upgraded)),
        FramingCase(
            "2xx to CONNECT", "HTTP/1.1 200 Connected\nTransfer-Encoding: chunked\n\nabc", to: .connect, none,
            .end(.upgraded)),
        FramingCase(
            "407 to CONNECT", "HTTP/1.1 407 Proxy Authentication Required\nContent-Length: 2\n\nno", to: .connect,
            .exact(2), body: "no", reusable),
    ]

    static let transferCodings: [FramingCase] = [
        FramingCase(
            "chunked", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n", .chunked, body: "abc", reusable),
        FramingCase(
            "ends in chunked", "HTTP/1.1 200 OK\nTransfer-Encoding: gzip , Chunked \n\n1\nx\n0\n\n",
            .chunked, body: "x", reusable),
        FramingCase(
            "ends in chunked over two fields",
            "HTTP/1.1 200 OK\nTransfer-Encoding: gzip\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n",
            .chunked, body: "x", reusable),
        FramingCase(
            "trailers are read", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nx\n0\nContent-Length: 9\nA: b\n\n",
            .chunked, body: "x", reusable),
        FramingCase(
            "not ending in chunked", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked, gzip\n\n1\n", ending: .clean,
            .untilClose, body: "1\\xd\\xa", .end(.untilClose)),
        FramingCase(
            "an empty TE", "HTTP/1.1 200 OK\nTransfer-Encoding:\n\nab", ending: .clean, .untilClose, body: "ab",
            .end(.untilClose)),
        FramingCase(
            "chunked in a quoted string", "HTTP/1.1 200 OK\nTransfer-Encoding: x;y=\", chunked\n\nab", ending: .clean,
            .untilClose, body: "ab", suspect),
        FramingCase(
            "TE and CL together", "HTTP/1.1 200 OK\nContent-Length: 1\nTransfer-Encoding: chunked\n\n2\nab\n0\n\n",
            .chunked, body: "ab", suspect),
        FramingCase(
            "TE and CL together, not ending in chunked",
            "HTTP/1.1 200 OK\nTransfer-Encoding: identity\nContent-Length: 1\n\nab", ending: .clean, .untilClose,
            body: "ab", suspect),
        FramingCase(
            "HTTP/1.0 with TE",
            "HTTP/1.0 200 OK\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n",
            .chunked, body: "x", suspect),
        FramingCase(
            "chunked twice", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked, chunked\n\n1\nx\n0\n\n",
            .chunked, body: "x", suspect),
        FramingCase(
            "an empty list element behind chunked", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked,\n\n1\nx\n0\n\n",
            .chunked, body: "x", suspect),
        FramingCase(
            "an empty list element before chunked", "HTTP/1.1 200 OK\nTransfer-Encoding: , chunked\n\n1\nx\n0\n\n",
            .chunked, body: "x", suspect),
        FramingCase(
            "a tab behind chunked", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\t\n\n1\nx\n0\n\n",
            .chunked, body: "x", suspect),
        FramingCase(
            "chunked with a parameter", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked;q=1\n\n1\nx\n0\n\n", nil,
            .failed(.badTransferCoding)),
        FramingCase(
            "chunked cut", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nab", ending: .clean, .chunked,
            body: "ab", .failed(.incompleteBody)),
        FramingCase(
            "chunked cut after the last chunk", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\na\n0\n",
            ending: .unclean, .chunked, body: "a", .end(.untilClose)),
        FramingCase(
            "chunked cut in the trailers", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\na\n0\nA: b\n",
            ending: .clean, .chunked, body: "a", .failed(.incompleteBody)),
    ]

    static let contentLengths: [FramingCase] = [
        FramingCase("CL = n", "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", .exact(3), body: "abc", reusable),
        FramingCase(
            "several, identical", "HTTP/1.1 200 OK\nContent-Length: 3, 3\nContent-Length:\t03 \n\nabc", .exact(3),
            body: "abc", reusable),
        FramingCase(
            "several that differ", "HTTP/1.1 200 OK\nContent-Length: 3\nContent-Length: 4\n\nabc", nil,
            .failed(.conflictingContentLength)),
        FramingCase(
            "a list that differs", "HTTP/1.1 200 OK\nContent-Length: 3,4\n\nabc", nil,
            .failed(.conflictingContentLength)),
        FramingCase(
            "EOF before n", "HTTP/1.1 200 OK\nContent-Length: 4\n\nabc", ending: .clean, .exact(4), body: "abc",
            .failed(.incompleteBody)),
    ]

    static let badContentLengths: [FramingCase] = [
        "+3", "-3", "", "3 3", "0x3", "3a", "3.0", ",3", "3,", "9223372036854775808", "\u{0663}",
    ]
    .map { value in
        FramingCase(
            "bad CL: \(value)", "HTTP/1.1 200 OK\nContent-Length: \(value)\n\nabc", nil,
            .failed(.badContentLength))
    }

    static let neither: [FramingCase] = [
        FramingCase(
            "until close", "HTTP/1.1 200 OK\n\nabc", ending: .clean, .untilClose, body: "abc", .end(.untilClose)),
        FramingCase(
            "until close without close_notify", "HTTP/1.1 200 OK\n\nabc", ending: .unclean, .untilClose, body: "abc",
            .failed(.incompleteBody)),
        FramingCase(
            "bytes with no request", "HTTP/1.1 204\n\nHTTP/1.1 200 OK\n\n", none, .unsolicited),
        FramingCase("one bare CRLF is tolerated", "HTTP/1.1 204\n\n\n", none, reusable),
        FramingCase("two are not", "HTTP/1.1 204\n\n\n\n", none, .unsolicited),
    ]

    static let limits: [FramingCase] = [
        FramingCase(
            "chunk size 2^53", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n20000000000000\na", .chunked,
            body: "a", .body([0x61])),
        FramingCase(
            "chunk size over 2^53", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n20000000000001\na", .chunked,
            .failed(.badChunkSize)),
        FramingCase(
            "bad chunk size", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n-1\na", .chunked,
            .failed(.badChunkSize)),
        FramingCase(
            "chunk extension over 16 KiB",
            "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1;" + String(repeating: "x", count: 16_384) + "\na",
            .chunked, .failed(.chunkExtensionTooLarge)),
        FramingCase(
            "head over 64 KiB", "HTTP/1.1 200 OK\nA: " + String(repeating: "x", count: 65_536) + "\n\n", nil,
            .failed(.headTooLarge)),
        FramingCase(
            "256 fields", "HTTP/1.1 204\n" + String(repeating: "A: b\n", count: 256) + "\n", none, reusable),
        FramingCase(
            "257 fields", "HTTP/1.1 204\n" + String(repeating: "A: b\n", count: 257) + "\n", nil,
            .failed(.tooManyFields)),
        FramingCase("obs-fold", "HTTP/1.1 204\nA: b\n c\n\n", nil, .failed(.obsoleteFolding)),
        FramingCase("NUL", "HTTP/1.1 204\nA: b\0c\n\n", nil, .failed(.controlCharacter)),
        FramingCase("bare CR", "HTTP/1.1 204\nA: b\u{240D}c\n\n", nil, .failed(.bareCarriageReturn)),
        FramingCase("space before colon", "HTTP/1.1 204\nA : b\n\n", nil, .failed(.spaceBeforeColon)),
    ]
}
