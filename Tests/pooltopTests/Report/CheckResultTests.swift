import PoolModel
import Testing

@testable import PlainDocuments
@testable import Reporting
@testable import SessionConfig

@Suite struct CheckResultTests {
    private let window = MetricsWindow(from: SnapshotFixture.first, to: SnapshotFixture.last)

    @Test(
        "Each metric gives its value",
        arguments: [
            ("reuse > 0.99", 994.0 / 1001, true), ("reuse@payments == 0", 0, true), ("errors == 0", 3, false),
            ("errors@payments == 0", 0, true), ("errorRate < 1%", 3.0 / 999, true),
            ("failures == 8", 8, true), ("failureRate < 1%", 8.0 / 999, true), ("status5xx == 5", 5, true),
            ("status5xx@payments == 0", 0, true), ("status4xx == 0", 0, true), ("statusClasses.2xx/s > 99", 99.1, true),
            ("silence < 5s", 0, true), ("oldestInFlight@catalog < 5s", 0, true), ("requests == 999", 999, true),
            ("requests/s > 99", 99.9, true), ("requests/min > 5k", 5994, true), ("newConnections == 7", 7, true),
            ("newConnections/s < 0.5", 0.7, false), ("newConnections/s @payments < 0.5", 0.1, true),
            ("connections.opened == 10", 10, true), ("connections.opened/s < 1", 0.7, true),
            ("dnsQueries/s <= 0.2", 0.2, true), ("dns.lookups == 11", 11, true), ("statuses.503 == 5", 5, true),
            ("statuses.404 == 0", 0, true), ("errors.peerReset == 2", 2, true), ("errors.connectRefused == 0", 0, true),
            ("connections.closedByReason.idleTimeout == 4", 4, true), ("latency.connect.p99 <= 250us", 0.00025, true),
            ("cpuPerRequest < 2ms", 1.0 / 999, true), ("process.agentCPUSeconds/s < 0.2", 0.1, true),
            ("max @http://127.0.0.1:8080 < 99.5ms", 0.0995, false), ("connections.idle @pay.test:443 == 1", 1, true),
            ("connections.closedBy.remote == 3", 3, true), ("requests.retryDecisions.repeatable == 2", 2, true),
            ("requests.retryDecisions.budget == 0", 0, true), ("requests.retriesRefused@catalog == 0", 0, true),
            ("tls.handshakes@payments == 1", 1, true), ("tls.full@catalog == 0", 0, true),
        ] as [(String, Double, Bool)])
    func values(text: String, value: Double, passed: Bool) throws {
        let result = CheckResult.of(
            try CheckExpression.parse(text), in: window, plan: try SnapshotFixture.plan())
        let found = try #require(result.value)
        #expect(abs(found - value) < 1e-3 * max(1, abs(value)))
        #expect(result.passed == passed && result.note == nil)
    }

    @Test(
        "A check without data has not passed",
        arguments: [
            ("latency.tlsHandshake.p99 < 1s", "no data"), ("p99@gone < 1s", "no host 'gone'"),
            ("latency.connect.p99@payments < 1s", "no data"), ("tls.resumed == 0", "unknown"),
            ("tls.full@payments >= 0", "unknown"), ("tls.resumed/s == 0", "unknown"),
        ])
    func withoutDataACheckIsNotMet(text: String, note: String) throws {
        let result = CheckResult.of(
            try CheckExpression.parse(text), in: window, plan: try SnapshotFixture.plan())
        #expect(result.value == nil && !result.passed && result.note == note && result.valueText == note)
        #expect(result.document.line.hasSuffix("\"value\":null,\"passed\":false,\"note\":\"\(note)\"}"))
    }

    @Test("Of several hosts the one that has been silent for longest counts, and silence is unknown where activity is")
    func silence() throws {
        var last = SnapshotFixture.last
        last.hosts[0].silentSeconds = 12.5
        last.hosts[0].oldestActiveSeconds = 31
        func result(_ text: String) throws -> CheckResult {
            CheckResult.of(
                try CheckExpression.parse(text), in: MetricsWindow(from: SnapshotFixture.first, to: last),
                plan: try SnapshotFixture.plan())
        }
        #expect(try result("silence < 5s").value == 12.5)
        #expect(try result("silence < 5s @payments").passed)
        #expect(try result("oldestInFlight < 30s").value == 31)
        last.hosts[1].certainty[.activity] = .unknown
        #expect(try result("silence < 5s").note == "unknown")
        #expect(try result("silence < 5s @catalog").value == 12.5)
    }

    /// Targets of one origin share a pool, and each of their names means it.
    @Test("Every target of a pool can name it")
    func everyTargetOfAPoolNamesIt() throws {
        var plan = try SnapshotFixture.plan()
        plan.targets.append(TargetPlan(name: "second", url: try TargetURL.parse("http://127.0.0.1:8080/other")))
        let result = CheckResult.of(try CheckExpression.parse("errors@second == 3"), in: window, plan: plan)
        #expect(result.passed && result.value == 3)
    }

    /// Every name that a check may use is in the report, and every figure of the report has a name.
    @Test("Metric names and the report agree")
    func namesAndReportAgree() {
        var paths: Set<String> = []
        func walk(_ value: JSONValue, _ path: String) {
            let labels = ["statuses", "errors", "connections.closedByReason", "requests.retryDecisions"]
            if labels.contains(path) || path == "dns.cacheEnabled" { return }
            if value.members.isEmpty { paths.insert(path) }
            for member in value.members { walk(member.value, path.isEmpty ? member.key : "\(path).\(member.key)") }
        }
        walk(MetricsDocument.metrics(window.totals, seconds: 10), "")
        walk(.object(["dns": MetricsDocument.dns(window)]), "")
        walk(.object(["process": MetricsDocument.process(window)]), "")
        #expect(paths == Set(MetricName.fixed.map(\.path)))
        for short in MetricName.short { #expect(paths.contains(short.path)) }
    }
}
