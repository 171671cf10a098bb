import PlainDocuments
import PoolModel
import SessionConfig
import Wording

/// One line of `ndjson`: the activity between two snapshots. It counts only what happened in the interval; connections
/// and requests from before it are not counted again.
struct SnapshotLine {
    static let schema = "pooltop.snapshot/1"
    /// The maximum number of events in a line.
    static let maxEvents = 256

    var previous: AgentSnapshot
    var current: AgentSnapshot
    /// The notices of the interval, oldest first. Earlier snapshots in the interval have handed out some of them, so
    /// `current` does not contain all.
    var events: [AgentNotice] = []
    var tlsWeakness = TLSWeakness()

    var document: JSONValue {
        let window = MetricsWindow(from: previous, to: current)
        let hosts = window.hosts.map { MetricsDocument.host($0, seconds: window.seconds, balanced: false) }
        let line: JSONValue = .object([
            "schema": .string(Self.schema), "time": .string(Timestamp.text(current.takenAt)),
            "uptimeSeconds": .number(current.uptimeSeconds), "intervalSeconds": .number(window.seconds),
            "keepAlive": window.totals.certainty[.limits] == .unknown ? .null : .bool(window.keepAlive),
            "insecure": .bool(tlsWeakness.isInsecure),
            "oldTLS": .string(tlsWeakness.oldVersion),
            "totals": MetricsDocument.metrics(window.totals, seconds: window.seconds), "hosts": .array(hosts),
            "dns": MetricsDocument.dns(window),
            "process": MetricsDocument.process(window), "events": .array(events.map(event)),
        ])
        let source = SourceWindow(from: previous, to: current)?.members(listsProcesses: false) ?? []
        return .object(line.members + source + window.gapMembers)
    }

    private func event(_ notice: AgentNotice) -> JSONValue {
        let host = notice.hostID.flatMap { id in current.hosts.first { $0.id == id }?.name }
        return .object([
            "level": .string(notice.level.rawValue), "uptimeSeconds": .number(notice.uptimeSeconds),
            "host": .string(host), "label": .string(notice.label), "text": .string(notice.text),
        ])
    }
}
