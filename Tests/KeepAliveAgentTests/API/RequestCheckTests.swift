import Downstream
import KeepAliveAgent
import Testing

@Suite("Validation of requests", .timeLimit(.minutes(5)))
struct RequestCheckTests {
    private func refusal(_ deed: () async throws -> Void) async -> AgentError? {
        do {
            try await deed()
            return nil
        } catch let error as AgentError {
            return error.cause == .invalidRequest ? error : nil
        } catch {
            return nil
        }
    }

    @Test(
        "A path must begin with a slash, because a whole URI could name another host",
        arguments: [
            "http://other.test/", "HTTPS://other.test", "x", "?q", "*", "/a b", "/a\r\nHost: b", "/é", "/#f",
        ])
    func paths(path: String) async throws {
        try await APIWorld.run { world in
            let error = await refusal { _ = try await world.get(path) }
            #expect(error?.detail?.hasPrefix("The path does not begin with '/'") == true)
            let authority = try #require(try world.request().authority)
            #expect(error?.origin == "http://\(authority)" && error?.phase == nil)
            #expect(try await world.get("").status == 200)
            #expect(await world.agent.snapshot().totals.requests.started == 1)
        }
    }

    @Test("Spellings of scheme and port do not change the origin, and an invalid authority is refused")
    func authorities() async throws {
        try await APIWorld.run { world in
            var request = try world.request()
            let port = try #require(request.authority?.split(separator: ":").last)
            for (scheme, authority) in [
                ("http", "127.0.0.1:\(port)"), ("HtTp", "127.0.0.1:00\(port)"), ("HTTP", "127.0.0.1:\(port)"),
            ] {
                (request.scheme, request.authority) = (scheme, authority)
                let isFirst = scheme == "http"
                #expect(try await world.agent.execute(request).isReused == !isFirst)
            }
            let wrong = [
                ("ftp", "a"), ("", "a"), ("http", ""), ("http", "u:p@a"), ("http", "127.1"), ("http", "0x7f.0.0.1"),
                ("http", "a:0"), ("http", "a:65536"), ("http", "::1"), ("http", "[::1"), ("http", "[::1%25lo]"),
                ("http", "a\r\nX: y"), ("http", "a/b"), ("http", "a..b"), ("http", "[fe80::1%lo]"),
            ]
            for (scheme, authority) in wrong {
                (request.scheme, request.authority) = (scheme, authority)
                let error = await refusal { _ = try await world.agent.execute(request) }
                #expect(error != nil && error?.detail?.isEmpty == false, "\(scheme)://\(authority)")
            }
            #expect(await world.agent.snapshot().hosts.count == 1)
        }
    }

    @Test("The error names the invalid field")
    func fields() async throws {
        try await APIWorld.run { world in
            let request = try world.request(fields: [.accept: "a", .contentLength: "1"])
            let error = await refusal { _ = try await world.agent.execute(request) }
            #expect(error?.detail?.hasPrefix("Content-Length: ") == true)
        }
        for value in ["a\r\nX: y", "a\nb", "a\0b", "\u{7F}"] {
            let error = await refusal { _ = try HTTPField(checkedName: "X-Late", value: value) }
            #expect(error?.detail == "X-Late: A header field's value has a control character.")
        }
        for name in ["", "a b", "a\r\nb", "a:", "é"] {
            #expect(await refusal { _ = try HTTPField(checkedName: name, value: "a") } != nil)
        }
        #expect(try HTTPField(checkedName: "X-Late", value: " a b ").value == "a b")
    }

    @Test("A request with untrusted parts is validated completely")
    func requests() async throws {
        try await APIWorld.run { world in
            let authority = try #require(try world.request().authority)
            let request = try HTTPRequest(
                checkedMethod: "GET", url: "HTTP://\(authority)/bytes/5?q#f", fields: [("X-A", "1")])
            #expect(try await world.agent.execute(request).status == 200)
        }
        let wrong: [(String, String, [(String, String)])] = [
            ("G T", "http://a/", []), ("GET\r\n", "http://a/", []), ("", "http://a/", []), ("GET", "a", []),
            ("GET", "http://a/\0", []), ("GET", "http://a/b\r\nX: y", []), ("GET", "http://a\n/", []),
            ("GET", "http://u@a/", []), ("GET", "http://a/", [("X-A", "1\r\n")]), ("GET", "http://a/", [("X\0", "1")]),
        ]
        for (method, url, fields) in wrong {
            let error = await refusal {
                _ = try HTTPRequest(checkedMethod: method, url: url, fields: fields.map { (name: $0.0, value: $0.1) })
            }
            #expect(error?.detail?.hasSuffix(".") == true, "\(method.debugDescription) \(url.debugDescription)")
        }
    }
}
