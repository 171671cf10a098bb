import Testing

@testable import PlainDocuments
@testable import SessionConfig

@Suite struct CheckExpressionTests {
    @Test(
        "Valid check expressions are read",
        arguments: [
            ("reuse > 0.95", "connections.reuseRatio > 0.95"), ("reuse>=95%", "connections.reuseRatio >= 0.95"),
            ("p99 < 250ms", "latency.response.p99 < 0.25"), ("errors == 0", "requests.failed == 0.0"),
            ("newConnections/s < 5", "newConnections/1.0 < 5.0"),
            ("newConnections/min<300", "newConnections/60.0 < 300.0"),
            ("dnsQueries/s <= 1", "dns.queries/1.0 <= 1.0"), ("requests/s > 1k", "requests/1.0 > 1000.0"),
            ("errorRate < 1%", "errorRate < 0.01"), ("connections.opened != 4", "connections.opened != 4.0"),
            ("p99@catalog < 1s", "latency.response.p99 < 1.0 @catalog"),
            ("p99 < 1s @catalog", "latency.response.p99 < 1.0 @catalog"),
            ("@http://127.0.0.1:80 p99 < 1s", "latency.response.p99 < 1.0 @http://127.0.0.1:80"),
            ("@catalog p99<1s", "latency.response.p99 < 1.0 @catalog"), ("statuses.200 > 0", "statuses.200 > 0.0"),
            ("errors.connectRefused == 0", "errors.connectRefused == 0.0"), ("max < 1m", "latency.response.max < 60.0"),
            ("connections.closedByReason.peerReset == 0", "connections.closedByReason.peerReset == 0.0"),
            ("latency.queueWait.p50 < 1ms", "latency.queueWait.p50 < 0.001"),
            ("cpuPerRequest < 40us", "process.agentCPUSecondsPerRequest < 4e-05"),
            ("process.agentCPUSeconds/s < 0.5", "process.agentCPUSeconds/1.0 < 0.5"),
            ("  reuse  >  0.5 ", "connections.reuseRatio > 0.5"),
        ])
    func expressions(text: String, reading: String) throws {
        let check = try CheckExpression.parse(text)
        let rate = check.perSeconds.map { "/\($0)" } ?? ""
        let host = check.host.map { " @\($0)" } ?? ""
        #expect("\(check.metric.path)\(rate) \(check.comparison.rawValue) \(check.limit)\(host)" == reading)
        #expect(check.text == text.trimmed)
    }

    @Test(
        "Invalid check expressions are refused with a reason",
        arguments: [
            ("reuse", "'reuse' compares nothing"), ("", "'' compares nothing"), ("> 5", "'> 5' names no metric"),
            ("reuse = 1", "unknown comparison '=' in 'reuse = 1'"),
            ("reuse <> 1", "unknown comparison '<>' in 'reuse <> 1'"),
            ("reuse > ", "reuse is compared with ''"), ("reuse > high", "reuse is compared with 'high'"),
            ("reuse > 250ms", "reuse is compared with '250ms'"), ("errors < 5%", "errors is compared with '5%'"),
            ("p99 < 250", "p99 is a duration, and '250' has no unit"),
            ("p99 < NaN", "p99 is a duration, and 'NaN' is not a duration"),
            ("resuse > 1", "unknown metric 'resuse'; did you mean 'reuse'?"),
            ("zzzzzzzz > 1", "unknown metric 'zzzzzzzz'"),
            ("errors.connectRefusd == 0", "unknown metric 'errors.connectRefusd'"),
            ("statuses.999 > 0", "unknown metric 'statuses.999'"),
            ("p99/s < 5", "p99 is no count that grows, so /s has no meaning"),
            ("connections.idle/s < 5", "connections.idle is no count that grows, so /s has no meaning"),
            ("p99 < 1s @", "'p99 < 1s @' has no host after @"), ("p99@a < 1s @b", "'p99@a < 1s @b' names two hosts"),
            ("dnsQueries/s < 1 @catalog", "dnsQueries/s exists once for all hosts, so @ has no meaning"),
        ])
    func problems(text: String, problem: String) {
        #expect(throws: TextProblem.self) { try CheckExpression.parse(text) }
        do { _ = try CheckExpression.parse(text) } catch { #expect(error.problem == problem) }
    }

    @Test("An unknown metric lists the known ones")
    func anUnknownMetricListsTheKnownOnes() {
        do { _ = try MetricName.named("zzzzzzzz") } catch {
            #expect(error.allowed?.contains("reuse, ") == true && error.allowed?.contains("dnsQueries") == true)
            #expect(error.allowed?.contains("p99") == true && error.allowed?.contains("newConnections/s") == true)
        }
    }
}
