import Downstream
import KeepAliveAgent
import Testing

@Suite("What is refused before it is sent", .timeLimit(.minutes(5)))
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
        "A path begins with a slash: a whole URI would go to another host than its connection",
        arguments: [
            "http://other.test/", "HTTPS://other.test", "x", "?q", "*", "/a b", "/a\r\nHost: b", "/a\0", "/é", "/#f",
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

    @Test("The origin is the same however scheme and port are written, and what is no authority is refused")
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

    @Test("The field that is refused is named")
    func fields() async throws {
        try await APIWorld.run { world in
            let name = try #require(HTTPField.Name("X-Late"))
            let request = try world.request(fields: [.accept: "a", name: "b\u{1}"])
            let error = await refusal { _ = try await world.agent.execute(request) }
            #expect(error?.detail == "A header field's value has a control character. (X-Late)")
            let own = try world.request(fields: [.contentLength: "1"])
            #expect(
                await refusal { _ = try await world.agent.execute(own) }?.detail?.hasSuffix("(Content-Length)") == true)
        }
        for value in ["a\r\nX: y", "a\nb", "a\0b", "\u{7F}"] {
            let error = await refusal { _ = try HTTPField(checkedName: "X-Late", value: value) }
            #expect(error?.detail == "A header field's value has a control character. (X-Late)")
        }
        for name in ["", "a b", "a\r\nb", "a:", "é"] {
            #expect(await refusal { _ = try HTTPField(checkedName: name, value: "a") } != nil)
        }
        #expect(try HTTPField(checkedName: "X-Late", value: " a b ").value == "a b")
    }
}
