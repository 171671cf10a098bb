import ArgumentParser
import Foundation
import NIOCore
import Testing

@testable import pooltop

/// Probes of servers that do not say what they do.
@Suite struct OddServerTests {
    private func probe(_ arguments: [String], _ script: @escaping OddServer.Script) async throws -> [String: Any] {
        let server = try await OddServer.start(script)
        let probe = try await report([server.url] + arguments)
        try await server.stop()
        return probe
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
        let probe = try await probe(["--max-wait", "8s"]) { request, _ in request == 5 ? .answerAndClose : .answer }
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
