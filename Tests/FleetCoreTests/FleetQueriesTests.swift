import Foundation
import MetricsText
import PoolModel
import Testing

@testable import FleetCore

@Suite("Questions to Prometheus") struct FleetQueriesTests {
    private static let everything = Set(FleetMeasure.names)

    private static func queries(_ names: Set<String> = everything, selector: String = "") throws -> FleetQueries {
        FleetQueries(selector: try SeriesSelector(selector), names: names, windowSeconds: 60)
    }

    private static let scopes: [FleetScope] = [
        .total, .groups("zone"), .instances, .hosts(of: nil), .hosts(of: InstanceID(job: "a", instance: "b:1")),
        .instance(InstanceID(job: "a", instance: "b\"c")),
    ]

    @Test("Rates are summed, and percentiles are those of summed buckets")
    func ownQueries() throws {
        let queries = try Self.queries(selector: #"zone="eu""#)
        func query(_ measure: FleetMeasure, _ scope: FleetScope) -> String? {
            queries.query(measure, of: .pooltop, scope)
        }
        #expect(
            query(.fact(.opened), .instances)
                == #"sum by (job, instance, certainty) (rate(http_client_pool_connections_opened_total{zone="eu"}[60s]))"#
        )
        #expect(
            query(.fact(.idle), .total)
                == #"sum by (certainty) (http_client_open_connections{zone="eu",http_connection_state="idle"})"#)
        #expect(
            query(.responseTime(.p99), .groups("version"))
                == #"histogram_quantile(0.99, sum by (version, le) (rate(http_client_request_duration_seconds_bucket{zone="eu"}[60s])))"#
        )
        let closed = query(.fact(.closedRemote), .instance(InstanceID(job: "a", instance: "b")))
        #expect(closed?.contains(#"zone="eu",job="a",instance="b",reason=~"peerClosedIdle|"#) == true)
        #expect(query(.fact(.opened), .hosts(of: nil))?.contains("server_address, server_port, url_scheme") == true)
    }

    @Test("Dialects keep their conditions, names and units")
    func dialects() throws {
        let queries = try Self.queries()
        func query(_ measure: FleetMeasure, _ dialect: Dialect) -> String? {
            queries.query(measure, of: dialect, .instances)
        }
        #expect(
            query(.fact(.failed), .dotnet)
                == #"sum by (job, instance) (rate(http_client_request_duration_seconds_count{http_response_status_code=""}[60s]))"#
        )
        #expect(
            query(.fact(.answered), .dotnet)
                == #"sum by (job, instance) (rate(http_client_request_duration_seconds_count{http_response_status_code!=""}[60s]))"#
        )
        #expect(
            query(.fact(.active), .httpComponents)
                == #"sum by (job, instance) (httpcomponents_httpclient_pool_total_connections{state="leased"})"#)
        #expect(query(.responseTime(.p50), .envoy)?.hasSuffix(")[60s]))) * 0.001") == false)
        #expect(query(.responseTime(.p50), .envoy)?.hasSuffix("[60s]))) * 0.001") == true)
        #expect(query(.change(.open), .undici) == "sum by (job, instance) (delta(nodejs_undici_pool_connected[60s]))")
        #expect(query(.fact(.opened), .undici) == nil && query(.fact(.opened), .okHttp) == nil)
        // Names of which one is there at most are alternatives.
        #expect(query(.fact(.active), .okHttp)?.contains(") or sum by (job, instance) (okhttp_") == true)
    }

    @Test("Of .NET only what is not ours is looked at, where both are there")
    func distinction() throws {
        var queries = try Self.queries()
        #expect(queries.presence(of: .pooltop)?.hasSuffix("(timestamp(pooltop_uptime_seconds)))") == true)
        #expect(queries.presence(of: .dotnet)?.contains(#"{network_protocol_version!=""}"#) == true)
        #expect(try Self.queries(["http_client_open_connections"]).presence(of: .dotnet)?.contains("{") == false)
        queries.jobs[.dotnet] = ["b.c", "a|\"d"]
        let query = queries.query(.fact(.closed), of: .dotnet, .instances)
        #expect(query?.contains(#"job=~"a\\|\"d|b\\.c""#) == true, "\(query ?? "")")
        let one = queries.query(.fact(.closed), of: .dotnet, .instance(InstanceID(job: "b.c", instance: "x")))
        #expect(one?.contains("=~") == false)
        #expect(queries.query(.fact(.closed), of: .pooltop, .instances)?.contains("job=~") == false)
    }

    @Test("A label of the target that is called as one of ours does not hide it")
    func exported() {
        func host(_ dialect: Dialect, _ labels: KeyValuePairs<String, String>) -> String? {
            dialect.host(of: labels.map { .init(name: $0.key, value: $0.value) })?.name
        }
        let own: KeyValuePairs = ["host": "node-7", "exported_host": "pay", "server_address": "pay.local"]
        #expect(host(.pooltop, own) == "pay" && host(.pooltop, ["host": "pay"]) == "pay")
        #expect(host(.dotnet, ["host": "node-7", "server_address": "a", "server_port": "80"]) == "a:80")
        #expect(Dialect.pooltop.hostLabels.contains("exported_host") && !Dialect.dotnet.hostLabels.contains("host"))
    }

    @Test("Nothing is asked that the names do not say")
    func names() throws {
        let names: Set = ["nodejs_undici_pool_connected", "nodejs_undici_pool_free"]
        #expect(
            Set(FleetMeasure.all(of: .undici, names: names))
                == [.fact(.open), .fact(.idle), .change(.open), .change(.idle), .hosts])
        #expect(FleetMeasure.all(of: .envoy, names: names) == [])
        #expect(try Self.queries(names).presence(of: .envoy) == nil)
        #expect(FleetMeasure.all(of: .dotnet, names: Self.everything).contains(.multiplexed))
        #expect(!FleetMeasure.all(of: .pooltop, names: Self.everything).contains(.change(.active)))
    }

    @Test("Every dialect has a question for what is open, and the table of names has all marks")
    func coverage() {
        for dialect in Dialect.allCases {
            let measures = FleetMeasure.all(of: dialect, names: Self.everything)
            #expect(measures.contains(.fact(.open)) || measures.contains(.fact(.active)), "\(dialect)")
            #expect(measures.contains(.hosts), "\(dialect)")
            #expect(Self.everything.isSuperset(of: dialect.marks))
            #expect(!dialect.labelsWithinProcess.contains("job"))
        }
        let own = FleetMeasure.all(of: .pooltop, names: Self.everything)
        for fact in [Fact.opened, .closed, .closedLocal, .closedRemote, .answered, .failed, .onNew, .onReused] {
            #expect(own.contains(.fact(fact)), "\(fact)")
        }
    }

    @Test("What asks for all names fits into a line of a request")
    func length() throws {
        let known = FleetQueries.known(try SeriesSelector(#"job="a""#))
        #expect(known.hasSuffix(#"",job="a"}"#) && known.hasPrefix(#"{__name__=~""#))
        #expect(known.utf8.count < 4000)
    }

    @Test("Prometheus takes every question of every dialect", .enabled(if: Promtool.path != nil, Promtool.reason))
    func promtool() async throws {
        let queries = try Self.queries(selector: #"zone=~"eu.*",a!='b'"#)
        var all: Set<String> = []
        for dialect in Dialect.allCases {
            for scope in Self.scopes {
                for measure in FleetMeasure.all(of: dialect, names: Self.everything) {
                    all.insert(try #require(queries.query(measure, of: dialect, scope)))
                }
            }
            all.insert(try #require(queries.presence(of: dialect)))
            all.insert(try #require(queries.pastPresence(of: dialect, seconds: 3600, stepSeconds: 30)))
            all.insert(try #require(queries.instances(of: dialect, by: "version")))
            all.insert(queries.samples(of: InstanceID(job: "a", instance: "b"), [dialect], seconds: 60))
            let id = InstanceID(job: "a", instance: "b")
            let scrapes = try #require(queries.scrapes(of: id, dialect, seconds: 600))
            // A rule must be a vector.
            all.insert("count_over_time(\(scrapes))")
        }
        all.insert(FleetQueries.known(queries.selector))
        try await Promtool.withFolder { folder in
            var yaml = "groups:\n  - name: fleet\n    rules:\n"
            for (index, expression) in all.sorted().enumerated() {
                yaml += "      - record: query:\(index)\n        expr: |-\n          \(expression)\n"
            }
            let file = folder.appendingPathComponent("queries.yml")
            try Data(yaml.utf8).write(to: file)
            let said = try await Promtool.run(["check", "rules", file.path])
            #expect(said.contains("SUCCESS: \(all.count) rules found"), "\(said)")
        }
        #expect(all.count > 300)
    }
}
