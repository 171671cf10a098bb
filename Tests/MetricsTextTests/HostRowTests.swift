import PoolModel
import TestSupport
import Testing

@testable import MetricsText

@Suite("Hosts in metrics") struct HostRowTests {
    private static func host(_ id: Int, requests: Int) -> HostSnapshot {
        var metrics = HostMetrics()
        metrics.requests.started = requests
        metrics.latency.response.record(1_000_000)
        return SampleSnapshots.host(id, "h\(id)", "http://h\(id):80", metrics)
    }

    private static func ids(_ selection: inout HostSelection, _ hosts: [HostSnapshot]) -> [Int] {
        selection.choose(from: hosts).map { hosts[$0].id }
    }

    @Test("The busiest hosts have rows, and one row has the sum of the rest and of hosts that are gone")
    func rest() {
        let hosts = (0..<7).map { Self.host($0, requests: 100 - $0 * 10) }
        var departed = HostMetrics()
        departed.requests.started = 1000
        var writer = MetricsWriter(hostLimit: 5)
        let bytes = writer.write(SampleSnapshots.snapshot(hosts, departed: departed), as: .openMetrics)
        let lines = Lines(bytes)
        let name = "http_client_pool_requests_started_total"
        #expect(lines.samples(of: name).count == 6)
        #expect(lines.value(#"\#(name){host="other"}"#) == "1090")
        #expect(lines.value(#"http_client_request_duration_seconds_count{host="other"}"#) == "2")
        #expect(lines.samples(of: "http_client_pool_connections_limit").count == 5)
    }

    @Test("What one of the rest does not know is not known of their sum")
    func unknownRest() {
        var hosts = (0..<3).map { Self.host($0, requests: 100 - $0) }
        hosts[2].certainty = Certainties([.requests: .estimate, .latency: .unknown])
        var writer = MetricsWriter(hostLimit: 1)
        let lines = Lines(writer.write(SampleSnapshots.snapshot(hosts), as: .openMetrics))
        #expect(
            lines.value(#"http_client_pool_requests_started_total{host="other",certainty="estimate"}"#) == "197")
        #expect(lines.samples(of: "http_client_request_duration_seconds_count").count == 1)
    }

    @Test("A host keeps its row until another has more than twice its requests")
    func stable() {
        var selection = HostSelection(limit: 2)
        var hosts = [10, 20, 5, 1].enumerated().map { Self.host($0.offset, requests: $0.element) }
        #expect(Self.ids(&selection, hosts) == [0, 1])
        hosts[2].metrics.requests.started = 19
        #expect(Self.ids(&selection, hosts) == [0, 1])
        hosts[2].metrics.requests.started = 22
        #expect(Self.ids(&selection, hosts) == [1, 2])
        hosts.remove(at: 1)
        #expect(Self.ids(&selection, hosts) == [0, 2])
    }

    @Test("No host has a row where the limit is zero, and all have one below it")
    func limits() {
        let hosts = (0..<4).map { Self.host($0, requests: $0) }
        var none = HostSelection(limit: -3)
        #expect(Self.ids(&none, hosts).isEmpty)
        var all = HostSelection(limit: 4)
        #expect(Self.ids(&all, hosts) == [0, 1, 2, 3])
    }

    @Test("Hosts with the same labels share a row")
    func sameLabels() {
        let hosts = [3, 4].enumerated().map {
            var host = Self.host($0.offset, requests: $0.element)
            (host.name, host.origin) = ("same", "http://same:80")
            return host
        }
        var writer = MetricsWriter()
        let lines = Lines(writer.write(SampleSnapshots.snapshot(hosts), as: .plainText))
        #expect(lines.samples(of: "http_client_pool_requests_started_total").map { $0.suffix(2) } == [" 7"])
    }

    @Test("Hostile names are cut and escaped, and stay one label on one line")
    func hostileNames() {
        let names = [
            "a\"b", "a\\", "a\nb 1", "\u{0}\u{1B}[31m\u{85}", "é\u{202E}日本", String(repeating: "x", count: 9999),
        ]
        var writer = MetricsWriter()
        let hosts = names.enumerated().map { SampleSnapshots.host($0.offset, $0.element, "http://a:\($0.offset + 1)") }
        let lines = Lines(writer.write(SampleSnapshots.snapshot(hosts), as: .openMetrics))
        let found = lines.samples(of: "http_client_pool_requests_started_total").map {
            String($0.dropFirst(45).prefix { $0 != "," })
        }
        #expect(
            found.prefix(5) == [
                #""a\"b""#, #""a\\""#, #""a\nb 1""#, "\"\u{FFFD}\u{FFFD}[31m\u{FFFD}\"", "\"é\u{202E}日本\"",
            ])
        #expect(found.count == 6 && found[5] == "\"" + String(repeating: "x", count: 256) + "\"")
    }

    @Test("An origin has its parts, whatever it looks like")
    func origins() {
        func parts(_ text: String) -> [String?] {
            let origin = Origin(text)
            return [origin.scheme, origin.address, origin.port]
        }
        #expect(parts("https://[::1]:8443") == ["https", "::1", "8443"])
        #expect(parts("http://a.b:80") == ["http", "a.b", "80"])
        #expect(parts("unix:/run/a.sock") == [nil, "unix:/run/a.sock", nil])
        #expect(parts("http://::1") == ["http", ":", "1"] && parts("") == [nil, "", nil])
        #expect(parts("a:123456") == [nil, "a:123456", nil] && parts("é:1") == [nil, "é", "1"])
    }

    /// Optimised, two hundred idle hosts take about 6 ms and two hundred busy ones 50 ms, and none of it is on the loop of
    /// an agent. Debug builds take some ten times as long.
    @Test("A text of two hundred hosts is a small part of a scrape's interval", .ordinarySpeed("it measures time"))
    func time() {
        let snapshot = SampleSnapshots.busy(hosts: 200, recordsEach: 20)
        var writer = MetricsWriter()
        let first = writer.write(snapshot, as: .openMetrics)
        var second: [UInt8] = []
        let idle = ContinuousClock().measure { second = writer.write(snapshot, as: .openMetrics) }
        #expect(first == second && Lines(second).samples.count > 35_000)
        #expect(idle < .milliseconds(1500))
    }
}
