import Testing

@testable import PlainDocuments
@testable import PoolModel
@testable import Reporting
@testable import SessionConfig
@testable import Sessions

@Suite struct TextSummaryTests {
    private func text(_ plan: SessionPlan, _ first: AgentSnapshot, _ last: AgentSnapshot) -> String {
        TextSummary(summary: Summary(plan: plan, first: first, last: last)).text
    }

    @Test("A run has the expected summary")
    func aRun() throws {
        let checks = ["reuse > 0.9", "p99 < 50ms @catalog", "newConnections/s < 5", "p99 < 5ms @gone"]
        let plan = try SnapshotFixture.plan(checks: checks, warmUp: .seconds(1))
        #expect(
            text(plan, SnapshotFixture.first, SnapshotFixture.last) == """
                open loop 100/s constant, 2 targets, 10.0s measured after 1s of warm-up, seed 42

                Requests           99.9/s   996 succeeded, 3 failed, 5 answered 5xx, 1 cancelled, 2 retried,
                                            1,001 planned, 2 in flight, 1 waiting
                Reuse               99.3%   100.1 requests per connection
                New connections    0.70/s   7 opened, 7 closed, 3 open (2 active + 1 idle), peak 7
                Failed dials       0.10/s   1 of 7 dials
                DNS queries        0.20/s   2 queries for 11 lookups, 9/11 from the cache, 1 failed
                TLS handshakes     0.10/s   1 completed, – resumed, 0 failed
                CPU per request    1.00ms   agent 1.00s, whole process 2.00s, memory 32.0 MiB

                Latency   Count    Min    Mean     p50     p90     p95     p99   p99.9     Max
                response    996  100us  49.8ms  49.8ms  89.7ms  94.9ms  99.1ms  99.5ms  99.5ms
                connect       6  250us   250us   250us   250us   250us   250us   250us   250us

                Host      Req/s  Reuse  New/s  Open  Waiting  Failed  5xx     p50     p99  Closed by
                catalog    99.8  99.4%   0.60     2        1       3    5  49.8ms  99.1ms  our idle limit
                payments   0.10    0/1   0.10     1        0       0    0  20.0ms  20.0ms  -

                Diagnosis
                WARN  catalog: 0.5%, 5 of 995 answers in 10 s are 503 Service Unavailable, as fast as 50 ms: the
                      server is overloaded, or out of service on purpose; look there
                WARN  catalog: 2 of 998 requests failed, the server resets the connection: the server, or a proxy
                      before it, crashes or cuts connections off; look at its log
                WARN  catalog: 1 request waits, 1 request got no connection: connections are not ready fast enough

                Statuses          200 990   201 1   503 5
                Errors            queue timeout 1 (catalog 1)   server reset 2 (catalog 2)
                Retried           repeatable 2
                Not retried       notIdempotent 1
                Closed by us      idle limit (ours) 4
                Closed by them    server closed idle 3
                DNS lookups       hit 7   stale 1   negative 1   miss 1   coalesced 1   failure 1   (2 names kept)

                Check                          Value  Result
                reuse > 0.9                    99.3%  met
                p99 < 50ms @catalog           99.1ms  NOT MET
                newConnections/s < 5           0.700  met
                p99 < 5ms @gone       no host 'gone'  NOT MET

                """)
    }

    @Test("What is answered stands beside what was started where they differ")
    func behind() throws {
        var last = SnapshotFixture.last
        last.hosts[0].metrics.requests.succeeded -= 500
        last.hosts[0].metrics.requests.failed += 500
        let text = self.text(try SnapshotFixture.plan(), SnapshotFixture.first, last)
        #expect(text.contains("   100.1/s started, 49.6/s answered, 496 succeeded"), "\(text)")
        #expect(text.contains("catalog   49.5/100.0"))
    }

    @Test("Of long names the part in which they differ stays")
    func longNames() throws {
        var last = SnapshotFixture.last
        for index in last.hosts.indices {
            last.hosts[index].name = "orders-backend-00\(index).production.example.com:8080"
        }
        last.load = nil
        let text = self.text(try SnapshotFixture.plan(), SnapshotFixture.zero, last)
        #expect(text.contains("\norder~000~ple.com:8080 ") && text.contains("\norder~001~ple.com:8080 "), "\(text)")
    }

    @Test("A host that carries targets of two names has both")
    func bothNames() throws {
        var last = SnapshotFixture.last
        for index in last.load?.targets.indices ?? 0..<0 { last.load?.targets[index].hostID = last.hosts[0].id }
        let names = (last.load?.targets ?? []).map(\.name).joined(separator: ", ")
        let text = self.text(try SnapshotFixture.plan(), SnapshotFixture.first, last)
        #expect(text.contains("\n\(names) "), "\(text)")
    }

    @Test("A time in which the program was stopped is told of, with what was not sent")
    func gaps() throws {
        var last = SnapshotFixture.last
        last.load?.missed = 610
        last.load?.gaps = [
            // The first ended before measuring began.
            LoadGap(uptimeSeconds: 0.2, seconds: 0.5, missed: 9), LoadGap(uptimeSeconds: 4, seconds: 6.01, missed: 601),
            LoadGap(uptimeSeconds: 10.5, seconds: 0.25, missed: 0, cause: .waited),
        ]
        let plan = try SnapshotFixture.plan(warmUp: .seconds(1))
        let lines = text(plan, SnapshotFixture.first, last)
        #expect(
            lines.contains(
                """
                seed 42
                the program was stopped for 6.01s: 601 requests due then were not sent
                the program waited 250ms for a processor, which others had

                """))
        #expect(lines.contains("1,001 planned,") && lines.contains("601 missed"))
        let document = Summary(plan: plan, first: SnapshotFixture.first, last: last).document
        guard case .array(let gaps) = document["gaps"] else {
            Issue.record("no gaps")
            return
        }
        #expect(gaps.map { $0["missed"] } == [.integer(601), .integer(0)])
        #expect(gaps.map { $0["cause"] } == [.string("stopped"), .string("waited")])
        let beginning = SnapshotFixture.first.takenAt - SnapshotFixture.first.uptimeSeconds
        #expect(gaps[0]["time"] == .string(Timestamp.text(beginning + 4)) && gaps[0]["seconds"] == .number(6.01))
        let line = SnapshotLine(previous: SnapshotFixture.first, current: last).document
        #expect(line["gaps"] == document["gaps"])
        #expect(Summary(plan: plan, first: SnapshotFixture.first, last: SnapshotFixture.last).document["gaps"] == nil)
    }

    @Test("A time in which a server gave no answer is told of apart from the program's own gaps")
    func silences() throws {
        var last = SnapshotFixture.last
        last.load?.silences = [
            TargetSilence(name: "a", uptimeSeconds: 0.1, seconds: 0.5),
            TargetSilence(name: "catalog", uptimeSeconds: 4, seconds: 1.2),
        ]
        let plan = try SnapshotFixture.plan(warmUp: .seconds(1))
        #expect(text(plan, SnapshotFixture.first, last).contains("seed 42\nno answer from catalog for 1.20s\n"))
        let document = Summary(plan: plan, first: SnapshotFixture.first, last: last).document
        guard case .array(let silences) = document["silences"] else {
            Issue.record("no silences")
            return
        }
        #expect(silences.map { $0["target"] } == [.string("catalog")] && silences[0]["seconds"] == .number(1.2))
        #expect(document["gaps"] == nil)
    }

    @Test("Several addresses and changes are reported")
    func severalAddressesAndChanges() throws {
        var last = SnapshotFixture.last
        var second = last.hosts[0].addresses[0]
        (second.address, second.exchanges, second.connectionsOpened) = ("127.0.0.2:8080", 367, 3)
        last.hosts[0].addresses.append(second)
        var plan = try SnapshotFixture.plan()
        plan.changes = [try TimedChange.parse("5s:keepAlive=off@catalog"), try TimedChange.parse("1m:rate=5")]
        let lines = text(plan, SnapshotFixture.zero, last)
        #expect(lines.contains("\nchanges 5s:keepAlive=off@catalog, 1m:rate=5/s\n"))
        #expect(
            lines.contains(
                """

                Host     Address         Requests  Share  Opened  Open
                catalog  127.0.0.1:8080     1,101  75.0%      10     2
                catalog  127.0.0.2:8080       367  25.0%       3     2

                """))
    }

    @Test("A run without requests has a summary")
    func nothingHappened() throws {
        #expect(
            text(SessionPlan(seed: 1), SnapshotFixture.zero, SnapshotFixture.zero) == """
                open loop 200000/min batched, bundled downstreams, 0 measured, seed 1

                Requests                -   0 succeeded, 0 failed, 0 planned
                Reuse                   -   no connection
                New connections         -   0 opened, 0 closed, 0 open (0 active + 0 idle), peak 0
                DNS queries             -   0 queries for 0 lookups
                CPU per request         -   agent 0, whole process 0, memory 32.0 MiB

                Host      Req/s  Reuse  New/s  Open  Waiting  Failed  p50  p99  Closed by
                catalog       -      -      -     0        0       0    -    -  -
                payments      -      -      -     0        0       0    -    -  -

                """)
    }

    @Test("Disabled verification is reported clearly")
    func insecureIsSaidOutLoud() throws {
        var plan = try SnapshotFixture.plan()
        plan.tls.insecure = true
        let lines = text(plan, SnapshotFixture.zero, SnapshotFixture.last).split(separator: "\n")
        #expect(lines[1] == "TLS CERTIFICATES WERE NOT VERIFIED (--insecure)")
        plan.tls = TLSPlan(least: .v1_1)
        #expect(
            text(plan, SnapshotFixture.zero, SnapshotFixture.last).contains("\nTLS 1.1 WAS ALLOWED (--tls-min 1.1)\n"))
    }

    @Test("No line is too long, and none controls the terminal")
    func noLineIsTooLongAndNoneSteersTheTerminal() throws {
        var last = SnapshotFixture.last
        last.hosts[0].name = "\u{1B}[31m\u{202E}" + String(repeating: "日本", count: 40)
        var metrics = last.hosts[0].metrics
        metrics.requests.succeeded = 1_234_567_890
        metrics.requests.failed = 234_567_890
        metrics.requests.queued = 123_456
        metrics.connections.opened = 1_000_000_000
        for reason in CloseReason.allCases { metrics.connections.closedByReason.add(123_456, to: reason) }
        for cause in FailureCause.allCases { metrics.errors.add(1_234_567, to: cause) }
        for status in 200..<260 { metrics.statuses[status] = 123_456_789 }
        last.hosts[0].metrics = metrics
        var plan = try SnapshotFixture.plan(checks: [String(repeating: " ", count: 90) + "reuse > 0.5 @catalog"])
        plan.targets[0].name = "\u{1B}]0;x\u{7}"
        plan.load.shape = .steps(
            Array(repeating: RateStep(duration: .seconds(1), from: 1, to: 2), count: 50), .constant)
        for line in text(plan, SnapshotFixture.zero, last).split(separator: "\n") {
            #expect(PlainText.width(String(line)) <= 100, "\(line)")
            #expect(line.unicodeScalars.allSatisfy { !PlainText.isUnsafe($0) } && line.last != " ")
        }
    }
}
