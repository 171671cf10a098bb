import PoolModel
import TestSupport
import Testing

@testable import MetricsText

@Suite("Scrape after scrape") struct MetricsSourceTests {
    private static func scrape(_ source: inout MetricsSource, _ text: String) -> AgentSnapshot {
        source.read(ExpositionReader.read(Array(text.utf8)), takenAt: 0, uptimeSeconds: 0)
    }

    private static func dotnet(active: Int, closed: Int?, requests: Int, host: String = "a", extra: String = "")
        -> String
    {
        let labels = "server_address=\"\(host)\",server_port=\"80\",url_scheme=\"http\""
        var text = "http_client_open_connections{http_connection_state=\"active\",\(labels)} \(active)\n"
        if let closed { text += "http_client_connection_duration_seconds_count{\(labels)} \(closed)\n" }
        text += "http_client_request_duration_seconds_count{\(labels),http_response_status_code=\"200\"} \(requests)\n"
        return text + extra
    }

    @Test("A counter that goes down begins anew, and totals go on growing")
    func restart() throws {
        var source = MetricsSource(name: "test")
        let before = try #require(source.read(try Fixture.read("dotnet-1"), takenAt: 0, uptimeSeconds: 0).hosts.first)
        let after = try #require(source.read(try Fixture.read("dotnet-2"), takenAt: 0, uptimeSeconds: 1).hosts.first)
        #expect(source.restarts == 1)
        #expect(before.metrics.connections.opened == 90 && before.metrics.requests.succeeded == 410)
        // The ten connections that were open ended with their process.
        #expect(after.metrics.connections.closed == 80 + 10 + 40 && after.metrics.connections.opened == 140)
        #expect(after.metrics.requests.succeeded == 410 + 205 && after.metrics.statuses == [200: 600, 503: 15])
        #expect(after.metrics.latency.response.count == 615)
        let window = after.metrics.since(before.metrics)
        #expect(window.latency.response.count == 205 && window.requests.succeeded == 205)
        #expect(window.connections.opened == 50)
    }

    @Test("An attempt that fails does not take back a connection that was opened")
    func failedAttempt() {
        var source = MetricsSource(name: "test")
        func text(_ failed: Int, _ open: Int) -> String {
            let label = "{envoy_cluster_name=\"a\"}"
            return
                "envoy_cluster_upstream_cx_total\(label) 10\nenvoy_cluster_upstream_cx_connect_fail\(label) \(failed)\n"
                + "envoy_cluster_upstream_cx_active\(label) \(open)\nenvoy_cluster_upstream_rq_active\(label) 0\n"
        }
        #expect(Self.scrape(&source, text(0, 3)).hosts[0].metrics.connections.opened == 10)
        let after = Self.scrape(&source, text(1, 2)).hosts[0].metrics.connections
        #expect(after.opened == 10 && after.closed == 8 && after.open == 2)
    }

    @Test("Another process with higher counts is noticed by its start")
    func otherProcess() {
        var source = MetricsSource(name: "test")
        func text(_ start: Double, _ requests: Int) -> String {
            Self.dotnet(active: 1, closed: 5, requests: requests, extra: "process_start_time_seconds \(start)\n")
        }
        _ = Self.scrape(&source, text(1_700_000_000, 10))
        #expect(Self.scrape(&source, text(1_700_000_000.9, 12)).hosts[0].metrics.requests.succeeded == 12)
        #expect(source.restarts == 0)
        let after = Self.scrape(&source, text(1_700_000_100, 50))
        #expect(after.hosts[0].metrics.requests.succeeded == 62 && source.restarts == 1)
        #expect(after.hosts[0].metrics.connections.opened == 5 + 1 + 5 + 1)
    }

    @Test("A missing family is unknown until it is there")
    func missingFamily() {
        var source = MetricsSource(name: "test")
        let first = Self.scrape(&source, Self.dotnet(active: 2, closed: nil, requests: 1)).hosts[0]
        #expect(first.certainty[.connections] == .unknown && first.figures.opened.isUnknown)
        let second = Self.scrape(&source, Self.dotnet(active: 2, closed: 3, requests: 1)).hosts[0]
        #expect(second.certainty[.connections] == .exact && second.metrics.connections.opened == 5)
        #expect(second.metrics.connections.peakOpen == 2)
    }

    @Test("A host that is missing keeps its totals and has nothing open, and returns to its place")
    func missingHost() {
        var source = MetricsSource(name: "test")
        let (a, b) = (
            Self.dotnet(active: 2, closed: 3, requests: 10, host: "a"),
            Self.dotnet(active: 1, closed: 4, requests: 20, host: "b")
        )
        _ = Self.scrape(&source, a + b)
        let without = Self.scrape(&source, b)
        #expect(without.hosts.map(\.name) == ["a:80", "b:80"])
        #expect(without.hosts[0].metrics.requests.succeeded == 10 && without.hosts[0].metrics.connections.open == 0)
        let again = Self.scrape(&source, b + Self.dotnet(active: 2, closed: 3, requests: 11, host: "a"))
        #expect(again.hosts.map(\.name) == ["a:80", "b:80"] && again.hosts.map(\.id) == [0, 1])
        #expect(again.hosts[0].metrics.requests.succeeded == 11 && source.restarts == 0)
    }

    @Test("A scrape without figures makes them unknown and takes nothing back")
    func brokenScrape() throws {
        var source = MetricsSource(name: "test")
        let whole = Self.dotnet(active: 2, closed: 3, requests: 10)
        let before = try #require(Self.scrape(&source, whole).hosts.first)
        let broken = try #require(Self.scrape(&source, "nonsense 1\n").hosts.first)
        #expect(source.dialects.isEmpty && broken.name == before.name)
        #expect(FigureGroup.allCases.allSatisfy { broken.certainty[$0] == .unknown })
        let after = try #require(Self.scrape(&source, whole).hosts.first)
        for counter in HostMetrics.counters {
            let values = [before, broken, after].map { $0.metrics[keyPath: counter.keyPath] }
            #expect(values[0] == values[2], "\(counter.name)")
            if counter.kind.isTotal { #expect(values[0] == values[1], "\(counter.name)") }
        }
        #expect(broken.metrics.statuses == [200: 10] && after.metrics.since(broken.metrics).connections.opened == 0)
    }

    @Test("Values that are no counts are left out")
    func nonsense() {
        var source = MetricsSource(name: "test")
        let labels = "server_address=\"a\",server_port=\"80\",url_scheme=\"http\",http_connection_state"
        let text = ["NaN", "+Inf", "-Inf"].map { "http_client_open_connections{\(labels)=\"active\"} \($0)\n" }.joined()
        #expect(Self.scrape(&source, text).hosts.isEmpty)
        let extreme = ["-5", "1e300"].map { "http_client_open_connections{\(labels)=\"idle\"} \($0)\n" }
        for value in extreme {
            let host = Self.scrape(&source, value + Self.dotnet(active: 1, closed: 1, requests: 1)).hosts[0]
            #expect(host.metrics.connections.idle >= 0 && host.metrics.connections.opened > 0)
        }
    }

    @Test("Hosts and series are limited, and what is left out is counted")
    func limits() {
        var limits = MetricsSource.Limits()
        limits.hosts = 3
        limits.series = 5
        var source = MetricsSource(name: "test", limits: limits)
        let text = (0..<10).map { Self.dotnet(active: 1, closed: 1, requests: 1, host: "h\($0)") }.joined()
        #expect(Self.scrape(&source, text).hosts.count == 3)
        #expect(source.refused > 0)
    }

    @Test("Several dialects at one endpoint are rows side by side")
    func several() throws {
        var source = MetricsSource(name: "test")
        let text = try Fixture.bytes("okhttp") + Fixture.bytes("httpcomponents") + Fixture.bytes("reactor-netty")
        let snapshot = source.read(ExpositionReader.read(text), takenAt: 0, uptimeSeconds: 0)
        #expect(Set(source.dialects) == [.okHttp, .httpComponents, .reactorNetty] && snapshot.hosts.count == 5)
    }

    @Test("No text makes it trap, and totals never go down", arguments: Fixture.names)
    func mutations(_ name: String) throws {
        var source = MetricsSource(name: "test")
        let bytes = try Fixture.bytes(name)
        var before = source.read(ExpositionReader.read(bytes), takenAt: 0, uptimeSeconds: 0)
        let middle = bytes.count / 2
        let parts = [bytes.prefix(4096), bytes[middle...].prefix(4096), bytes.suffix(4096)].map(Array.init)
        for mutated in Mutations(of: parts, seed: 29) {
            let snapshot = source.read(ExpositionReader.read(mutated), takenAt: 0, uptimeSeconds: 0)
            #expect(snapshot.hosts.count <= 1000)
            for (old, new) in zip(before.hosts, snapshot.hosts) where new.certainty[.connections] != .unknown {
                let connections = new.metrics.connections
                #expect(connections.opened == connections.closed + connections.open)
                #expect(connections.closed == connections.closedByReason.total)
                #expect(new.id == old.id && new.name == old.name)
                guard old.certainty[.connections] != .unknown else { continue }
                let was = old.metrics.connections
                #expect(connections.opened >= was.opened && connections.closed >= was.closed)
                guard new.certainty[.requests] != .unknown, old.certainty[.requests] != .unknown else { continue }
                #expect(new.metrics.requests.succeeded >= old.metrics.requests.succeeded)
                #expect(new.metrics.requests.onReusedConnection >= old.metrics.requests.onReusedConnection)
            }
            before = snapshot
        }
    }
}
