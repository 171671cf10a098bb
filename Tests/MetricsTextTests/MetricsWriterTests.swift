import PoolModel
import Testing

@testable import MetricsText

@Suite("Writing metrics") struct MetricsWriterTests {
    private static let api = SampleSnapshots.host(0, "api", "http://api.local:8080")
    private static let labels = #"host="api",server_address="api.local",server_port="8080",url_scheme="http""#

    private static func write(_ snapshot: AgentSnapshot, _ format: ExpositionFormat = .openMetrics) -> Lines {
        var writer = MetricsWriter()
        return Lines(writer.write(snapshot, as: format))
    }

    @Test("Every row of the tables has a sample with its value, under a name that follows from the row")
    func everyRow() {
        let lines = Self.write(SampleSnapshots.snapshot([Self.api]))
        for counter in HostMetrics.counters {
            let family = FamilyName.family(of: counter)
            let extra = String(decoding: FamilyName.label(of: counter).bytes, as: UTF8.self)
            let labels = extra.isEmpty ? Self.labels : "\(Self.labels),\(extra)"
            let sample = String(decoding: family.sample, as: UTF8.self)
            #expect(
                lines.value("\(sample){\(labels)}") == "\(Self.api.metrics[keyPath: counter.keyPath])",
                "\(counter.name)")
        }
        for (index, counter) in DNSCounts.counters.enumerated() {
            let sample = String(decoding: FamilyName.family(of: counter).sample, as: UTF8.self)
            #expect(lines.value(sample) == "\(index + 1)", "\(counter.name)")
        }
        for row in LatencySet.rows {
            let name = FamilyName.family(of: row).name
            #expect(lines.value("\(name)_count{\(Self.labels)}") == "40", "\(row.name)")
        }
        for counter in HostMetrics.labelledCounters where !counter.counts(Self.api.metrics).isEmpty {
            let family = FamilyName.family(of: counter)
            for (value, count) in counter.counts(Self.api.metrics) {
                let label = "\(FamilyName.label(of: counter.name))=\"\(value)\""
                #expect(lines.value("\(family.name)_total{\(Self.labels),\(label)}") == "\(count)", "\(counter.name)")
            }
        }
    }

    @Test("Names are those of the conventions where there is one, and of the pool otherwise")
    func names() {
        let lines = Self.write(SampleSnapshots.snapshot([Self.api]))
        let expected = [
            #"http_client_open_connections{\#(Self.labels),http_connection_state="active"} 1600"#,
            #"http_client_open_connections{\#(Self.labels),http_connection_state="idle"} 1700"#,
            "http_client_active_requests{\(Self.labels)} 500",
            "http_client_pool_requests_started_total{\(Self.labels)} 100",
            "http_client_pool_connections_peak_open{\(Self.labels)} 1800",
            "http_client_pool_sent_bytes_total{\(Self.labels)} 2300",
            #"http_client_pool_statuses_total{\#(Self.labels),http_response_status_code="503"} 1"#,
            #"http_client_pool_errors_total{\#(Self.labels),error_type="dnsTimeout"} 2"#,
            #"http_client_pool_connections_closed_by_reason_total{\#(Self.labels),reason="peerClosedIdle"} 3"#,
            "http_client_pool_idle_limit_seconds{\(Self.labels)} 60.0", "dns_cache_hits_total 2",
            "process_cpu_seconds_total 1.25", #"pooltop_source_info{kind="agent",scope="process"} 1"#,
            "# TYPE http_client_request_duration_seconds histogram",
            "# UNIT http_client_request_duration_seconds seconds",
            "# TYPE http_client_request_time_in_queue_seconds histogram",
            "# TYPE dns_lookup_duration_seconds histogram",
            "# TYPE http_client_pool_tls_handshake_duration_seconds histogram",
            "# TYPE http_client_pool_requests_started counter",
            "# HELP http_client_pool_requests_started Requests given to the agent.",
        ]
        for line in expected { #expect(lines.all.contains(line[...]), "\(line)") }
        #expect(FamilyName.label(of: "requests.retryDecisions") == "decision")
    }

    @Test("The text format has no units, no end and the names of samples in its metadata")
    func plainText() {
        let lines = Self.write(SampleSnapshots.snapshot([Self.api]), .plainText)
        let open = Self.write(SampleSnapshots.snapshot([Self.api]))
        #expect(lines.samples == open.samples && lines.samples.count > 150)
        #expect(lines.all.contains("# TYPE http_client_pool_requests_started_total counter"))
        #expect(lines.all.contains("# TYPE pooltop_source_info gauge"))
        #expect(!lines.all.contains { $0.hasPrefix("# UNIT") || $0 == "# EOF" })
        #expect(open.all.last == "# EOF")
    }

    @Test(
        "A family is declared once, before its samples, which follow each other", arguments: ExpositionFormat.allCases)
    func families(_ format: ExpositionFormat) {
        var hosts = [Self.api, SampleSnapshots.host(1, "b", "https://b.local:443")]
        hosts[1].certainty[.tls] = .estimate
        var snapshot = SampleSnapshots.watched
        snapshot.hosts += hosts
        let lines = Self.write(snapshot, format)
        let declared = lines.all.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        #expect(Set(declared).count == declared.count && declared.count > 50)
        var current: Substring = ""
        for line in lines.all where line != "# EOF" {
            if line.hasPrefix("# HELP ") { current = line.split(separator: " ")[2] }
            #expect(line.hasPrefix("#") || line.hasPrefix(current), "\(line) in \(current)")
        }
        let keys = lines.samples.map { $0.prefix { $0 != "}" } }
        #expect(Set(keys).count == keys.count)
    }

    @Test("The list of families is what is written: names, types, units and helps")
    func catalog() {
        var snapshot = SampleSnapshots.watched
        snapshot.hosts.append(Self.api)
        var both: Set<String> = []
        for source in [snapshot.source, nil] {
            snapshot.source = source
            let written = Self.write(snapshot).all.filter { $0.hasPrefix("# TYPE ") }
            both.formUnion(written.map { String($0.dropFirst(7)) })
        }
        let listed = MetricsWriter.families.map { "\($0.family) \($0.type)" }
        #expect(Set(listed).count == listed.count && listed.count > 60)
        let unwritten = Set(listed).subtracting(both)
        #expect(unwritten == ["http_client_pool_requests_retry_decisions counter"] && both.isSubset(of: listed))
        for family in MetricsWriter.families {
            #expect(family.unit.map { family.family.hasSuffix("_" + $0) } ?? true, "\(family.family)")
            #expect(family.help.hasSuffix(".") && !family.help.contains("\n") && !family.help.contains("\\"))
        }
        #expect(MetricsWriter.sample(of: HostMetrics.counter(\.connections.idle)).label?.value == "idle")
    }

    @Test("An unknown figure has no sample, and an estimate says so")
    func certainty() {
        let lines = Self.write(SampleSnapshots.watched)
        let labels = #"host="api:8080",server_address="api",server_port="8080",url_scheme="http""#
        #expect(lines.value(#"http_client_pool_requests_started_total{\#(labels),certainty="estimate"}"#) == "100")
        #expect(lines.value("http_client_pool_connections_opened_total{\(labels)}") == "1400")
        for absent in [
            "http_client_pool_connections_dials_total", "http_client_pool_requests_queued",
            "http_client_pool_statuses_total", "http_client_request_duration_seconds_bucket",
            "http_client_request_duration_seconds_count", "http_client_pool_connections_limit", "process_open_fds",
        ] {
            #expect(lines.samples(of: absent).isEmpty, "\(absent)")
            #expect(!lines.all.contains { $0.hasPrefix("# TYPE \(absent) ") }, "\(absent)")
        }
        #expect(lines.value("http_client_pool_kernel_round_trip_seconds{\(labels)}") == "0.00025")
        #expect(lines.value("pooltop_kernel_connections_opened_total") == "42")
        let process = #"pid="4711",command="node app.js --token=(hidden) --port 80",user="www""#
        let command = Redaction.command("node app.js --token=abc --port 80")
        let shown = process.replacing("node app.js --token=(hidden) --port 80", with: command)
        #expect(lines.value(#"pooltop_process_requests_total{\#(shown),certainty="estimate"}"#) == "400")
        #expect(!lines.samples.contains { $0.contains("abc") })
        #expect(lines.samples(of: "pooltop_process_requests_total").count == 1)
        #expect(lines.samples(of: "pooltop_process_connections_opened_total").count == 2)
    }

    /// A database takes a counter that went down for one that began anew, and counts all of it once more.
    @Test("Connections whose process is to be found yet are no counter")
    func unattributed() {
        let lines = Self.write(SampleSnapshots.watched)
        #expect(lines.value(#"pooltop_process_connections_open{command="",user=""}"#) == "1")
        #expect(lines.value(#"pooltop_process_connections_opened_total{command="",user="postgres"}"#) == "2")
        #expect(!lines.samples.contains { $0.contains("_total{") && $0.contains(#"command="",user="""#) })
    }

    @Test("Buckets are cumulative, add up to the count, and agree with the histogram")
    func buckets() throws {
        let histogram = Self.api.metrics.latency.response
        let counts = DurationBuckets.cumulative(histogram)
        #expect(counts.count == DurationBuckets.bounds.count + 1 && counts == counts.sorted())
        #expect(counts.last == histogram.count && histogram.count == 40)
        // 40 durations of 0.17 ms, 0.34 ms … 6.8 ms.
        #expect(Array(counts.prefix(5)) == [2, 5, 14, 29, 40])
        for (bound, count) in zip(DurationBuckets.bounds, counts) {
            #expect(count == histogram.count(in: 0..<Double(bound) / 1e9), "\(bound)")
        }
        let lines = Self.write(SampleSnapshots.snapshot([Self.api]))
        let name = "http_client_request_duration_seconds"
        #expect(lines.value(#"\#(name)_bucket{\#(Self.labels),le="0.0025"}"#) == "14")
        #expect(lines.value(#"\#(name)_bucket{\#(Self.labels),le="1.0"}"#) == "40")
        #expect(lines.value(#"\#(name)_bucket{\#(Self.labels),le="+Inf"}"#) == "40")
        #expect(lines.value("\(name)_sum{\(Self.labels)}") == "0.1394")
        #expect(DurationBuckets.cumulative(LatencyHistogram()).allSatisfy { $0 == 0 })
    }

    @Test("A duration of exactly a bound counts below it, and the longest in the last bucket only")
    func edges() {
        for (index, bound) in DurationBuckets.bounds.enumerated() {
            var histogram = LatencyHistogram()
            histogram.record(Int64(bound))
            let counts = DurationBuckets.cumulative(histogram)
            #expect(counts.firstIndex(of: 1) == index, "\(bound)")
        }
        var histogram = LatencyHistogram()
        for _ in 0..<100 { histogram.record(.max) }
        histogram.record(0)
        #expect(DurationBuckets.cumulative(histogram).first == 1)
        #expect(DurationBuckets.cumulative(histogram).suffix(2) == [1, 101])
    }

    @Test("Numbers are written exactly, without an exponent")
    func numbers() {
        func text(_ write: (inout TextBuffer) -> Void) -> String {
            var buffer = TextBuffer(capacity: 0)
            write(&buffer)
            return String(decoding: buffer.bytes, as: UTF8.self)
        }
        for number in [0, 7, 10, -1, 1_234_567_890, Int.max, Int.min] {
            #expect(text { $0.append(number) } == "\(number)")
        }
        let fractions = [(0, "0.0"), (1, "0.000000001"), (1_500_000_000, "1.5"), (-2_050_000_000, "-2.05")]
        for (billionths, expected) in fractions { #expect(text { $0.append(billionths: billionths) } == expected) }
        #expect(text { $0.append(seconds: 0.1) } == "0.1" && text { $0.append(seconds: 1e300) } == "9000000000.0")
    }
}
