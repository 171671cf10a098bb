import HTTP1
import Testing

/// A message that tries to be read in two ways, to cost too much, or that is plainly broken; and what must come of it.
struct Hostile: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let feed: Feed
    /// The descriptions of all steps.
    let outcome: String

    init(
        _ name: String, _ text: String, kind: RequestKind = .ordinary, ending: Ending = .open, requests: Int = 1,
        _ outcome: String
    ) {
        self.init(name, bytes: message(text), kind: kind, ending: ending, requests: requests, outcome)
    }

    init(
        _ name: String, bytes: [UInt8], kind: RequestKind = .ordinary, ending: Ending = .open, requests: Int = 1,
        _ outcome: String
    ) {
        self.name = name
        self.bytes = bytes
        feed = Feed(kind: kind, ending: ending, requests: requests)
        self.outcome = outcome
    }

    var testDescription: String { name }
}

enum HostileCorpus {
    static let all = smuggling + lineEnds + fields + statusLines + chunks + floods + otherProtocols + regressions

    private static let ok = "HTTP/1.1 200 OK\n"
    private static let chunked = ok + "Transfer-Encoding: chunked\n\n"

    /// Messages whose end two recipients may find in different places.
    static let smuggling = [
        Hostile(
            "a forged second response",
            ok + "Content-Length: 2\n\nokHTTP/1.1 200 OK\nContent-Length: 6\n\nforged",
            "200(exact(2), reusable) body(ok) end(reusable) unsolicited"),
        Hostile(
            "a forged response behind 204", "HTTP/1.1 204 No Content\nContent-Length: 5\n\nHTTP/1.1 200 OK\n\n",
            "204(none, reusable) end(reusable) unsolicited"),
        Hostile(
            "a body behind HEAD", ok + "Content-Length: 2\n\nok", kind: .head,
            "200(none, reusable) end(reusable) unsolicited"),
        Hostile(
            "a body behind 304", "HTTP/1.1 304 Not Modified\nContent-Length: 2\n\nok",
            "304(none, reusable) end(reusable) unsolicited"),
        Hostile(
            "the body behind HEAD as the next answer", ok + "Content-Length: 2\n\nok", kind: .head, requests: 2,
            "200(none, reusable) end(reusable) failed(badStatusLine)"),
        Hostile(
            "CL.TE", ok + "Content-Length: 4\nTransfer-Encoding: chunked\n\n1\na\n0\n\nHTTP/1.1 200 OK\n\n",
            "200(chunked, suspectFraming) body(a) end(suspectFraming) unsolicited"),
        Hostile(
            "TE.CL with a bad length", ok + "Transfer-Encoding: chunked\nContent-Length: +4\n\n0\n\n",
            "failed(badContentLength)"),
        Hostile(
            "TE.CL with lengths that differ",
            ok + "Transfer-Encoding: chunked\nContent-Length: 4\nContent-Length: 5\n\n0\n\n",
            "failed(conflictingContentLength)"),
        Hostile(
            "TE with a prefix", ok + "Transfer-Encoding: xchunked\nContent-Length: 2\n\nok", ending: .clean,
            "200(untilClose, suspectFraming) body(ok) end(suspectFraming)"),
        Hostile(
            "TE with a vertical tab", ok + "Transfer-Encoding: \u{0B}chunked\n\n0\n\n", "failed(controlCharacter)"),
        Hostile(
            "TE in quotes", ok + "Transfer-Encoding: \"chunked\"\n\n0\n\n", ending: .clean,
            "200(untilClose, suspectFraming) body(0\\xd\\xa\\xd\\xa) end(suspectFraming)"),
        Hostile(
            "TE behind an escaped quote", ok + "Transfer-Encoding: x;y=\"\\\", chunked\n\n0\n\n", ending: .clean,
            "200(untilClose, suspectFraming) body(0\\xd\\xa\\xd\\xa) end(suspectFraming)"),
        Hostile(
            "a name that only looks like TE", ok + "Transfer_Encoding: chunked\nTransfer-Encodinh: chunked\n\n0\n\n",
            ending: .clean, "200(untilClose, untilClose) body(0\\xd\\xa\\xd\\xa) end(untilClose)"),
        Hostile("TE with a blank before the colon", ok + "Transfer-Encoding : chunked\n\n", "failed(spaceBeforeColon)"),
        Hostile(
            "TE folded", ok + "Transfer-Encoding:\n chunked\n\n0\n\n", "failed(obsoleteFolding)"),
        Hostile(
            "TE behind a bare LF", ok + "A: b\u{240A}Transfer-Encoding: chunked\n\n0\n\n", "failed(bareLineFeed)"),
        Hostile(
            "TE behind a bare CR", ok + "A: b\u{240D}Transfer-Encoding: chunked\n\n0\n\n",
            "failed(bareCarriageReturn)"),
        Hostile(
            "chunked, then another", ok + "Transfer-Encoding: chunked\nTransfer-Encoding: identity\n\n0\n\n",
            ending: .clean, "200(untilClose, untilClose) body(0\\xd\\xa\\xd\\xa) end(untilClose)"),
        Hostile(
            "chunked around another", ok + "Transfer-Encoding: chunked, gzip, chunked\n\n0\n\n",
            "200(chunked, suspectFraming) end(suspectFraming)"),
        Hostile(
            "chunked with a parameter", ok + "Transfer-Encoding: chunked ;a\n\n0\n\n", "failed(badTransferCoding)"),
        Hostile(
            "HTTP/1.0 with TE and keep-alive",
            "HTTP/1.0 200 OK\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n0\n\n",
            "200(chunked, suspectFraming) end(suspectFraming)"),
        Hostile(
            "HTTP/1.0 with TE behind HEAD",
            "HTTP/1.0 200 OK\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n", kind: .head,
            "200(none, suspectFraming) end(suspectFraming)"),
        Hostile("length with a sign", ok + "Content-Length: +2\n\nok", "failed(badContentLength)"),
        Hostile("length below zero", ok + "Content-Length: -1\n\nok", "failed(badContentLength)"),
        Hostile("length with a blank inside", ok + "Content-Length: 1 2\n\nok", "failed(badContentLength)"),
        Hostile("length in hex", ok + "Content-Length: 0x2\n\nok", "failed(badContentLength)"),
        Hostile("length with an exponent", ok + "Content-Length: 1e1\n\nok", "failed(badContentLength)"),
        Hostile("length without a digit", ok + "Content-Length: \n\nok", "failed(badContentLength)"),
        Hostile(
            "length over 2^64", ok + "Content-Length: 18446744073709551618\n\nok", "failed(badContentLength)"),
        Hostile(
            "length with obs-text blanks", ok + "Content-Length: \u{A0}2\n\nok", "failed(badContentLength)"),
        Hostile(
            "lengths that differ", ok + "Content-Length: 2\nX: y\nContent-Length: 3\n\nok",
            "failed(conflictingContentLength)"),
        Hostile(
            "lengths in a list that differ", ok + "Content-Length: 2, 3\n\nok", "failed(conflictingContentLength)"),
        Hostile(
            "a name that only looks like a length", ok + "Content_Length: 2\nContent-Lengtj: 3\n\nok", ending: .clean,
            "200(untilClose, untilClose) body(ok) end(untilClose)"),
        Hostile(
            "framing in the trailers",
            chunked + "0\nContent-Length: 6\nTransfer-Encoding: x\nConnection: close\n\nforged",
            "200(chunked, reusable) end(reusable) unsolicited"),
        Hostile(
            "a 1xx with a body", "HTTP/1.1 100 Continue\nContent-Length: 2\n\nokHTTP/1.1 200 OK\n\n",
            "informational(100) failed(badStatusLine)"),
    ]

    static let lineEnds = [
        Hostile("status line with a bare LF", "HTTP/1.1 200 OK\u{240A}\n", "failed(bareLineFeed)"),
        Hostile("field with a bare LF", ok + "A: b\u{240A}\n", "failed(bareLineFeed)"),
        Hostile("head that ends in a bare LF", ok + "A: b\n\u{240A}", "failed(bareLineFeed)"),
        Hostile("CR CR LF", ok + "A: b\u{240D}\n\n", "failed(bareCarriageReturn)"),
        Hostile("CR for an empty line", ok + "\u{240D}x", "failed(bareCarriageReturn)"),
        Hostile("CR as the first byte of a name", ok + "\u{240D}A: b\n\n", "failed(bareCarriageReturn)"),
        Hostile("two line ends before the status line", "\n\n" + ok, "failed(badStatusLine)"),
        Hostile("CR before the status line", "\u{240D}" + ok, "failed(badStatusLine)"),
        Hostile("LF before the status line", "\u{240A}" + ok, "failed(badStatusLine)"),
        Hostile("CR without a request", "\u{240D}x", requests: 0, "unsolicited"),
        Hostile("LF without a request", "\u{240A}", requests: 0, "unsolicited"),
    ]

    static let fields = [
        Hostile("folded field", ok + "A: b\n\tc\n\n", "failed(obsoleteFolding)"),
        Hostile("blank behind the status line", ok + " A: b\n\n", "failed(obsoleteFolding)"),
        Hostile("a line of blanks", ok + "   \n\n", "failed(obsoleteFolding)"),
        Hostile("NUL in a value", ok + "A: b\0\n\n", "failed(controlCharacter)"),
        Hostile("NUL in a name", ok + "A\0: b\n\n", "failed(controlCharacter)"),
        Hostile("DEL in a value", ok + "A: \u{7F}\n\n", "failed(controlCharacter)"),
        Hostile("escape sequence in a value", ok + "A: \u{1B}[2J\n\n", "failed(controlCharacter)"),
        Hostile("blank before the colon", ok + "A : b\n\n", "failed(spaceBeforeColon)"),
        Hostile("tab before the colon", ok + "A\t: b\n\n", "failed(spaceBeforeColon)"),
        Hostile("blank inside a name", ok + "A b: c\n\n", "failed(badFieldName)"),
        Hostile("no name", ok + ": b\n\n", "failed(badFieldName)"),
        Hostile("no colon", ok + "Connection\n\n", "failed(missingColon)"),
        Hostile("obs-text in a name", ok + "N\u{E4}me: b\n\n", "failed(badFieldName)"),
        Hostile("quotes in a name", ok + "\"A\": b\n\n", "failed(badFieldName)"),
        Hostile("folded trailer", chunked + "0\nA: b\n c\n\n", "200(chunked, reusable) failed(obsoleteFolding)"),
        Hostile("trailer without a colon", chunked + "0\nA\n\n", "200(chunked, reusable) failed(missingColon)"),
        Hostile(
            "a response behind the last chunk", chunked + "0\nHTTP/1.1 200 OK\n\n",
            "200(chunked, reusable) failed(badFieldName)"),
    ]

    static let statusLines = [
        "HTTP/2 200\n\n", "HTTP/2.0 200 OK\n\n", "HTTP/0.9 200 OK\n\n", "HTTP/1.a 200 OK\n\n", "HTTP/1.10 200 OK\n\n",
        "http/1.1 200 OK\n\n", " HTTP/1.1 200 OK\n\n", "HTTP/1.1  200 OK\n\n", "HTTP/1.1\t200 OK\n\n",
        "HTTP/1.1 20 OK\n\n", "HTTP/1.1 2000 OK\n\n", "HTTP/1.1 200OK\n\n", "HTTP/1.1 +20 OK\n\n",
        "HTTP/1.1 -20 OK\n\n",
        "HTTP/1.1 099 Low\n\n", "HTTP/1.1 000 Zero\n\n", "HTTP/1.1 2\u{B2}\n\n", "HTTP/1.1 200\tOK\n\n", "HTTP/1.1\n\n",
        "HTTP/1.1 \n\n", "HTTP 200 OK\n\n", "ICY 200 OK\n\n", "200 OK\n\n", "GET / HTTP/1.1\n\n", "\n\n\n",
    ].map { Hostile("status line \(text(message($0)))", $0, "failed(badStatusLine)") }

    static let chunks = [
        ("size with a sign", "+1\na\n", "failed(badChunkSize)"),
        ("size below zero", "-1\na\n", "failed(badChunkSize)"),
        ("size with 0x", "0x1\na\n", "failed(badChunkSize)"),
        ("size that is empty", "\na\n", "failed(badChunkSize)"),
        ("size that is no number", "g\na\n", "failed(badChunkSize)"),
        ("extension without a size", ";a\n", "failed(badChunkSize)"),
        ("blank before the size", " 1\na\n", "failed(badChunkSize)"),
        ("blank inside the size", "1 0\na\n", "failed(badChunkSize)"),
        ("size over 2^64", "10000000000000001\na\n", "failed(badChunkSize)"),
        ("size of 2^64 - 1", "ffffffffffffffff\na\n", "failed(badChunkSize)"),
        ("size over 2^53", "20000000000001\na\n", "failed(badChunkSize)"),
        ("size with too many zeros", "00000000000000001\na\n", "failed(badChunkSize)"),
        ("size line with a bare LF", "1\u{240A}a\n", "failed(bareLineFeed)"),
        ("size line with a bare CR", "1\u{240D}a\n", "failed(bareCarriageReturn)"),
        ("extension with a bare LF", "1;a\u{240A}a\n", "failed(bareLineFeed)"),
        ("extension with a bare CR", "1;a\u{240D}b\na\n", "failed(bareCarriageReturn)"),
        ("extension with NUL", "1;\0\na\n", "failed(controlCharacter)"),
        ("data longer than its size", "1\nab\n", "body(a) failed(badChunkEnd)"),
        ("data with a bare LF", "1\na\u{240A}0\n\n", "body(a) failed(badChunkEnd)"),
        ("data with a bare CR", "1\na\u{240D}0\n\n", "body(a) failed(badChunkEnd)"),
        ("no line end behind the data", "1\na0\n\n", "body(a) failed(badChunkEnd)"),
        ("trailers with a bare LF", "0\n\u{240A}", "failed(bareLineFeed)"),
    ].map { name, body, outcome in Hostile("chunk: \(name)", chunked + body, "200(chunked, reusable) \(outcome)") }

    static let floods = [
        Hostile("an endless status line", "HTTP/1.1 200 " + repeated("x", 70_000), "failed(headTooLarge)"),
        Hostile("an endless name", ok + repeated("x", 70_000), "failed(headTooLarge)"),
        Hostile("an endless value", ok + "A: " + repeated("x", 70_000), "failed(headTooLarge)"),
        Hostile("large fields", ok + repeated("A: " + repeated("x", 1000) + "\n", 70), "failed(headTooLarge)"),
        Hostile("many fields", ok + repeated("A:\n", 300), "failed(tooManyFields)"),
        Hostile(
            "endless trailers", chunked + "0\n" + repeated("A: " + repeated("x", 1000) + "\n", 70),
            "200(chunked, reusable) failed(headTooLarge)"),
        Hostile(
            "many trailers", chunked + "0\n" + repeated("A:\n", 256), "200(chunked, reusable) failed(tooManyFields)"),
        Hostile(
            "an endless extension", chunked + "1;" + repeated("x", 20_000),
            "200(chunked, reusable) failed(chunkExtensionTooLarge)"),
        Hostile(
            "endless blanks behind a size", chunked + "1" + repeated(" ", 20_000),
            "200(chunked, reusable) failed(chunkExtensionTooLarge)"),
        Hostile(
            "large extensions on tiny chunks", chunked + repeated("1;" + repeated("x", 3000) + "\na\n", 6),
            "200(chunked, reusable) body(aaaaa) failed(chunkExtensionTooLarge)"),
        Hostile(
            "endless 1xx", repeated("HTTP/1.1 100 Continue\n\n", 10),
            repeated("informational(100) ", 5) + "failed(tooManyInformational)"),
    ]

    static let otherProtocols = [
        Hostile("TLS alert", bytes: [0x15, 3, 1, 0, 2, 2, 70], "failed(badStatusLine)"),
        Hostile("TLS hello", bytes: [0x16, 3, 1, 2, 0, 1], "failed(badStatusLine)"),
        Hostile("SSH", "SSH-2.0-OpenSSH_9.2\n", "failed(badStatusLine)"),
        Hostile("a mail server that waits", "220 ", "failed(badStatusLine)"),
        Hostile("HTTP/2 settings", bytes: [0, 0, 0, 4, 0, 0, 0, 0, 0], "failed(badStatusLine)"),
        Hostile("a page without a head", "<html>", "failed(badStatusLine)"),
    ]

    /// Found by mutation; each names what was wrong.
    static let regressions: [Hostile] = []

    private static func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }
}
