import Downstream
import Foundation
import Testing

/// The paths that behave the same on every downstream.
@Suite struct PathTests {
    private func withPlain(_ body: (DownstreamFleet, Wire) async throws -> Void) async throws {
        try await withFleet([.plain()]) { fleet in
            try await body(fleet, Wire(fleet.endpoint("plain").address))
        }
    }

    @Test("Paths select the status and the size")
    func statusesAndSizes() async throws {
        try await withPlain { _, wire async throws in
            for status in [200, 204, 304, 404, 503] {
                #expect(try await wire.get("/status/\(status)").status == status)
            }
            #expect(try await wire.get("/bytes/100000").body.utf8.count == 100_000)
            #expect(try await wire.get("/bytes/0").body.isEmpty)
            let chunked = try await wire.get("/chunked/20000")
            #expect(chunked.fields["transfer-encoding"] == "chunked" && chunked.body.utf8.count == 20000)
            #expect(try await wire.get("/chunked/0").body.isEmpty)
            #expect(try await wire.get("/bytes/many").status == 404)
            #expect(try await wire.get("/until-close/5000").body.utf8.count == 5000)
            #expect(try await wire.rest().ended == .fin)
        }
    }

    @Test("Paths select interim responses and hints")
    func interimResponsesAndHints() async throws {
        try await withPlain { _, wire async throws in
            #expect(try await wire.get("/hint/timeout=1,%20max=9").fields["keep-alive"] == "timeout=1, max=9")
            #expect(try await wire.get("/interim/2").status == 103)
            #expect(try await wire.response().status == 103)
            #expect(try await wire.response().status == 200)
        }
    }

    @Test("A HEAD response has no body and the connection continues")
    func headHasNoBodyAndTheConnectionGoesOn() async throws {
        try await withPlain { _, wire async throws in
            for path in ["/", "/bytes/77", "/chunked/77", "/slow-body/3/1ms"] {
                try await wire.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await wire.response(toHead: true).status == 200)
            }
            #expect(try await wire.get("/").status == 200)
        }
    }

    @Test("`echo` and `headers` return the request")
    func echoAndHeadersSayWhatTheyGot() async throws {
        try await withPlain { _, wire async throws in
            try await wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try await wire.response().body == "hello")
            try await wire.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")
            #expect(try await wire.response().body == "abcde")
            #expect(
                try await wire.get("/headers", fields: "X-One: 1\r\n").body
                    == "GET /headers HTTP/1.1\r\nHost: \(wire.address)\r\nX-One: 1\r\n\r\n")
        }
    }

    @Test("`delay` and `slow-body` take the given time")
    func delayAndSlowBodyTakeTheirTime() async throws {
        try await withPlain { _, wire async throws in
            let started = ContinuousClock.now
            #expect(try await wire.get("/delay/50ms").status == 200)
            #expect(started.duration(to: .now) >= .milliseconds(50))
            #expect(try await wire.get("/slow-body/4/20ms").body.utf8.count == 256)
            #expect(started.duration(to: .now) >= .milliseconds(130))
        }
    }

    @Test("Pipelined requests are answered in order")
    func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withPlain { fleet, wire async throws in
            let paths = ["/delay/30ms", "/bytes/1", "/slow-body/2/5ms", "/bytes/2", "/status/404", "/chunked/3"]
            try await wire.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            var sizes: [Int] = []
            for _ in paths { sizes.append(try await wire.response().body.utf8.count) }
            #expect(sizes == [128, 1, 128, 2, 4, 3])
            #expect(try await fleet.stats("plain").accepted == 1)
        }
    }

    @Test("A flood of pipelined requests is answered completely")
    func aFloodOfPipelinedRequestsIsAnsweredInFull() async throws {
        try await withPlain { fleet, wire async throws in
            // More than the waiting bytes allow, behind an answer that is late: reading has to stop and go on again.
            let request = "GET /bytes/9 HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 1000))\r\n\r\n"
            try await wire.send(
                "GET /delay/100ms HTTP/1.1\r\nHost: a\r\n\r\n" + String(repeating: request, count: 1000))
            for _ in 0...1000 { #expect(try await wire.response().status == 200) }
            #expect(try await fleet.stats("plain").requests == 1001)
        }
    }

    @Test("Each way to end a connection works")
    func theWaysToEnd() async throws {
        try await withFleet([.plain()]) { fleet in
            let address = try fleet.endpoint("plain").address
            func ending(_ path: String) async throws -> (text: String, ended: Ended) {
                let wire = try await Wire(address)
                try await wire.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                return try await wire.rest()
            }
            #expect(try await ending("/drop") == ("", .fin))
            #expect(try await ending("/reset") == ("", .reset))
            let (closed, closedEnd) = try await ending("/close")
            #expect(closed.contains("Connection: close") && closedEnd == .fin)
            let (silent, silentEnd) = try await ending("/close/silent")
            #expect(silent.hasPrefix("HTTP/1.1 200") && !silent.contains("Connection:") && silentEnd == .fin)
            let (cut, cutEnd) = try await ending("/drop/midway")
            #expect(cut.contains("Content-Length: 128") && cut.split(separator: "\r\n").last?.count == 63)
            #expect(cutEnd == .fin)
            #expect(try await ending("/reset/midway").ended == .reset)
            let (old, oldEnd) = try await ending("/http10")
            #expect(old.hasPrefix("HTTP/1.0 200 OK") && oldEnd == .fin)
            #expect(try await fleet.stats("plain").closedByServer == 7)
        }
    }

    @Test("Old clients are served and disconnected")
    func oldClientsAreServedAndLetGo() async throws {
        try await withFleet([.images]) { fleet in
            let wire = try await Wire(fleet.endpoint("images").address)
            try await wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let kept = try await wire.response()
            #expect(kept.fields["content-length"] == "65536" && kept.fields["connection"] == "keep-alive")
            try await wire.send("GET / HTTP/1.0\r\n\r\n")
            #expect(try await wire.response().fields["connection"] == "close")
            #expect(try await wire.rest().ended == .fin)
        }
    }

    @Test("An expectation is answered with 100")
    func expectationsAreMet() async throws {
        try await withPlain { _, wire async throws in
            try await wire.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            #expect(try await wire.response().status == 100)
            try await wire.send("abc")
            #expect(try await wire.response().body == "abc")
        }
    }

    @Test("An early response precedes the request body")
    func anEarlyAnswerComesBeforeTheBody() async throws {
        try await withPlain { fleet, wire async throws in
            try await wire.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
            #expect(try await wire.response().status == 200)
            // The rest of the body is read and thrown away; the connection is good for another request.
            try await wire.send("def")
            #expect(try await wire.get("/").status == 200)
            let stats = try await fleet.stats("plain")
            #expect(stats.accepted == 1 && stats.requests == 2 && stats.rejected == 0)
        }
    }

    @Test("Invalid requests are refused and counted separately")
    func garbageIsAnsweredAndCountedApart() async throws {
        try await withPlain { fleet, wire async throws in
            try await wire.send("this is not HTTP\r\n\r\nmore")
            let (text, ended) = try await wire.rest()
            #expect(text.hasPrefix("HTTP/1.1 400 Bad Request") && text.contains("Connection: close"))
            #expect(ended == .fin)
            let stats = try await fleet.stats("plain")
            #expect(stats.requests == 0 && stats.rejected == 1 && stats.statuses == ["400": 1])
        }
    }
}
