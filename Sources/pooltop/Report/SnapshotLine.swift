import AgentCore

/// One line of `ndjson`: what happened between two snapshots. Counts are those of the interval and nothing else; what
/// was open or in flight before it is not counted again.
enum SnapshotLine {
    static let schema = "pooltop.snapshot/1"

    static func document(from previous: AgentSnapshot, to current: AgentSnapshot) -> JSONValue {
        let window = MetricsWindow(from: previous, to: current)
        let hosts = window.hosts.map { JSONValue.object(MetricsDocument.host($0, seconds: window.seconds)) }
        return .object([
            "schema": .string(schema), "time": .string(Timestamp.text(current.takenAt)),
            "uptimeSeconds": .number(current.uptimeSeconds), "intervalSeconds": .number(window.seconds),
            "totals": MetricsDocument.metrics(window.totals, seconds: window.seconds), "hosts": .array(hosts),
            "dns": MetricsDocument.dns(window.dns, cacheEnabled: window.dnsCacheEnabled),
            "process": MetricsDocument.process(window),
        ])
    }
}
