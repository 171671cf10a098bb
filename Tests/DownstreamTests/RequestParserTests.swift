import NIOCore
import Testing

@testable import Downstream

@Suite struct RequestParserTests {
    /// The parser's steps for `text`, one word each; the bytes arrive `step` at a time.
    private func steps(_ text: String, step: Int = .max) -> [String] {
        var parser = RequestParser()
        var input = ByteBuffer()
        var said: [String] = []
        var rest = ByteBuffer(string: text)
        while let part = rest.readSlice(length: min(step, rest.readableBytes)), part.readableBytes > 0 {
            input.writeImmutableBuffer(part)
            parsing: while true {
                switch parser.next(&input) {
                case .needsMore: break parsing
                case .head(let head): said.append("head \(head.targetString)\(head.keepsAlive ? "" : " close")")
                case .body(let part):
                    if let last = said.last, last.hasPrefix("body ") {
                        said[said.count - 1] = last + String(buffer: part)
                    } else {
                        said.append("body " + String(buffer: part))
                    }
                case .end: said.append("end")
                case .rejected(let status): said.append("\(status)")
                }
            }
        }
        return said
    }

    @Test("A stream is parsed the same however it is split", arguments: [1, 2, 3, 7, 1000])
    func aStreamMeansTheSameHoweverItIsCut(step: Int) {
        let text =
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nPOST /echo HTTP/1.1\r\nhost:a\r\nContent-Length: 5\r\n\r\nhello"
            + "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
            + "GET /last HTTP/1.0\r\n\r\n"
        #expect(
            steps(text, step: step) == [
                "head /", "head /echo", "body hello", "end", "head /x", "body abc0123456789", "end",
                "head /last close",
            ])
    }

    @Test(
        "The Connection field decides whether the connection is kept",
        arguments: [
            ("", "1.1", true), ("close", "1.1", false), ("Keep-Alive", "1.0", true), ("", "1.0", false),
            ("foo , CLOSE", "1.1", false), ("close, keep-alive", "1.1", false), ("closed", "1.1", true),
        ])
    func theConnectionFieldDecides(value: String, version: String, keeps: Bool) {
        let field = value.isEmpty ? "" : "Connection: \(value)\r\n"
        let said = steps("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n")
        #expect(said == [keeps ? "head /" : "head / close"])
    }

    @Test(
        "Invalid requests are refused",
        arguments: [
            ("hello\r\n", "400"), ("GET /\r\n", "400"), ("GET / HTTP/2.0\r\n", "505"), ("GET / HTTPS/1.1\r\n", "400"),
            ("GET  / HTTP/1.1\r\n", "400"), ("G=T / HTTP/1.1\r\n", "400"), ("GET / HTTP/1.1\n", "400"),
            ("GET / HTTP/1.1\r\n\r\n", "400"), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400"),
            ("GET / HTTP/1.1\r\nHost : a\r\n", "400"), ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n", "400"),
            ("GET / HTTP/1.1\r\nX: a\0\r\n", "400"), ("GET / HTTP/1.1\r\nX: a\rb\r\n", "400"),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n", "400"),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n", "400"),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n", "501"),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 16777217\r\n\r\n", "413"),
        ])
    func garbageIsRefused(text: String, status: String) { #expect(steps(text).last == status) }

    @Test("The limits of the parser apply")
    func theBoundsHold() {
        let long = String(repeating: "x", count: 16 << 10)
        #expect(steps("GET /\(long)").last == "431")
        let many = (0...100).map { "F\($0): v\r\n" }.joined()
        #expect(steps("GET / HTTP/1.1\r\nHost: a\r\n\(many)").last == "431")
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(steps(chunked + "1000001\r\n").last == "413")
        #expect(steps(chunked + "zz\r\n").last == "400")
        #expect(steps(chunked + "2\r\nabc\r\n").last == "400")
        #expect(steps(chunked + String(repeating: "1", count: 5000)).last == "400")
    }

    private static let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test("Trailers and chunks use no stack, however many arrive at once")
    func noRecursion() async {
        let lines = String(repeating: "a:b\r\n", count: 60_000)
        let chunks = String(repeating: "1\r\nx\r\n", count: 20_000)
        let extended = String(repeating: "1;\r\nx\r\n", count: 10_000)
        for (text, last) in [
            (Self.chunked + "0\r\n" + lines, "431"), (Self.chunked + chunks + "0\r\n\r\n", "end"),
            (Self.chunked + extended + "0\r\n\r\n", "end"), (String(repeating: "\r\n", count: 60_000), nil),
        ] as [(String, String?)] {
            #expect(await onSmallStack { self.steps(text) }.last == last)
        }
    }

    @Test("Trailers are limited to 100 fields, 16 KiB and 4 KiB per line, and chunk extensions likewise")
    func trailerLimits() {
        func trailers(_ count: Int, length: Int) -> String {
            Self.chunked + "0\r\n"
                + String(repeating: "a:" + String(repeating: "b", count: length - 4) + "\r\n", count: count)
        }
        #expect(steps(trailers(100, length: 100) + "\r\n").last == "end")
        #expect(steps(trailers(101, length: 100)).last == "431")
        #expect(steps(trailers(4, length: 4096) + "\r\n").last == "end")
        #expect(steps(trailers(5, length: 4096)).last == "431")
        #expect(steps(trailers(1, length: 4097)).last == "431")
        #expect(steps(Self.chunked + "0\r\n" + String(repeating: "b", count: 4096)).last == "431")
        func extended(_ count: Int) -> String {
            Self.chunked + String(repeating: "1;" + String(repeating: "e", count: 1023) + "\r\nx\r\n", count: count)
        }
        #expect(steps(extended(16) + "0\r\n\r\n").last == "end")
        #expect(steps(extended(17)).last == "400")
    }

    @Test("The limits apply to each body separately") func limitsStartAnew() {
        let one =
            Self.chunked + "0;" + String(repeating: "e", count: 4000) + "\r\n"
            + String(repeating: "a:b\r\n", count: 100) + "\r\n"
        #expect(steps(String(repeating: one, count: 10)).filter { $0 == "end" }.count == 10)
    }

    @Test(
        "A chunk line or trailer that is invalid in a head is refused at once",
        arguments: [
            "5\n", "\n", "5;a\u{0}b\r\n", "5;a\rb\r\n", "0\r\nbare: lf\n", "0\r\n\n", "0\r\nno colon\r\n",
            "0\r\n: x\r\n",
            "0\r\nblank : x\r\n", "0\r\na: b\r\n folded\r\n", "0\r\na: \u{7f}\r\n", " 5\r\n", "+5\r\n", "0x5\r\n",
            "\r\n",
        ])
    func badLines(text: String) { #expect(steps(Self.chunked + text).last == "400") }

    @Test("Nothing is parsed after a refusal")
    func nothingIsSaidAfterARefusal() {
        #expect(steps("hello\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") == ["400"])
    }
}
