import HTTP1
import Testing

@Suite struct RequestBytesTests {
    private func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func refusal(
        method: String = "GET", target: String = "/", host: String = "a.test",
        fields: [(name: String, value: String)] = [],
        body: RequestBytes.Body = .none
    ) -> RequestError? {
        do {
            _ = try RequestBytes(method: method, target: target, host: host, fields: fields, body: body)
            return nil
        } catch {
            return error
        }
    }

    @Test("A GET request is serialised with its fields")
    func get() throws {
        let request = try RequestBytes(
            method: "GET", target: "/a?b=c", host: "a.test:8080",
            fields: [("Accept", "*/*"), ("X-Empty", ""), ("x-a", " \t1 2\t "), ("X-A", "é")])
        let head = "GET /a?b=c HTTP/1.1\r\nHost: a.test:8080\r\nAccept: */*\r\nX-Empty: \r\nx-a: 1 2\r\nX-A: é\r\n"
        #expect(string(request.keepAlive) == head + "\r\n")
        #expect(string(request.closing) == head + "Connection: close\r\n\r\n")
        #expect(request.kind == .ordinary)
    }

    @Test("The method determines the kind of request")
    func kinds() throws {
        #expect(try RequestBytes(method: "HEAD", target: "/", host: "a").kind == .head)
        #expect(try RequestBytes(method: "CONNECT", target: "a:443", host: "a:443").kind == .connect)
        #expect(try RequestBytes(method: "head", target: "/", host: "a").kind == .ordinary)
    }

    @Test("A Host field replaces the URL's host")
    func hostIsOverridden() throws {
        let request = try RequestBytes(method: "GET", target: "/", host: "1.2.3.4", fields: [("hOST", " b.test ")])
        #expect(string(request.keepAlive) == "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n")
    }

    @Test("Connection options are merged into one field")
    func connectionOptionsAreMerged() throws {
        let request = try RequestBytes(
            method: "GET", target: "/", host: "a",
            fields: [("Connection", "upgrade, , TE"), ("Upgrade", "x"), ("connection", "z")])
        #expect(
            string(request.keepAlive) == "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade, TE, z\r\n\r\n"
        )
        #expect(string(request.closing).hasSuffix("Connection: close, upgrade, TE, z\r\n\r\n"))
    }

    @Test(
        "Each kind of body has its framing field",
        arguments: [
            ("POST", .bytes(Array("abc".utf8)), "Content-Length: 3\r\n\r\nabc"),
            ("POST", .bytes([]), "Content-Length: 0\r\n\r\n"),
            ("PUT", .exact(5), "Content-Length: 5\r\n\r\n"),
            ("PATCH", .chunked, "Transfer-Encoding: chunked\r\n\r\n"),
            ("POST", .none, "Content-Length: 0\r\n\r\n"),
            ("PUT", .none, "Content-Length: 0\r\n\r\n"),
            ("DELETE", .none, "Host: a\r\n\r\n"),
            ("GET", .exact(0), "Content-Length: 0\r\n\r\n"),
        ] as [(String, RequestBytes.Body, String)])
    func bodies(_ method: String, _ body: RequestBytes.Body, _ end: String) throws {
        let request = try RequestBytes(method: method, target: "/", host: "a", body: body)
        #expect(string(request.keepAlive).hasSuffix(end))
    }

    @Test(
        "Invalid methods are refused",
        arguments: ["", " ", "GET ", "GET /x HTTP/1.1\r\nX:", "G\0", "GÉT", "GET\r\n", "G:T"])
    func badMethods(_ method: String) {
        #expect(refusal(method: method) == .badMethod)
    }

    @Test(
        "Invalid targets are refused",
        arguments: [
            "", "x", "/a b", "/\r\nX: y", "/\n", "/\u{7F}", "/ü", "/#f", "*", "ftp://a/", "/ HTTP/1.1\r\n\r\n", "\0",
            "//a\t", "http://a.test/x?y", "HTTP://b/", "https://b",
        ])
    func badTargets(_ target: String) {
        #expect(refusal(target: target) == .badTarget)
    }

    @Test("The target's form depends on the method")
    func targetForms() {
        #expect(refusal(method: "OPTIONS", target: "*") == nil)
        #expect(refusal(target: "//a/%20?x=[]{}|\"") == nil)
        #expect(refusal(method: "CONNECT", target: "[::1]:443") == nil)
        for target in ["/", "a.test", "a.test:", ":443", "a.test:x", "a.test:443/", "u@a.test:443", "http://a:1"] {
            #expect(refusal(method: "CONNECT", target: target) == .badTarget, "\(target)")
        }
    }

    @Test(
        "Invalid hosts are refused",
        arguments: ["", "a b", "a\r\nX: y", "a/b", "u@a", "a?b", "a#b", "a\\b", "a\0", "ä.test", ":80", "a\t", "<a>"])
    func badHosts(_ host: String) {
        #expect(refusal(host: host) == .badHost)
    }

    @Test("An invalid Host field is refused")
    func badHostField() {
        #expect(refusal(fields: [("Host", "a/b")]) == .badHost)
        #expect(refusal(fields: [("Host", "")]) == .badHost)
        #expect(refusal(fields: [("Host", "a"), ("host", "a")]) == .duplicateHost)
    }

    @Test(
        "Invalid field names are refused",
        arguments: ["", " ", "A B", "A:", "A\r\nB", "A\n", "Ä", "A\0", " A", "A\t", "(A)"])
    func badNames(_ name: String) {
        #expect(refusal(fields: [(name, "x")]) == .badFieldName)
    }

    @Test(
        "Invalid field values are refused",
        arguments: [
            "a\r\nB: c", "a\r", "\na", "a\0b", "\u{1B}[2J", "\u{7F}", "a\r\n\r\nGET / HTTP/1.1\r\n\r\n", "\u{0B}",
        ])
    func badValues(_ value: String) {
        #expect(refusal(fields: [("A", value)]) == .badFieldValue)
        #expect(refusal(fields: [("Connection", value)]) == .badFieldValue)
        #expect(refusal(fields: [("Host", value)]) == .badFieldValue)
    }

    @Test(
        "Fields that the agent sets itself are refused",
        arguments: [
            ("Content-Length", "3"), ("content-length", ""), ("Transfer-Encoding", "chunked"),
            ("TRANSFER-encoding", "gzip"),
            ("Connection", "close"), ("connection", "x, Keep-Alive"), ("Connection", "CLOSE ,upgrade"),
        ])
    func reservedFields(_ name: String, _ value: String) {
        #expect(refusal(fields: [(name, value)]) == .reservedField)
    }

    @Test("Connection options must be tokens")
    func connectionOptionsAreTokens() {
        #expect(refusal(fields: [("Connection", "a b")]) == .badFieldValue)
    }

    @Test("Invalid bodies are refused")
    func badBodies() {
        #expect(refusal(method: "TRACE", body: .exact(1)) == .badBody)
        #expect(refusal(method: "CONNECT", target: "a:1", body: .chunked) == .badBody)
        #expect(refusal(method: "POST", body: .exact(-1)) == .badBody)
    }

    /// With any content in its parts, a request keeps its lines: one for each field and no more.
    @Test("No part can inject a line")
    func nothingCanBeInjected() throws {
        var random = SplitMix64(seed: 7)
        let pieces = ["\r", "\n", "\r\n", "\0", ":", " ", "a", "X: y", "é", "\u{2028}", "\u{85}", "\u{10A}", "\u{D0A}"]
        var accepted = 0
        for _ in 0..<3000 {
            let parts = (0..<5).map { _ in
                (0...random.below(3)).map { _ in pieces[random.below(pieces.count)] }.joined()
            }
            let request = try? RequestBytes(
                method: random.below(2) == 0 ? "GET" : parts[0], target: random.below(2) == 0 ? "/" : "/" + parts[1],
                host: random.below(2) == 0 ? "a" : parts[2], fields: [(random.below(2) == 0 ? "A" : parts[3], parts[4])]
            )
            guard let request else { continue }
            accepted += 1
            #expect(request.keepAlive.count { $0 == 10 } == 4)
            #expect(request.keepAlive.count { $0 == 13 } == 4)
            #expect(!request.keepAlive.contains(0))
        }
        #expect(accepted > 30)
    }
}
