import Downstream
import Foundation
import TestSupport
import Testing

@testable import SessionConfig
@testable import pooltop

/// A run over the sick fleet: what each of its downstreams is, the agent finds out.
@Suite(.watchesClocks) struct SickRunTests {
    /// By the names of the downstreams: the only errors and the only statuses that their requests may end with. Silence is
    /// cut short by the limits below, so that what never answers has a cause within the run.
    private static let causes: [String: (errors: Set<String>, statuses: Set<String>)] = [
        "unavailable": ([], ["503"]), "rejecting": ([], ["401", "429"]), "hanging": (["requestTimeout"], []),
        "hangs-after-head": (["requestTimeout"], []), "resetting": (["peerReset"], []),
        "refusing": (["connectRefused"], []), "blackhole": (["connectTimeout"], []),
        "self-signed": (["tlsCertificateInvalid"], []), "wrong-name": (["tlsCertificateInvalid"], []),
        "expired": (["tlsCertificateInvalid"], []), "plain-port": (["tlsHandshakeFailed"], []),
        "no-such-name": (["dnsNotFound"], []), "dns-timeout": (["dnsTimeout"], []),
        "dns-servfail": (["dnsFailure"], []), "forbids-reuse": ([], ["200"]), "one-dead-address": ([], ["200"]),
    ]

    @Test("The agent names the cause of every downstream of the sick fleet")
    func causes() async throws {
        let file = try TemporaryFile("")
        let report = ReportPlan(format: .json, interval: .seconds(1), outputFile: file.path, isQuiet: true)
        let arguments = [
            "--sick", "--duration", "3s", "--timeout", "3s", "--connect-timeout", "1s", "--set", "dnsTimeout=1s",
        ]
        let run = HeadlessRun(
            plan: try plan(arguments), report: report, makeSignals: { EndSignals(AsyncStream { _ in }) })
        #expect(try await run.execute() == .done)
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        let summary = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let late: Set = ["dnsTimeout"]
        let hosts = try #require(summary["hosts"] as? [[String: Any]])
        #expect(hosts.compactMap { $0["name"] as? String } == SickDownstream.catalogue.map(\.name))
        for host in hosts {
            let name = try #require(host["name"] as? String)
            guard let expected = Self.causes[name] else { continue }
            let errors = Set((host["errors"] as? [String: Int] ?? [:]).filter { $0.value > 0 }.keys)
            let statuses = Set((host["statuses"] as? [String: Int] ?? [:]).filter { $0.value > 0 }.keys)
            // A DNS server on a busy machine may be late now and then, whatever else is wrong with a downstream.
            let isNamed = expected.errors.isSubset(of: errors) && errors.subtracting(expected.errors).isSubset(of: late)
            #expect(isNamed && statuses == expected.statuses, "\(name): \(errors) \(statuses)")
        }
    }
}
