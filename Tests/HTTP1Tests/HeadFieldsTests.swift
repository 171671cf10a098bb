import HTTP1
import Testing

@Suite struct HeadFieldsTests {
    private let bytes = message(
        """
        HTTP/1.1 200 Very well
        Set-Cookie: a=1
        Empty:
        SET-cookie:\t b=2 \t
        Trailer: Sum

        """ + "Transfer-Encoding: chunked\n\n1\nx\n0\nSum: 1\n\n")

    @Test("Fields are found by name, ignoring case")
    func lookUp() {
        var parser = ResponseParser(keepsHead: true)
        parser.start(.ordinary)
        #expect(readToEnd(bytes, &parser) == .end(.reusable))
        let head = parser.takeHead()
        #expect(head.map { text($0.name) } == ["Set-Cookie", "Empty", "SET-cookie", "Trailer", "Transfer-Encoding"])
        #expect(head.values(of: "set-cookie").map(text) == ["a=1", "b=2"])
        #expect(head.firstValue(of: "SET-COOKIE").map(text) == "a=1")
        #expect(head.firstValue(of: "empty").map(text) == "")
        #expect(head.firstValue(of: "absent") == nil)
        #expect(head.firstValue(of: "") == nil)
        #expect(head.firstValue(of: "set-cooki") == nil)
        #expect(text(head.reason) == "Very well")
        #expect(!head.isEmpty)
        #expect(text(head.bytes[...]).hasPrefix("HTTP/1.1 200 Very well\\xd\\xa"))
        let trailers = parser.takeTrailers()
        #expect(lines(trailers) == ["Sum: 1"])
        #expect(trailers.reason.isEmpty)
    }

    @Test("Taken fields do not change when the parser continues")
    func takenFieldsAreTheCallers() {
        var parser = ResponseParser(keepsHead: true)
        parser.start(.ordinary)
        _ = readToEnd(message("HTTP/1.1 204 A\nA: 1\n\n"), &parser)
        let first = parser.takeHead()
        parser.start(.ordinary)
        _ = readToEnd(message("HTTP/1.1 204 B\nB: 2\n\n"), &parser)
        #expect(lines(first) == ["A: 1"])
        #expect(lines(parser.takeHead()) == ["B: 2"])
    }

    @Test("Fields that were not taken are dropped")
    func fieldsThatNobodyTookAreForgotten() {
        var parser = ResponseParser(keepsHead: true)
        for name in ["A", "B"] {
            parser.start(.ordinary)
            _ = readToEnd(message("HTTP/1.1 204 x\n\(name): 1\n\n"), &parser)
        }
        #expect(lines(parser.takeHead()) == ["B: 1"])
        parser.start(.ordinary)
        #expect(parser.takeHead().isEmpty)
    }

    @Test("Only the final head is kept")
    func onlyTheFinalHeadIsKept() {
        var parser = ResponseParser(keepsHead: true)
        parser.start(.ordinary)
        _ = readToEnd(message("HTTP/1.1 103 Early Hints\nLink: x\n\nHTTP/1.1 204 x\nB: 2\n\n"), &parser)
        #expect(lines(parser.takeHead()) == ["B: 2"])
    }

    @Test("Keeping the head is chosen for each exchange")
    func chosenForEachExchange() {
        var parser = ResponseParser()
        for keeps in [true, false, true] {
            parser.start(.ordinary, keepsHead: keeps)
            _ = readToEnd(message("HTTP/1.1 204 x\nA: 1\n\n"), &parser)
            #expect(parser.takeHead().isEmpty == !keeps)
        }
    }

    @Test("An empty section has no fields and no reason")
    func nothingKept() {
        let fields = HeadFields()
        #expect(fields.isEmpty)
        #expect(fields.reason.isEmpty)
        #expect(fields.firstValue(of: "a") == nil)
    }

    @Test("A status line may have no reason", arguments: ["HTTP/1.1 200\n\n", "HTTP/1.1 200 \n\n"])
    func noReason(_ text: String) {
        var parser = ResponseParser(keepsHead: true)
        parser.start(.head)
        _ = readToEnd(message(text), &parser)
        let head = parser.takeHead()
        #expect(head.reason.isEmpty)
        #expect(head.isEmpty)
    }
}
