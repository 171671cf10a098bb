/// The metrics of one runtime or proxy: its names, its labels, and what they mean.
package enum Dialect: String, Sendable, CaseIterable {
    /// Our own writer's.
    case pooltop
    /// `System.Net.Http` since .NET 8, through an OpenTelemetry exporter.
    case dotnet
    /// Apache HttpClient 4 and 5 through Micrometer.
    case httpComponents
    /// The client of Reactor Netty through Micrometer.
    case reactorNetty
    /// OkHttp through Micrometer.
    case okHttp
    /// undici of Node through promster.
    case undici
    case envoy
    case haproxy

    /// How the dialect names hosts.
    enum HostNaming: Sendable {
        /// Address, port and scheme in labels of the OpenTelemetry conventions, and a name in the first of these that is
        /// there.
        case conventions(names: [String])
        /// An origin in one label: `http://a:80`.
        case origin(String)
        /// `a:80` in one label.
        case authority(String)
        /// A name that is no address, of the first set of labels that are all there; the labels are joined by slashes.
        case name([[String]])
        /// No label tells hosts apart: there is one row of this name.
        case one(String)
    }

    /// How its figures were counted, for what is derived from them.
    package struct Traits: Sendable {
        /// False: connections may be HTTP/2, which carry several requests at once.
        package var isOneRequestPerConnection = true
        /// True: requests in flight include those in the queue.
        package var countsQueuedInFlight = false
        /// Opened is what was closed and what is open: no counter says it.
        package var opensAreClosesAndOpen = false
        /// Connects are counted when they begin, so what is opened is those that did not fail.
        package var opensAreAttempts = false
        /// False: a series is there from the start or not at all, so one that is missing is unknown and not zero.
        package var seriesBeginWithFirstCount = true
        /// Connects that failed are among the closed ones, too.
        package var closesIncludeFailedConnects = false
    }
}

extension Dialect {
    /// Its rows, but for `pooltop`, whose rows are the tables of counters.
    var rows: [DialectRow] {
        switch self {
        case .pooltop: []
        case .dotnet: Self.dotnetRows
        case .httpComponents: Self.httpComponentsRows
        case .reactorNetty: Self.reactorNettyRows
        case .okHttp: Self.okHttpRows
        case .undici: Self.undiciRows
        case .envoy: Self.envoyRows
        case .haproxy: Self.haproxyRows
        }
    }

    var naming: HostNaming {
        switch self {
        // Prometheus renames a label that the target has by its configuration, too.
        case .pooltop: .conventions(names: ["exported_host", "host"])
        case .dotnet: .conventions(names: [])
        case .httpComponents: .name([["httpclient"]])
        case .reactorNetty: .authority("remote_address")
        case .okHttp: .one("okhttp")
        case .undici: .origin("origin")
        case .envoy: .name([["envoy_cluster_name"], ["cluster_name"]])
        case .haproxy: .name([["proxy", "server"]])
        }
    }

    /// The labels that tell hosts apart.
    package var hostLabels: [String] {
        switch naming {
        case .conventions(let names): names + Self.conventionLabels
        case .origin(let label), .authority(let label): [label]
        case .name(let choices): choices.flatMap { $0 }
        case .one: []
        }
    }

    private static let conventionLabels = ["server_address", "server_port", "url_scheme"]

    package var traits: Traits {
        switch self {
        case .pooltop, .httpComponents, .undici: Traits()
        case .dotnet: Traits(countsQueuedInFlight: true, opensAreClosesAndOpen: true)
        case .reactorNetty: Traits()
        case .okHttp: Traits(isOneRequestPerConnection: false)
        case .envoy:
            Traits(isOneRequestPerConnection: false, opensAreAttempts: true, closesIncludeFailedConnects: true)
        case .haproxy: Traits(opensAreAttempts: true, seriesBeginWithFirstCount: false)
        }
    }

    /// Names that are enough to recognise it.
    package var marks: [String] {
        switch self {
        case .pooltop: ["pooltop_uptime_seconds", "http_client_pool_connections_opened_total"]
        case .dotnet: ["http_client_open_connections"]
        case .httpComponents: ["httpcomponents_httpclient_pool_total_connections"]
        case .reactorNetty: ["reactor_netty_connection_provider_active_connections"]
        case .okHttp: ["okhttp_pool_connection_count_connections", "okhttp_pool_connection_count"]
        case .undici: ["nodejs_undici_pool_connected", "nodejs_undici_pool_running"]
        case .envoy: ["envoy_cluster_upstream_cx_total", "envoy_cluster_upstream_cx_active"]
        case .haproxy: ["haproxy_server_used_connections_current", "haproxy_server_connection_attempts_total"]
        }
    }

    /// The dialects of a set of names of samples. Our own names include those of the conventions, which would be taken for
    /// .NET's.
    package static func recognised(in names: Set<String>) -> [Dialect] {
        let found = allCases.filter { $0.marks.contains { names.contains($0) } }
        return found.contains(.pooltop) ? found.filter { $0 != .dotnet } : found
    }

    /// The names of all samples that are of a process and in no dialect.
    package static var processSampleNames: [String] { ProcessFacts.sampleNames }

    /// The names of all samples that say something in this dialect, to ask a database for.
    package var sampleNames: [String] {
        DialectTable([self], []).names
    }
}
