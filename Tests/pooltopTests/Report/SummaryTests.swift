import Foundation
import Testing

@testable import PlainDocuments
@testable import PoolModel
@testable import Reporting
@testable import SessionConfig

@Suite struct SummaryTests {
    private func summary(warmUp: Bool = false, checks: [String] = []) throws -> Summary {
        let plan = try SnapshotFixture.plan(checks: checks, warmUp: warmUp ? .seconds(1) : .zero)
        let first = warmUp ? SnapshotFixture.first : SnapshotFixture.zero
        return Summary(plan: plan, first: first, last: SnapshotFixture.last)
    }

    private func expect(_ value: JSONValue?, is json: String) {
        let line = json.split(separator: "\n").map { String($0).trimmed }.joined()
        #expect(value?.line == line.replacing(": ", with: ":").replacing(", ", with: ","))
    }

    private static let noSamples = """
        {"count": 0, "min": null, "mean": null, "p50": null, "p75": null, "p90": null, "p95": null, "p99": null, \
        "p999": null, "max": null}
        """
    private static let connect = """
        {"count": 6, "min": 0.00025, "mean": 0.00025, "p50": 0.00025, "p75": 0.00025, "p90": 0.00025, "p95": 0.00025, \
        "p99": 0.00025, "p999": 0.00025, "max": 0.00025}
        """

    @Test("The members are in the documented order")
    func membersInTheOrderOfTheContract() throws {
        let document = try summary().document
        #expect(
            document.members.map(\.key) == [
                "schema", "version", "startedAt", "durationSeconds", "settings", "share", "totals", "hosts", "dns",
                "process", "checks",
            ])
        expect(document["schema"], is: "\"pooltop.summary/1\"")
        #expect(document["startedAt"] == .string("2026-11-22T12:20:52.125Z"))
        #expect(document["durationSeconds"] == .number(11))
    }

    @Test("Every count of a host is in the document")
    func countsOfAHostFieldByField() throws {
        let host = try #require(try hosts(summary().document).first)
        #expect(
            host.members.map(\.key) == [
                "name", "origin", "requests", "statuses", "statusClasses", "errors", "connections", "tls", "bytes",
                "latency",
                "addresses", "keepAlive", "oldestWaitSeconds", "oldestActiveSeconds", "silentSeconds", "diagnosis",
                "tlsFailure", "limits",
            ])
        expect(host["name"], is: "\"catalog\"")
        #expect(host["origin"] == .string("http://127.0.0.1:8080"))
        expect(
            host["requests"],
            is: """
                {"planned": 1102, "started": 1102, "succeeded": 1095, "failed": 3, "failures": 9, "cancelled": 1, "inFlight": 2, "queued": 1, 
                "retried": 2, "onNewConnection": 10, "onReusedConnection": 1091, "perSecond": 99.81818181818181, 
                "startedPerSecond": 100.18181818181819, "answeredPerSecond": 99.54545454545455, "retriesRefused": 0, "retryDecisions": {"repeatable": 2, "notIdempotent": 1}}
                """)
        expect(host["statuses"], is: "{\"200\": 1089, \"404\": 1, \"503\": 5}")
        expect(host["statusClasses"], is: "{\"2xx\": 1089, \"3xx\": 0, \"4xx\": 1, \"5xx\": 5}")
        expect(host["errors"], is: "{\"queueTimeout\": 1, \"peerReset\": 2}")
        expect(
            host["connections"],
            is: """
                {"dials": 11, "dialFailed": 1, "connecting": 0, "opened": 10, "closed": 8, "active": 2, "idle": 0, "peakOpen": 6, 
                "openedPerSecond": 0.9090909090909091, "closedPerSecond": 0.7272727272727273, 
                "requestsPerConnection": 110.1, "reuseRatio": 0.9909173478655767, "attempts": 12, 
                "closedByReason": {"idleTimeout": 4, "peerClosedIdle": 3, "peerReset": 1}, "closedBy": {"local": 4, "remote": 4}}
                """)
        expect(host["tls"], is: "{\"handshakes\": 0, \"full\": 0, \"resumed\": 0, \"failed\": 0}")
        expect(host["bytes"], is: "{\"sent\": 11000, \"received\": 110000}")
        expect(
            host["addresses"],
            is: """
                [{"address": "127.0.0.1:8080", "connectionsOpened": 10, "exchanges": 1101, "share": 1.0, "open": 2, 
                "inDNS": true, "suspect": false}]
                """)
        expect(host["keepAlive"], is: "true")
        expect(host["oldestWaitSeconds"], is: "null")
        expect(host["oldestActiveSeconds"], is: "null")
        expect(host["silentSeconds"], is: "null")
        expect(
            host["limits"],
            is: """
                {"maxSockets": 64, "maxFreeSockets": 32, "idleSeconds": 60.0, "idleFrom": "own", "hintTimeoutSeconds": null, 
                "hintMax": null, "learnedIdleSeconds": null}
                """)
    }

    @Test("Shares of addresses and of resumed handshakes are computed")
    func sharesOfAddressesAndResumedHandshakes() throws {
        var last = SnapshotFixture.last
        var second = last.hosts[0].addresses[0]
        (second.address, second.exchanges, second.isInDNS) = ("127.0.0.2:8080", 367, false)
        last.hosts[0].addresses.append(second)
        (last.hosts[1].metrics.tls.handshakes, last.hosts[1].metrics.tls.resumed) = (5, 3)
        last.hosts[1].certainty = Certainties()
        let document = Summary(plan: try SnapshotFixture.plan(), first: SnapshotFixture.zero, last: last).document
        guard case .array(let addresses)? = try hosts(document)[0]["addresses"] else { return #expect(Bool(false)) }
        #expect(addresses.map { $0["share"] } == [.number(0.75), .number(0.25)])
        #expect(addresses.map { $0["inDNS"] } == [.bool(true), .bool(false)])
        expect(document.at(["totals", "tls"]), is: "{\"handshakes\": 5, \"full\": 2, \"resumed\": 3, \"failed\": 0}")
    }

    @Test("It is unknown whether TLS handshakes of the agent resumed a session")
    func resumptionIsUnknown() throws {
        let document = try summary().document
        expect(
            document.at(["totals", "tls"]), is: "{\"handshakes\": 1, \"full\": null, \"resumed\": null, \"failed\": 0}")
        let all = try hosts(document)
        expect(all[1]["tls"], is: "{\"handshakes\": 1, \"full\": null, \"resumed\": null, \"failed\": 0}")
        expect(all[1]["certainty"], is: "{\"resumption\": \"unknown\"}")
        #expect(all[0]["certainty"] == nil, "no TLS is spoken there, so that none was resumed is exact")
    }

    @Test("Every latency of a host is in the document")
    func latenciesOfAHostFieldByField() throws {
        let latency = try #require(try hosts(summary().document).first?["latency"])
        #expect(latency.members.map(\.key) == LatencySet.rows.map(\.name))
        expect(latency["connect"], is: Self.connect)
        expect(latency["tlsHandshake"], is: Self.noSamples)
        let response = try #require(latency["response"])
        #expect(response.members.map(\.key) == ["count"] + MetricName.quantiles)
        #expect(response["count"] == .integer(995))
        #expect(response["min"] == .number(0.0001) && response["max"] == .number(0.0995))
        let median = try #require(response["p50"]?.asDouble)
        #expect(abs(median - 0.0498) < 0.001)
    }

    @Test("Figures that exist once for all hosts are in the document")
    func whatExistsOnceForAllHosts() throws {
        let document = try summary(checks: ["reuse > 0.9", "p99 < 1ms"]).document
        expect(
            document["dns"],
            is: """
                {"cacheEnabled": true, "lookups": 13, "hits": 7, "staleHits": 1, "negativeHits": 1, "misses": 3, "coalesced": 1, 
                "failures": 1, "queries": 6, "entries": 2}
                """)
        expect(
            document["process"],
            is: """
                {"cpuSeconds": 3.0, "agentCPUSeconds": 1.5, "agentCPUSecondsPerRequest": 0.001364877161055505, 
                "maxResidentBytes": 33554432}
                """)
        guard case .array(let checks)? = document["checks"] else { return #expect(Bool(false)) }
        #expect(checks[0].line == "{\"expression\":\"reuse > 0.9\",\"value\":0.9900181488203267,\"passed\":true}")
        #expect(checks[1]["passed"] == .bool(false))
    }

    @Test("Totals are the sum over the hosts")
    func totalsAreTheSumOfTheHosts() throws {
        let totals = try #require(try summary().document["totals"])
        let requests = ["planned", "started", "succeeded", "onNewConnection"].map {
            totals.at(["requests", Substring($0)])
        }
        #expect(requests == [.integer(1103), .integer(1103), .integer(1096), .integer(11)])
        #expect(totals["statuses"]?.line == "{\"200\":1089,\"201\":1,\"404\":1,\"503\":5}")
    }

    @Test("The totals of the document balance", arguments: [false, true])
    func theBooksBalance(warmUp: Bool) throws {
        let document = try summary(warmUp: warmUp).document
        for metrics in try hosts(document) + [#require(document["totals"])] {
            func value(_ path: String) throws -> Double {
                try #require(metrics.at(path.split(separator: "."))?.asDouble)
            }
            let ended = try value("requests.succeeded") + value("requests.failed") + value("requests.cancelled")
            #expect(try value("requests.started") == ended + value("requests.inFlight") + value("requests.queued"))
            #expect(try value("requests.planned") >= value("requests.started"))
            let open = try value("connections.idle") + value("connections.active")
            #expect(try value("connections.opened") == value("connections.closed") + open)
            let dialed = try value("connections.opened") + value("connections.dialFailed")
            #expect(try value("connections.dials") == dialed + value("connections.connecting"))
            let reasons = try #require(metrics.at(["connections", "closedByReason"])).members.compactMap(
                \.value.asDouble)
            #expect(try value("connections.closed") == reasons.reduce(0, +))
            let sides = try value("connections.closedBy.local") + value("connections.closedBy.remote")
            #expect(try value("connections.closed") == sides)
        }
    }

    @Test("The warm-up is excluded from the counts")
    func theWarmUpIsLeftOut() throws {
        let document = try summary(warmUp: true).document
        #expect(document["startedAt"] == .string("2026-11-22T12:20:53.125Z"))
        #expect(document["durationSeconds"] == .number(10))
        #expect(document["warmUp"]?.line == "{\"seconds\":1.0,\"connectionsOpen\":3,\"requestsPresent\":2}")
        let host = try #require(try hosts(document).first)
        expect(
            host["requests"],
            is: """
                {"planned": 1002, "started": 1002, "succeeded": 995, "failed": 3, "failures": 8, "cancelled": 1, "inFlight": 2, 
                "queued": 1, "retried": 2, "onNewConnection": 6, "onReusedConnection": 994, "perSecond": 99.8, 
                "startedPerSecond": 100.0, "answeredPerSecond": 99.5, "retriesRefused": 0, 
                "retryDecisions": {"repeatable": 2, "notIdempotent": 1}}
                """)
        #expect(host["statuses"]?.line == "{\"200\":990,\"503\":5}")
        #expect(host.at(["connections", "closedByReason"])?.line == "{\"idleTimeout\":4,\"peerClosedIdle\":3}")
        #expect(host.at(["connections", "opened"]) == .integer(9))
        #expect(host.at(["connections", "openedPerSecond"]) == .number(0.6))
        #expect(document.at(["dns", "queries"]) == .integer(2) && document.at(["dns", "entries"]) == .integer(2))
        #expect(document.at(["process", "agentCPUSeconds"]) == .number(1))
    }

    /// The difference of two histograms keeps the samples in the topmost bucket of the earlier one.
    @Test("The warm-up is excluded from the latencies")
    func latenciesOfTheWarmUpAreLeftOut() throws {
        var (first, last) = (SnapshotFixture.first, SnapshotFixture.last)
        for _ in 0..<100 {
            first.hosts[0].metrics.latency.service.record(.milliseconds(500))
            last.hosts[0].metrics.latency.service.record(.milliseconds(500))
        }
        last.hosts[0].metrics.latency.service.record(.milliseconds(1))
        let summary = Summary(plan: try SnapshotFixture.plan(), first: first, last: last)
        #expect(summary.window.totals.metrics.latency.service.count == 1)
    }

    @Test("A run without duration has no rates")
    func aRunOfNoTimeHasNoRates() throws {
        let plan = try SnapshotFixture.plan(checks: ["requests/s > 0", "cpuPerRequest < 1s"])
        let summary = Summary(plan: plan, first: SnapshotFixture.zero, last: SnapshotFixture.zero)
        #expect(summary.document.at(["totals", "requests", "perSecond"]) == .null)
        #expect(summary.document.at(["totals", "connections", "reuseRatio"]) == .null)
        #expect(summary.checks.allSatisfy { !$0.passed && $0.note == "no data" } && summary.status == .checkNotMet)
    }

    @Test("A target that the agent has not used is a separate host")
    func aTargetThatTheAgentHasNotMetIsAHostOfItsOwn() throws {
        var last = SnapshotFixture.last
        last.hosts.removeLast()
        let document = Summary(plan: try SnapshotFixture.plan(), first: SnapshotFixture.zero, last: last).document
        let names = try hosts(document).map { $0["name"] }
        #expect(names == [.string("catalog"), .string("payments")])
        #expect(try hosts(document)[1].at(["requests", "planned"]) == .integer(1))
        #expect(document.at(["totals", "requests", "planned"]) == .integer(1103))
    }

    @Test("Both notations are valid JSON")
    func bothNotationsAreJSON() throws {
        var last = SnapshotFixture.last
        last.hosts[0].name = "a\"\\\u{1B}[2J\n\u{202E}\u{1F600}é"
        let document = Summary(plan: try SnapshotFixture.plan(), first: SnapshotFixture.zero, last: last).document
        for text in [document.line, document.pretty] {
            #expect(!text.unicodeScalars.contains { PlainText.isUnsafe($0) && $0 != "\n" })
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            let hosts = try #require(object["hosts"] as? [[String: Any]])
            #expect(hosts[0]["name"] as? String == last.hosts[0].name)
        }
        #expect(!document.line.contains("\n"))
    }

    @Test("A line of ndjson contains its interval")
    func aLineOfAnInterval() throws {
        let line = SnapshotLine(previous: SnapshotFixture.first, current: SnapshotFixture.last).document
        #expect(
            line.members.map(\.key) == [
                "schema", "time", "uptimeSeconds", "intervalSeconds", "keepAlive", "insecure", "oldTLS", "totals",
                "hosts", "dns",
                "process", "events",
            ])
        #expect(line["schema"] == .string("pooltop.snapshot/1"))
        #expect(line["time"] == .string("2026-11-22T12:21:03.125Z"))
        #expect(line["uptimeSeconds"] == .number(11) && line["intervalSeconds"] == .number(10))
        #expect(line.at(["totals", "connections", "opened"]) == .integer(7))
        #expect(line.at(["totals", "requests", "started"]) == .integer(1001))
        #expect(line["keepAlive"] == .bool(true) && line["insecure"] == .bool(false) && line["events"] == .array([]))
        guard case .array(let addresses)? = try hosts(line)[0]["addresses"] else { return #expect(Bool(false)) }
        #expect(addresses[0]["connectionsOpened"] == .integer(6) && addresses[0]["exchanges"] == .integer(1000))
        let names = try hosts(line).map { $0["name"] }
        #expect(names == [.string("catalog"), .string("payments")])
    }

    @Test("The settings are those in force")
    func settingsAreTheEffectiveOnes() throws {
        let settings = try #require(try summary(warmUp: true).document["settings"])
        #expect(settings.members.map(\.key) == ["agent", "targets", "load", "dns", "tls"])
        let names = settings["agent"]?.members.map(\.key)
        #expect(names == AgentSetting.allCases.map(\.name))
        #expect(
            settings.at(["agent", "idleTimeout"]) == .number(60)
                && settings.at(["agent", "keepAlive"]) == .string("on"))
        #expect(settings.at(["agent", "maxRequestsPerConnection"]) == .null)
        #expect(
            settings["load"]?.line
                == "{\"rate\":100.0,\"arrivals\":\"constant\",\"duration\":10.0,\"requests\":null,\"warmUp\":1.0,"
                + "\"loops\":1,\"seed\":42,\"at\":[]}")
    }

    private func hosts(_ document: JSONValue) throws -> [JSONValue] {
        guard case .array(let hosts)? = document["hosts"] else { throw CommandLineError(.cannotRun, "no hosts") }
        return hosts
    }
}
