import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Downstream

/// Faults and counts are only for those who hold the token.
@Suite("Control paths: token, Host and cross-site requests") struct ControlAccessTests {
    private static let token = "0123456789abcdef0123456789abcdef"

    /// The status of a request to a downstream at 127.0.0.1 and 127.0.0.2, port 4711.
    private static func status(_ method: String, _ path: String, _ fields: [String]) throws -> Int {
        let scenario = Scenario.plain { $0.addresses = ["127.0.0.1", "127.0.0.2"] }
        let access = ControlAccess(token: token, announcing: DownstreamEndpoint(scenario, port: 4711))
        var parser = RequestParser()
        var input = ByteBuffer(string: (["\(method) \(path) HTTP/1.0"] + fields).joined(separator: "\r\n") + "\r\n\r\n")
        guard case .head(let head) = parser.next(&input) else { throw WireError(description: "no head: \(fields)") }
        return access.refusal(of: head, Route(head))?.status ?? 200
    }

    private static let hosts: [(field: String?, isOurs: Bool)] = [
        ("Host: plain.pooltop.test:4711", true), ("host:PLAIN.Pooltop.Test:4711 ", true),
        ("Host: 127.0.0.1:4711", true), ("Host: 127.0.0.2:4711", true),
        (nil, false), ("Host:", false), ("Host: rebound.example", false), ("Host: rebound.example:4711", false),
        ("Host: 127.0.0.1", false), ("Host: 127.0.0.1:4712", false), ("Host: 127.0.0.3:4711", false),
        ("Host: localhost:4711", true), ("Host: localhost", false), ("Host: localhost:4712", false),
        ("Host: [::1]:4711", false), ("Host: 0.0.0.0:4711", false),
        ("Host: plain.pooltop.test.rebound.example:4711", false), ("Host: 127.0.0.1:4711, rebound.example", false),
        ("Host: catalog.pooltop.test:4711", false), ("Host: me@127.0.0.1:4711", false),
    ]

    private static let sources: [(fields: [String], isOurs: Bool)] = [
        ([], true), (["Sec-Fetch-Site: none"], true), (["Sec-Fetch-Site: same-origin"], true),
        (["Referer: http://127.0.0.1:4711/_stats"], true), (["Referer: HTTPS://plain.pooltop.test:4711"], true),
        (["Origin: http://rebound.example"], false), (["Origin: null"], false), (["Origin:"], false),
        (["oRIGIN: http://127.0.0.1:4711"], false), (["Sec-Fetch-Site: cross-site"], false),
        (["Sec-Fetch-Site: same-site"], false), (["Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"], false),
        (["Sec-Fetch-Site:"], false), (["Referer: http://rebound.example/"], false), (["Referer: about:blank"], false),
        (["Referer: http://127.0.0.1:4711.rebound.example/"], false), (["Referer:"], false),
        (["Referer: http://127.0.0.1:4711@rebound.example/"], false),
    ]

    private static let tokens: [(fields: [String], isRight: Bool)] = [
        (["Authorization: Bearer \(token)"], true), (["authorization:  bearer   \(token) "], true),
        ([], false), (["Authorization:"], false), (["Authorization: Bearer"], false),
        (["Authorization: Bearer \(token)0"], false), (["Authorization: Bearer \(token.dropLast())"], false),
        (["Authorization: Bearer \(token.uppercased())"], false), (["Authorization: Basic \(token)"], false),
        (["Authorization: \(token)"], false), (["Authorization: Bearer 1123456789abcdef0123456789abcdef"], false),
        (["Authorization: Bearer \(token)", "Authorization: Bearer \(token)"], false),
        (["Authorization: Bearer \(token) \(token)"], false),
    ]

    @Test("A fault requires an announced Host, a same-site request and the token")
    func faults() throws {
        for host in Self.hosts {
            for source in Self.sources {
                for token in Self.tokens {
                    let fields = [host.field].compactMap { $0 } + source.fields + token.fields
                    let expected = !host.isOurs || !source.isOurs ? 403 : token.isRight ? 200 : 401
                    #expect(try Self.status("POST", "/_fault?drain", fields) == expected, "\(fields)")
                }
            }
        }
    }

    @Test("Counts require an announced Host and a same-site request, but no token")
    func counts() throws {
        for host in Self.hosts {
            for source in Self.sources {
                let fields = [host.field].compactMap { $0 } + source.fields
                #expect(try Self.status("GET", "/_stats", fields) == (host.isOurs && source.isOurs ? 200 : 403))
            }
        }
    }

    @Test("Each fleet has its own token of 32 hexadecimal digits")
    func tokensAreDrawn() async throws {
        try await withFleet([.plain()]) { one in
            try await withFleet([.plain()]) { two in
                #expect(one.controlToken != two.controlToken && one.fleetDescription.token == one.controlToken)
                for token in [one.controlToken, two.controlToken] {
                    #expect(token.count == 32 && token.allSatisfy(\.isHexDigit))
                }
            }
        }
    }

    @Test("A refused fault has no effect, and the connection continues")
    func nothingHappens() async throws {
        try await withFleet([.plain()]) { fleet in
            let address = try fleet.endpoint("plain").address
            let (victim, poster) = (try await Wire(address), try await Wire(address))
            _ = try await victim.get("/")
            let right = "Authorization: Bearer \(fleet.controlToken)\r\n"
            for (host, fields, status) in [
                (address, "", 401), (address, "Authorization: Bearer x\r\n", 401), ("rebound.example", right, 403),
                (address, right + "Origin: http://rebound.example\r\n", 403),
                (address, right + "Sec-Fetch-Site: cross-site\r\n", 403),
            ] {
                try await poster.send(
                    "POST /_fault?reset-all HTTP/1.1\r\nHost: \(host)\r\n\(fields)Content-Length: 0\r\n\r\n")
                let answer = try await poster.response()
                #expect(answer.status == status)
                #expect((answer.fields["www-authenticate"] == "Bearer") == (status == 401))
                // No page may read an answer, or be told that it may ask.
                #expect(!answer.fields.keys.contains { $0.hasPrefix("access-control-") })
            }
            try await poster.send("GET /_stats HTTP/1.1\r\nHost: rebound.example\r\n\r\n")
            #expect(try await poster.response().status == 403)
            #expect(try await victim.get("/").status == 200)
            let stats = try await fleet.stats("plain")
            #expect(stats.accepted == 1 && stats.requests == 2 && stats.closedByServer == 0)
        }
    }

    @Test("A browser's preflight request is refused")
    func preflight() async throws {
        try await withFleet([.plain()]) { fleet in
            let address = try fleet.endpoint("plain").address
            let wire = try await Wire(address)
            try await wire.send(
                "OPTIONS /_fault?drain HTTP/1.1\r\nHost: \(address)\r\nOrigin: http://a.example\r\n"
                    + "Access-Control-Request-Headers: authorization\r\n\r\n")
            let answer = try await wire.response()
            #expect(answer.status == 403 && !answer.fields.keys.contains { $0.hasPrefix("access-control-") })
        }
    }

    @Test("The counts reveal nothing about another client's requests")
    func noLeak() async throws {
        try await withFleet([.plain()]) { fleet in
            let address = try fleet.endpoint("plain").address
            let client = try await Wire(address)
            _ = try await client.get("/secretpath?secretquery", fields: "X-Secret: secretvalue\r\nCookie: secret=1\r\n")
            try await client.send("secretgarbage\r\n")
            _ = try await client.response()
            let answer = try await Wire.get(address, "/_stats")
            let text = answer.head + answer.body
            #expect(answer.status == 200 && !text.contains("secret") && !text.contains(fleet.controlToken))
            let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
            for (field, value) in object where field != "name" {
                #expect(value is Int || value is [String: Int], "\(field) is not a count")
            }
            #expect(object["acceptedByAddress"] as? [String: Int] == ["127.0.0.1": 1], "where it listens, not who came")
        }
    }
}
