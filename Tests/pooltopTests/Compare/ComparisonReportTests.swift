import Experiment
import Foundation
import Testing

@testable import PlainDocuments
@testable import PoolModel
@testable import Reporting
@testable import SessionConfig
@testable import pooltop

/// Reports of an experiment that was made up.
@Suite struct ComparisonReportTests {
    private static let hostile = "<b>&\"'</b>\u{1B}[31m\u{202E}"

    /// B opens a tenth of the connections, no DNS query, and costs half.
    private static func report(
        pairs: Int = 9, checks: [String] = [], hostName: String = "catalog", finished: Int = 1000
    ) throws -> ComparisonReport {
        var session = SessionPlan(seed: 42)
        session.load.shape = .rate(perSecond: 1000, .constant)
        session.checks = try checks.map(CheckExpression.parse)
        var plan = ComparePlan(session: session, a: ComparePlan.defaultArms.a, b: ComparePlan.defaultArms.b)
        plan.experiment.pairs = pairs
        plan.experiment.window = .seconds(1)
        var record = ExperimentRecord()
        record.startedAt = SnapshotFixture.startedAt
        var end = SnapshotFixture.zero
        for (index, window) in plan.experiment.windows(ofSession: 0).enumerated() {
            let start = end
            end = Self.after(start, window.arm, finished: finished, hostName: hostName, jitter: index % 3)
            let measured = MetricsWindow(from: start, to: end)
            record.timeline.add(measured, arm: window.arm, isMeasured: true)
            record.timeline.add(measured, arm: window.arm, isMeasured: false)
            let sample = WindowSample(window, measured, tcpSegments: 3000, wasAtRest: true)
            record.add(sample, measured)
        }
        return ComparisonReport(plan: plan, record: record)
    }

    private static func after(
        _ start: AgentSnapshot, _ arm: Arm, finished: Int, hostName: String, jitter: Int
    ) -> AgentSnapshot {
        var end = start
        end.uptimeSeconds += 1
        let opened = arm == .a ? 100 : 10
        for index in end.hosts.indices { end.hosts[index].name = index == 0 ? hostName : end.hosts[index].name }
        end.hosts[0].metrics.requests.started += finished
        end.hosts[0].metrics.requests.succeeded += finished
        end.hosts[0].metrics.requests.onNewConnection += opened
        end.hosts[0].metrics.requests.onReusedConnection += finished - opened
        end.hosts[0].metrics.statuses[200, default: 0] += finished
        end.hosts[0].metrics.connections.opened += opened
        end.hosts[0].metrics.connections.closed += opened
        end.hosts[0].metrics.connections.idle = 5
        end.hosts[0].metrics.bytes.received += 2000 * finished
        for _ in 0..<100 { end.hosts[0].metrics.latency.response.record(.milliseconds(arm == .a ? 4 : 2)) }
        end.dns.queries += arm == .a ? 200 : 0
        end.process.agentCPUSeconds += (arm == .a ? 0.2 : 0.1) + 0.001 * Double(jitter)
        end.load?.targets[0].planned += 1000
        return end
    }

    // MARK: JSON

    /// The contract's names, in its order, and figures that hang together.
    @Test("The document has the documented form")
    func theDocumentIsThatOfTheContract() throws {
        let document = ComparisonDocument.document(try Self.report())
        #expect(document["schema"] == .string("pooltop.comparison/1"))
        #expect(document["pairs"] == .integer(9) && document["comparable"] == .bool(true))
        #expect(document.at(["arms", "a", "agent", "keepAlive"]) == .string("off"))
        #expect(document.at(["arms", "b", "agent", "dnsCache"]) == .bool(true))
        guard case .array(let metrics)? = document["metrics"] else {
            Issue.record("no metrics")
            return
        }
        let names = metrics.compactMap { metric in
            if case .string(let name)? = metric["name"] { name } else { nil }
        }
        for name in [
            "cpuSecondsPerRequest", "connectionsPerSecond", "dnsQueriesPerSecond", "requestsPerConnection",
            "responseP50", "responseP99",
        ] {
            #expect(names.contains(name))
        }
        for metric in metrics {
            #expect(
                metric.members.map(\.key) == [
                    "name", "a", "b", "ratio", "low", "high", "pairs", "p", "verdict", "method", "headline",
                    "adjustedP",
                    "effectivePairs",
                ])
            if let a = metric["a"]?.asDouble, let b = metric["b"]?.asDouble, let ratio = metric["ratio"]?.asDouble {
                #expect(abs(ratio - b / a) < 1e-9)
            }
        }
        let cpu = try #require(metrics.first { $0["name"] == .string("cpuSecondsPerRequest") })
        #expect(cpu["verdict"] == .string("lower"))
        #expect(document.at(["capacity", "containers", "a", "value"])?.asDouble == 2)
        #expect(document.at(["capacity", "requestsPerSecond"])?.asDouble == 1000)
        // Nine windows of each arm, as one.
        #expect(document.at(["totals", "b", "totals", "requests", "succeeded"]) == .integer(9000))
        #expect(document.at(["totals", "b", "totals", "connections", "opened"]) == .integer(90))
        #expect(document.at(["totals", "a", "dns", "queries"]) == .integer(1800))
        // Present counts are not summed over the windows.
        #expect(document.at(["totals", "a", "totals", "connections", "idle"]) == .integer(5))
        #expect(document.at(["totals", "a", "seconds"])?.asDouble == 9)
    }

    @Test("Without pairs the values are null and there is no verdict")
    func withoutAPairThereAreNullsAndNoVerdict() throws {
        let report = try Self.report(pairs: 0)
        let document = ComparisonDocument.document(report)
        #expect(document["comparable"] == .bool(false) && document["pairs"] == .integer(0))
        #expect(document.at(["capacity", "containers", "a"]) == .null)
        #expect(document.at(["totals", "a"]) == .null)
        #expect(try JSONSerialization.jsonObject(with: Data(document.pretty.utf8)) is [String: Any])
        #expect(ComparisonText(report: report).text.contains("NOT COMPARABLE: no pair was measured"))
        try expectWellFormed(ComparisonPage(report: report).html)
    }

    // MARK: Text

    @Test("The text begins with the effect of B")
    func theTextSaysWhatBDoesFirst() throws {
        let text = ComparisonText(report: try Self.report()).text
        #expect(
            text.hasPrefix(
                """
                A  keepAlive=off dnsCache=off
                B  keepAlive=on dnsCache=on
                open loop 1000/s constant, bundled downstreams, 9 pairs of 1s windows, 1 more left out, 18.0s measured in 40.0s, seed 42

                B: 49.7% less CPU per request, 90% fewer TCP connections, no DNS queries,
                   49.8% shorter median response, 49.8% shorter p99 response
                """))
        #expect(text.contains("One session: another may differ"))
        #expect(
            text.contains("New connections") && text.contains("Guard rails") && text.contains("At 1,000 requests/s"))
        #expect(text.split(separator: "\n").allSatisfy { PlainText.width(String($0)) <= 110 })
    }

    @Test("If a guard rail fails, the text gives the reason and no finding")
    func pastAGuardRailTheTextGivesTheReasonAndNoFinding() throws {
        let text = ComparisonText(report: try Self.report(finished: 900)).text
        #expect(text.contains("NOT COMPARABLE: pairs set aside as disturbed 100%, at most 25%;"))
        #expect(text.contains("finished of planned requests 90%, at least 99%;"))
        #expect(text.contains("more than 1% off the planned requests in 9 windows of A and 9 windows of B;"))
        #expect(text.contains("--rate 600/s, 60% of this load, may be sustained\n"))
        #expect(!text.contains("\nB: ") && !text.contains("lower"))
    }

    @Test("The text says how often its verdicts may be wrong")
    func errorRates() throws {
        let text = ComparisonText(report: try Self.report()).text
        #expect(
            text.contains(
                "\nHeadline figures (CPU per request, TCP connections, DNS queries, Response p50, Response p99): p is"))
        #expect(text.contains("by chance."))
    }

    @Test("Few pairs are said, with the number that would do")
    func fewPairs() throws {
        let text = ComparisonText(report: try Self.report(pairs: 5)).text
        #expect(text.contains("5 pairs are too few for a verdict on any figure") && text.contains("--pairs 10"))
        #expect(!text.contains("NOT COMPARABLE") && text.contains("undecided"))
    }

    @Test("Arms that are the same are an A/A test, in text, JSON and on the page")
    func sameArms() throws {
        var report = try Self.report()
        report.plan.a = report.plan.b
        #expect(
            ComparisonText(report: report).text.contains("A/A: both arms are the same, so every difference is chance."))
        #expect(ComparisonDocument.document(report)["sameArms"] == .bool(true))
        #expect(ComparisonPage(report: report).html.contains("<h1>A/A: keepAlive=on dnsCache=on</h1>"))
    }

    @Test("A target that is down is one line, without figures")
    func deadTarget() throws {
        let report = try Self.report(finished: 0)
        let text = ComparisonText(report: report).text
        #expect(text.contains("TARGET DOWN: no request ended in 20 windows, so nothing is compared"))
        #expect(!text.contains("B / A") && !text.contains("Guard rails") && !text.contains("containers"))
        let document = ComparisonDocument.document(report)
        #expect(document["metrics"] == .array([]) && document["targetDown"] == .bool(true))
        let html = ComparisonPage(report: report).html
        try expectWellFormed(html)
        #expect(html.contains("The target is down") && !html.contains("<svg"))
    }

    @Test("Checks are evaluated for arm B")
    func checksAreJudgedOnB() throws {
        let report = try Self.report(checks: ["reuse > 0.95", "newConnections < 50"])
        #expect(report.checks.map(\.passed) == [true, false])
        #expect(report.checks.map(\.value) == [0.99, 90] && report.status == .checkNotMet)
        #expect(ComparisonText(report: report).text.contains("NOT MET"))
        #expect(try Self.report(pairs: 0, checks: ["reuse > 0"]).status == .checkNotMet)
    }

    // MARK: The page

    @Test("The page has four charts and no external resources")
    func thePageHasTheFourChartsAndNothingFromElsewhere() throws {
        let html = ComparisonPage(report: try Self.report()).html
        try expectWellFormed(html)
        #expect(html.components(separatedBy: "<svg ").count - 1 == 5)
        for outside in ["http:", "https:", "<script", "<link", "url(", "@import", "src="] {
            #expect(!html.contains(outside), "\(outside)")
        }
        #expect(html.contains("3 containers in place of") || html.contains("containers"))
    }

    @Test("Foreign names are shown as text only")
    func namesFromElsewhereAreTextAndNothingElse() throws {
        let report = try Self.report(hostName: Self.hostile)
        let html = ComparisonPage(report: report).html
        try expectWellFormed(html)
        #expect(html.contains("&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;?[31m?") && !html.contains("<b>&"))
        let all = html + ComparisonText(report: report).text + ComparisonDocument.document(report).line
        #expect(!all.unicodeScalars.contains { $0 != "\n" && PlainText.isUnsafe($0) })
    }

    /// Every element that is opened is closed, in the right order.
    private func expectWellFormed(_ html: String) throws {
        var open: [Substring] = []
        var rest = html[...].dropFirst("<!doctype html>".count)
        while let start = rest.firstIndex(of: "<") {
            rest = rest[start...]
            let end = try #require(rest.firstIndex(of: ">"))
            let tag = rest[rest.index(after: rest.startIndex)..<end]
            let name = tag.drop { $0 == "/" }.prefix { $0 != " " && $0 != "/" }
            if tag.hasPrefix("/") {
                #expect(open.popLast() == name)
            } else if !tag.hasSuffix("/") {
                open.append(name)
            }
            rest = rest[end...]
        }
        #expect(open.isEmpty && html.contains("</html>"))
    }

    // MARK: Parts

    @Test("The kernel's count is read")
    func theKernelsCountIsRead() {
        let text = """
            Ip: Forwarding DefaultTTL
            Ip: 1 64
            Tcp: RtoAlgorithm ActiveOpens InSegs OutSegs RetransSegs InErrs
            Tcp: 1 200 5000 7000 12 0
            Udp: InDatagrams
            Udp: 9
            """
        #expect(KernelCounters.tcpSegmentsSent(in: text) == 7012)
        #expect(KernelCounters.tcpSegmentsSent(in: "Tcp: OutSegs\nTcp: x\n") == nil)
        #expect(KernelCounters.tcpSegmentsSent(in: "Tcp: OutSegs RetransSegs\nTcp: 1\n") == nil)
        #expect(KernelCounters.tcpSegmentsSent(in: "") == nil)
    }

    @Test("A long timeline keeps every count")
    func aLongTimelineKeepsEveryCount() {
        var timeline = WindowTimeline()
        let window = MetricsWindow(from: SnapshotFixture.first, to: SnapshotFixture.last)
        for index in 0..<10_000 { timeline.add(window, arm: index % 8 < 4 ? .a : .b, isMeasured: index % 4 > 0) }
        #expect(timeline.points.count <= 4096)
        #expect(timeline.points.reduce(0) { $0 + $1.requests } == 10_000 * window.totals.metrics.requests.finished)
        #expect(abs((timeline.points.last?.time ?? 0) - 10_000 * window.seconds) < 1e-3)
        #expect(timeline.points.reduce(0) { $0 + $1.openedByHost[0] } == 60_000)
    }

    @Test(
        "Ratios have three digits",
        arguments: [
            (0.5, "0.500"), (0, "0"), (0.00001, "<0.0001"), (0.0032, "0.0032"), (31.5, "31.5"), (1234, "1,234"),
        ])
    func ratiosHaveThreeDigits(ratio: Double, text: String) { #expect(ComparisonWords.ratio(ratio) == text) }

    @Test("Open intervals are marked as open")
    func intervalsThatAreOpenSaySo() {
        #expect(ComparisonWords.interval(Interval(low: 0.9, high: 1.1)) == "0.900 - 1.100")
        #expect(ComparisonWords.interval(Interval(low: 0, high: 0.002)) == "up to 0.0020")
        #expect(ComparisonWords.interval(Interval(low: 12, high: .infinity)) == "from 12.0")
        #expect(ComparisonWords.interval(Interval(low: 0, high: .infinity)) == "-")
        #expect(ComparisonWords.interval(nil) == "-")
    }

    @Test("A window's length is readable, in text and on the page")
    func windowLength() throws {
        var report = try Self.report()
        report.plan.experiment.window = .nanoseconds(1_666_666_666)
        #expect(ComparisonText(report: report).text.contains("9 pairs of 1.67s windows"))
        #expect(ComparisonPage(report: report).html.contains("9 pairs of 1.67s windows"))
    }

    @Test("The page's title says what is compared with what")
    func pageTitle() throws {
        var report = try Self.report()
        #expect(ComparisonPage(report: report).html.contains("<h1>Keep-alive + DNS cache against neither</h1>"))
        report.plan.a = [ScopedChange(change: .set(.maxSockets, .count(4)))]
        report.plan.b = [ScopedChange(change: .set(.maxSockets, .count(64)))]
        #expect(ComparisonPage(report: report).html.contains("<h1>maxSockets=64 against maxSockets=4</h1>"))
    }
}
