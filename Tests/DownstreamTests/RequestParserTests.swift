import NIOCore
import Testing

@testable import Downstream

@Suite struct RequestParserTests {
    /// What the parser says about `text`, in one word per step; the bytes come `step` at a time.
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

    @Test(arguments: [1, 2, 3, 7, 1000])
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

    @Test(arguments: [
        ("", "1.1", true), ("close", "1.1", false), ("Keep-Alive", "1.0", true), ("", "1.0", false),
        ("foo , CLOSE", "1.1", false), ("close, keep-alive", "1.1", false), ("closed", "1.1", true),
    ])
    func theConnectionFieldDecides(value: String, version: String, keeps: Bool) {
        let field = value.isEmpty ? "" : "Connection: \(value)\r\n"
        let said = steps("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n")
        #expect(said == [keeps ? "head /" : "head / close"])
    }

    @Test(arguments: [
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

    @Test func theBoundsHold() {
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

    @Test func nothingIsSaidAfterARefusal() {
        #expect(steps("hello\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") == ["400"])
    }
}
