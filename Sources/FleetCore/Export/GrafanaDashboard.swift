import MetricsText
package import PlainDocuments
import PoolModel

/// The dashboard for our own names, which `pooltop export grafana` prints.
package enum GrafanaDashboard {
    /// The last version of the classic format; older versions of Grafana show it too.
    static let schemaVersion = 42

    /// The file, ready for Grafana's import or its provisioning.
    package static var json: String { document.pretty + "\n" }

    package static var document: JSONValue {
        .object([
            "title": .string("HTTP connection pools"), "uid": .string("pooltop-pools"),
            "description": .string(
                "Connections, their reuse and their costs, per host. Made by pooltop \(ProductVersion.current)."),
            "tags": .array([.string("pooltop"), .string("http")]), "schemaVersion": .integer(schemaVersion),
            "version": .integer(1), "editable": .bool(true), "graphTooltip": .integer(1), "refresh": .string("30s"),
            "timezone": .string("browser"), "time": .object(["from": .string("now-1h"), "to": .string("now")]),
            "annotations": .object(["list": .array([])]), "links": .array([]),
            "templating": .object(["list": .array(variables)]),
            "panels": .array(panels.enumerated().map { $0.element.document(at: $0.offset) }),
        ])
    }

    static let datasource = JSONValue.object([
        "type": .string("prometheus"), "uid": .string("${datasource}"),
    ])

    // MARK: Variables

    private static var variables: [JSONValue] {
        let present = MetricsWriter.uptime.sample
        let opened = MetricsWriter.sample(of: HostMetrics.counter(\.connections.opened)).name
        return [
            .object([
                "name": .string("datasource"), "label": .string("Data source"), "type": .string("datasource"),
                "query": .string("prometheus"), "refresh": .integer(1), "hide": .integer(0), "multi": .bool(false),
                "includeAll": .bool(false), "regex": .string(""), "options": .array([]),
            ]),
            variable("job", "Job", of: present),
            variable("instance", "Instance", of: PromQL.selector(present, [chosen("job")])),
            variable(
                MetricsWriter.hostLabel, "Host", of: PromQL.selector(opened, [chosen("job"), chosen("instance")])),
        ]
    }

    /// A choice of the values of a label; at first all of them.
    private static func variable(_ label: String, _ title: String, of selector: String) -> JSONValue {
        let query = "label_values(\(selector), \(label))"
        return .object([
            "name": .string(label), "label": .string(title), "type": .string("query"), "datasource": datasource,
            "definition": .string(query),
            "query": .object(["query": .string(query), "refId": .string("PrometheusVariableQueryEditor-VariableQuery")]
            ),
            // Values are read again when the time range changes, and sorted by name.
            "refresh": .integer(2), "sort": .integer(1), "hide": .integer(0), "multi": .bool(true),
            "includeAll": .bool(true), "allValue": .string(".*"), "regex": .string(""), "options": .array([]),
            "current": .object(["text": .array([.string("All")]), "value": .array([.string("$__all")])]),
        ])
    }

    private static func chosen(_ label: String) -> LabelMatcher { LabelMatcher(label, .matches, "$\(label)") }

    // MARK: Panels

    /// Grafana makes it at least four scrapes long.
    private static let window = "$__rate_interval"
    private static let host = MetricsWriter.hostLabel
    private static let pools = PoolFormulas(
        matchers: [chosen("job"), chosen("instance"), chosen(host)], labels: [host], window: window)
    private static let all = PoolFormulas(matchers: pools.matchers, labels: [], window: window)
    private static let instances = PoolFormulas(
        matchers: [chosen("job"), chosen("instance")], labels: ["instance"], window: window)

    static let panels: [DashboardPanel] = [
        DashboardPanel(
            title: "New connections",
            description: """
                Connections established per second. With HTTP keep-alive it is near zero under a steady load.
                """,
            unit: .countsPerSecond,
            queries: [.init(expression: pools.rate(\.connections.opened), legend: legend(host))]),
        DashboardPanel(
            title: "Reuse ratio",
            description: "Requests on a connection that had carried one before, as a part of all requests.",
            unit: .ratio, queries: [.init(expression: pools.reuse, legend: legend(host))]),
        DashboardPanel(
            title: "Requests", description: "Requests per second that ended with a response or an error.",
            unit: .requestsPerSecond, queries: [.init(expression: pools.finished, legend: legend(host))]),
        DashboardPanel(
            title: "Open connections", description: "Open connections that carry a request, and those that are free.",
            unit: .count, isStacked: true,
            queries: [
                .init(expression: all.present(\.connections.active), legend: "active"),
                .init(expression: all.present(\.connections.idle), legend: "idle"),
            ]),
        DashboardPanel(
            title: "Queue",
            description: """
                Requests that wait for a connection. If it is not near zero, the pool is too small or the server too \
                slow.
                """,
            unit: .count, queries: [.init(expression: pools.present(\.requests.queued), legend: legend(host))]),
        DashboardPanel(
            title: "Response time",
            description: "Percentiles over all chosen hosts, from summed buckets. Time in the queue is a part of it.",
            unit: .seconds,
            queries: [0.5, 0.95, 0.99].map { quantile in
                .init(expression: all.quantile(quantile, \.response), legend: "p\(Int((quantile * 100).rounded()))")
            }),
        DashboardPanel(
            title: "Who closes",
            description: """
                Connections closed per second, by the side that closed them. A server that closes first can break a \
                request that is on its way.
                """,
            unit: .countsPerSecond, isStacked: true,
            queries: [
                .init(expression: all.closes(by: .server), legend: "server"),
                .init(expression: all.closes(by: .client), legend: "client"),
                .init(expression: all.closes(by: .unknown), legend: "unknown"),
            ]),
        DashboardPanel(
            title: "Closes by reason", description: "Connections closed per second, by reason.",
            unit: .countsPerSecond, isStacked: true,
            queries: [
                .init(expression: all.rate(ofSet: PoolFormulas.reasons), legend: legend(PoolFormulas.reasons.label))
            ]),
        DashboardPanel(
            title: "Errors by cause", description: "Failed requests per second, by cause.", unit: .requestsPerSecond,
            isStacked: true,
            queries: [
                .init(expression: all.rate(ofSet: PoolFormulas.errors), legend: legend(PoolFormulas.errors.label))
            ]),
        DashboardPanel(
            title: "DNS",
            description: """
                Lookups per second, and messages sent to DNS servers. Some resolvers drop what exceeds 1,024 per \
                second.
                """,
            unit: .countsPerSecond,
            queries: [
                .init(
                    expression: instances.rate(of: DNSCounts.row(\.lookups)), legend: "lookups \(legend("instance"))"),
                .init(
                    expression: instances.rate(of: DNSCounts.row(\.queries)), legend: "messages \(legend("instance"))"),
            ]),
    ]

    private static func legend(_ label: String) -> String { "{{\(label)}}" }
}

extension DNSCounts {
    /// The row of a count, which every count has.
    static func row(_ keyPath: any WritableKeyPath<DNSCounts, Int> & Sendable) -> Counter<DNSCounts> {
        guard let row = counters.first(where: { $0.keyPath == keyPath }) else {
            preconditionFailure("a count without a row in the table of counters: \(keyPath)")
        }
        return row
    }
}
