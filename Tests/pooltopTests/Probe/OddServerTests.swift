import ArgumentParser
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import pooltop

/// Probes of servers that do not say what they do.
@Suite(.watchesClocks) struct OddServerTests {
    private func probe(
        _ arguments: [String], rules: OddServer.Rules = OddServer.Rules(), _ script: @escaping OddServer.Script
    ) async throws -> [String: Any] {
        let server = try await OddServer.start(rules: rules, script)
        let probe = try await report([server.url] + arguments)
        try await server.stop()
        return probe
    }

    /// A machine that holds the probe up leaves ages that do not agree, and then the probe claims nothing: it is asked
    /// again until it knows this figure.
    private func probe(
        for figure: String, _ arguments: [String], rules: OddServer.Rules = OddServer.Rules(),
        _ script: @escaping OddServer.Script
    ) async throws -> [String: Any] {
        var last: [String: Any] = [:]
        for _ in 0..<5 {
            last = try await probe(arguments, rules: rules, script)
            if !(last[figure] is NSNull) { break }
        }
        return last
    }

    private func report(_ arguments: [String]) async throws -> [String: Any] {
        let file = try TemporaryFile("")
        let options = ["--format", "json", "--output", file.path, "--quiet"]
        let plan = try ProbeOptions.parse(arguments + options).plan()
        try await ProbeRun(plan: plan, makeSignals: { EndSignals(AsyncStream { _ in }) }).execute()
        let data = Data(try String(contentsOfFile: file.path, encoding: .utf8).utf8)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("A Unix socket can be probed")
    func aUnixSocketIsAWayToo() async throws {
        let folder = try TemporaryFile("")
        let path = folder.folder + "/s"
        let server = try await OddServer.start(at: path) { _, _ in .answer }
        let probe = try await report(["http://localhost/", "--unix-socket", path, "--max-wait", "0", "-n", "0"])
        try await server.stop()
        #expect(probe["keepsConnections"] as? Bool == true && probe["addresses"] as? [String] == [path])
        #expect(probe["dns"] is NSNull && probe["closes"] is NSNull)
    }

    @Test("A request limit without announcement is detected")
    func aLimitOfRequestsWithoutAWord() async throws {
        let probe = try await probe(for: "maxRequestsPerConnection", ["--max-wait", "8s"]) { request, _ in
            request == 5 ? .answerAndClose : .answer
        }
        #expect(probe["maxRequestsPerConnection"] as? Int == 5 && probe["keepsConnections"] as? Bool == true)
        let requests = try #require(probe["requests"] as? [String: Any])
        #expect(requests["announced"] as? Bool == false && requests["confirmed"] as? Bool == true)
        let advice = try #require(probe["advice"] as? [String: Any])
        #expect(advice["maxRequestsPerConnection"] as? Int == 5)
    }

    @Test("A close after each response without announcement is detected")
    func aCloseAfterEachResponseWithoutAWord() async throws {
        let probe = try await probe([]) { _, _ in .answerAndClose }
        #expect(probe["keepsConnections"] as? Bool == false && probe["keepsNotBecause"] as? String == "unannounced")
        #expect(probe["closes"] as? String == "fin" && probe["idle"] is NSNull)
    }

    /// As behind a firewall that forgets connections, and one that then refuses what it has forgotten.
    @Test("A connection that the server forgot is found dead", arguments: [true, false])
    func whatIsForgottenIsFoundDead(resets: Bool) async throws {
        let probe = try await probe(["--max-wait", "40s", "-n", "0"]) { _, idle in
            idle > .milliseconds(4500) ? (resets ? .reset : .ignore) : .answer
        }
        #expect(probe["idleLimitSeconds"] is NSNull && probe["keepsConnections"] as? Bool == true, "\(probe)")
        let idle = try #require(probe["idle"] as? [String: Any])
        // The server counts from the request that it has read.
        #expect(idle["deadAfterSeconds"] as? Double ?? 0 >= 1)
        let advice = try #require(probe["advice"] as? [String: Any])
        #expect(advice["basis"] as? String == "silence")
    }

    /// HAProxy and others send a 408 to idle connections; it must not be taken for the answer to the next request.
    @Test("Bytes before the end are not a response")
    func bytesBeforeTheEndAreNoAnswer() async throws {
        let probe = try await probe(["--max-wait", "1m", "-n", "0"]) { _, _ in
            .answerAndSay("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", after: .seconds(1))
        }
        #expect(probe["status"] as? Int == 200 && probe["closes"] as? String == "fin")
        #expect(probe["idleLimitSeconds"] as? Double ?? 0 >= 0.5)
    }

    private static let timeout = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"

    /// A client would take it for the answer to its next request.
    @Test("A 408 that leaves the connection open is the end of it all the same")
    func anAnswerThatNobodyAskedFor() async throws {
        let probe = try await probe(for: "idleLimitSeconds", ["--max-wait", "30s", "-n", "0"]) { _, _ in
            .answerAndInterrupt(Self.timeout, after: .milliseconds(1500))
        }
        let limit = try #require(probe["idleLimitSeconds"] as? Double)
        #expect((1...2.5).contains(limit) && probe["closes"] is NSNull)
        let advice = try #require(probe["advice"] as? [String: Any])
        #expect((advice["sentences"] as? [String])?.contains { $0.contains("leaves the connection open") } == true)
    }

    @Test("Connections that end at an age, busy or not, have a lifetime and no idle limit")
    func aLifetime() async throws {
        let probe = try await probe(
            for: "lifetimeSeconds", ["--max-wait", "30s", "-n", "20"], rules: .init(lifetime: .seconds(2))
        ) { _, _ in .answer }
        let lifetime = try #require(probe["lifetimeSeconds"] as? Double)
        #expect((1...4).contains(lifetime) && probe["idleLimitSeconds"] is NSNull, "\(lifetime)")
        let advice = try #require(probe["advice"] as? [String: Any])
        #expect(advice["basis"] as? String == "lifetime" && advice["lifetimeSeconds"] as? Double ?? 9 < lifetime)
    }

    @Test("A server that keeps few idle connections is not one with a short limit", arguments: [1, 4])
    func fewIdleConnections(most: Int) async throws {
        // On a busy machine a connection may be closed before the probe looks, and then it counts one less or one more.
        var probe: [String: Any] = [:]
        for _ in 0..<4 where probe["maxIdleConnections"] as? Int != most {
            probe = try await self.probe(
                for: "maxIdleConnections", ["--max-wait", "9s", "-n", "20"], rules: .init(keeps: most)
            ) { _, _ in .answer }
        }
        #expect(probe["maxIdleConnections"] as? Int == most && probe["idleLimitSeconds"] is NSNull)
        #expect(probe["maxRequestsPerConnection"] is NSNull && probe["lifetimeSeconds"] is NSNull)
    }

    @Test("A hint that depends on Connection: keep-alive is found, and so is one that does not")
    func aHintThatHasToBeAskedFor() async throws {
        let asked = try await probe(["--max-wait", "0", "-n", "0"]) { _, _ in
            .answerIfAsked("Keep-Alive: timeout=7, max=50")
        }
        #expect(asked["hintTimeoutSeconds"] as? Int == 7 && asked["hintNeedsAsking"] as? Bool == true)
        let plain = try await probe(["--max-wait", "0", "-n", "0"]) { _, _ in
            .say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=7\r\n\r\n")
        }
        #expect(plain["hintTimeoutSeconds"] as? Int == 7 && plain["hintNeedsAsking"] as? Bool == false)
    }

    @Test("An announcement of zero that is not kept does not decide")
    func anAnnouncementOfZero() async throws {
        let probe = try await probe(["--max-wait", "3s", "-n", "0"]) { _, _ in
            .say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=0\r\n\r\n")
        }
        let advice = try #require(probe["advice"] as? [String: Any])
        #expect(probe["hintTimeoutSeconds"] as? Int == 0 && advice["basis"] as? String == "answered")
        // On a busy machine the last answer comes later, and what was answered is advised.
        #expect(advice["idleTimeoutSeconds"] as? Double ?? 0 >= 2)
    }

    @Test("A server that falls silent after some requests has a limit")
    func silenceAfterSomeRequests() async throws {
        let probe = try await probe(for: "maxRequestsPerConnection", ["--max-wait", "9s"]) { request, _ in
            request > 5 ? .ignore : .answer
        }
        #expect(probe["maxRequestsPerConnection"] as? Int == 5)
        let requests = try #require(probe["requests"] as? [String: Any])
        #expect(requests["dead"] as? Bool == true && requests["announced"] as? Bool == false)
    }

    @Test("A server that speaks HTTP/2 only is known by its frames")
    func aServerThatSpeaksHTTP2Only() async throws {
        let probe = try await probe([]) { _, _ in .say("\0\0\0\u{4}\0\0\0\0\0") }
        #expect(probe["speaksOnlyHTTP2"] as? Bool == true && probe["error"] as? String == "framingError")
    }

    static let failures: [(OddServer.Deed, String)] = [
        (.say("SSH-2.0-OpenSSH\r\n\r\n"), "framingError"), (.reset, "peerReset"), (.ignore, "requestTimeout"),
        (.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi"), "requestTimeout"),
    ]

    @Test("An invalid response is an error", arguments: failures) func whatIsNoResponseIsAnError(
        deed: OddServer.Deed, label: String
    ) async throws {
        let probe = try await probe(["--timeout", "4s"]) { _, _ in deed }
        #expect(probe["error"] as? String == label && probe["keepsConnections"] is NSNull)
    }
}
