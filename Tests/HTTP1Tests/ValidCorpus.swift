import HTTP1
import Testing

/// A valid response, or several in a row, as servers send them.
struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let feed: Feed
    /// Node's parser (llhttp, inside NIOHTTP1) reads it too. False where it is stricter or knows less.
    let isReadByNIO: Bool

    init(
        _ name: String, _ text: String, kind: RequestKind = .ordinary, ending: Ending = .open, requests: Int = 1,
        isReadByNIO: Bool = true
    ) {
        self.name = name
        bytes = message(text)
        feed = Feed(kind: kind, ending: ending, requests: requests)
        self.isReadByNIO = isReadByNIO
    }

    var testDescription: String { name }
}

enum ValidCorpus {
    static let all = lengths + chunks + withoutBody + closes + oddities

    static let lengths = [
        Sample(
            "nginx",
            """
            HTTP/1.1 200 OK
            Server: nginx/1.26.3
            Date: Sat, 22 Nov 2025 11:36:18 GMT
            Content-Type: text/html
            Content-Length: 12
            Last-Modified: Fri, 21 Nov 2025 10:00:00 GMT
            Connection: keep-alive
            ETag: "69203c10-267"
            Accept-Ranges: bytes

            hello, world
            """),
        Sample("empty", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
        Sample("no reason", "HTTP/1.1 200\nContent-Length: 1\n\nx", isReadByNIO: false),
        Sample("empty reason", "HTTP/1.1 200 \nContent-Length: 1\n\nx"),
        Sample("reason with blanks and obs-text", "HTTP/1.1 404 Nicht gefunden \u{FC}\t!\nContent-Length: 0\n\n"),
        Sample("no blank after the colon", "HTTP/1.1 200 OK\nContent-Length:1\nA:\nB:b\n\nx"),
        Sample("blanks around values", "HTTP/1.1 200 OK\nContent-Length:  1  \nA: \t a b\tc  \n\nx"),
        Sample("tabs around a length", "HTTP/1.1 200 OK\nContent-Length:\t1\t\n\nx", isReadByNIO: false),
        Sample("leading zeros", "HTTP/1.1 200 OK\nContent-Length: 0003\n\nabc"),
        Sample("the body looks like a response", "HTTP/1.1 200 OK\nContent-Length: 19\n\nHTTP/1.1 200 OK\n\n"),
        Sample("status above 599", "HTTP/1.1 799 Odd\nContent-Length: 0\n\n"),
        Sample(
            "401 with repeated fields",
            "HTTP/1.1 401 No\nWWW-Authenticate: a\nwww-authenticate: b\nContent-Length: 0\n\n"),
        Sample("hint", "HTTP/1.1 200 OK\nKeep-Alive: max=100, timeout=5s\nContent-Length: 2\n\nok"),
        Sample(
            "three in a row",
            "HTTP/1.1 200 OK\nContent-Length: 1\n\naHTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nb\n0\n\n"
                + "HTTP/1.1 304 Not Modified\n\n", requests: 3),
        Sample(
            "a stray line end behind each", "HTTP/1.1 204 x\n\n\nHTTP/1.1 204 x\n\n\nHTTP/1.1 204 x\n\n\n", requests: 3),
        Sample(
            "a stray line end between two", "HTTP/1.1 200 OK\nContent-Length: 1\n\na\nHTTP/1.1 204 No Content\n\n",
            requests: 2),
    ]

    private static let chunkedHead = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"

    static let chunks = [
        Sample("one chunk", chunkedHead + "5\nhello\n0\n\n"),
        Sample("no chunk", chunkedHead + "0\n\n"),
        Sample("sizes in both cases", chunkedHead + "A\n0123456789\nb\n0123456789a\n0a\n0123456789\n000\n\n"),
        Sample(
            "extensions",
            chunkedHead + "2;a;b=c;d=\"e;f\"\nxy\n1;signature=\(String(repeating: "0", count: 64))\nz\n0;end\n\n"),
        Sample("blanks behind the size", chunkedHead + "2 \t\nxy\n0  \n\n", isReadByNIO: false),
        Sample("blank before an extension", chunkedHead + "2 ;a\nxy\n0\n\n", isReadByNIO: false),
        Sample("data looks like framing", chunkedHead + "8\n0\n\n\n\u{240D}\n0\n\n"),
        Sample("trailers", chunkedHead + "1\nx\n0\nExpires: never\nX-Sum:  1 \nX-Sum: 2\n\n"),
        Sample("several codings", "HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked\n\n1\nx\n0\n\n"),
    ]

    static let withoutBody = [
        Sample("HEAD", "HTTP/1.1 200 OK\nContent-Length: 10\n\n", kind: .head),
        Sample("HEAD, chunked", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", kind: .head),
        Sample("204", "HTTP/1.1 204 No Content\nDate: now\n\n"),
        Sample("304 with a length", "HTTP/1.1 304 Not Modified\nContent-Length: 1234\nETag: \"x\"\n\n"),
        Sample("100 then 200", "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 1\n\nx"),
        Sample(
            "hints", "HTTP/1.1 103 Early Hints\nLink: <a>\n\nHTTP/1.1 103 Early Hints\nLink: <b>\n\nHTTP/1.1 204 x\n\n"),
        Sample(
            "three 1xx before each of two",
            String(repeating: String(repeating: "HTTP/1.1 102 x\n\n", count: 3) + "HTTP/1.1 204 x\n\n", count: 2),
            requests: 2),
        Sample("101", "HTTP/1.1 101 Switching Protocols\nUpgrade: ws\nConnection: upgrade\n\n", isReadByNIO: false),
        Sample("CONNECT", "HTTP/1.1 200 Connection established\n\n", kind: .connect, isReadByNIO: false),
        Sample("CONNECT refused", "HTTP/1.1 403 No\nContent-Length: 2\n\nno", kind: .connect, isReadByNIO: false),
    ]

    static let closes = [
        Sample("until close", "HTTP/1.1 200 OK\nConnection: close\n\nabc\ndef", ending: .clean),
        Sample("until close, empty", "HTTP/1.1 200 OK\n\n", ending: .clean),
        Sample("HTTP/1.0", "HTTP/1.0 200 OK\nContent-Type: text/plain\n\nold", ending: .clean),
        Sample("HTTP/1.0 with a length", "HTTP/1.0 200 OK\nConnection: keep-alive\nContent-Length: 3\n\nold"),
        Sample("last coding is not chunked", "HTTP/1.1 200 OK\nTransfer-Encoding: gzip\n\nzzz", ending: .clean),
    ]

    static let oddities = [
        Sample("all token characters", "HTTP/1.1 200 OK\n!#$%&'*+-.^_`|~09azAZ: x\nContent-Length: 0\n\n"),
        Sample("later minor version", "HTTP/1.9 200 OK\nContent-Length: 0\n\n", isReadByNIO: false),
        Sample(
            "identical lengths", "HTTP/1.1 200 OK\nContent-Length: 1, 1\nContent-Length: 1\n\nx", isReadByNIO: false),
        Sample(
            "both framings", "HTTP/1.1 200 OK\nContent-Length: 9\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n",
            isReadByNIO: false),
        Sample("HTTP/1.0 with chunks", "HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n"),
        Sample(
            "a long line", "HTTP/1.1 200 OK\nSet-Cookie: \(String(repeating: "c", count: 300))\nContent-Length: 0\n\n"),
        Sample("empty list elements", "HTTP/1.1 200 OK\nConnection: ,, keep-alive ,\nContent-Length: 0\n\n"),
    ]
}
