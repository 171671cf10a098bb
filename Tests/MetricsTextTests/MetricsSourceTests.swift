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
        let empty = Self.scrape(&source, "nonsense 1\n")
        #expect(empty.hosts.count == 2 && source.dialects.isEmpty)
        #expect(empty.hosts[0].metrics.requests.succeeded == 0 || empty.hosts[0].certainty[.activity] == .unknown)
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
        _ = source.read(ExpositionReader.read(bytes), takenAt: 0, uptimeSeconds: 0)
        for mutated in Mutations(of: [Array(bytes.prefix(4096))], seed: 29).prefix(120) {
            let snapshot = source.read(ExpositionReader.read(mutated), takenAt: 0, uptimeSeconds: 0)
            #expect(snapshot.hosts.count <= 1000)
            for host in snapshot.hosts {
                for counter in HostMetrics.counters { #expect(host.metrics[keyPath: counter.keyPath] >= 0) }
            }
        }
    }
}
