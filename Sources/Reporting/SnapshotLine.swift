import PlainDocuments
import PoolModel
import SessionConfig
import Wording

/// One line of `ndjson`: what happened between two snapshots. Counts are those of the interval and nothing else; what
/// was open or in flight before it is not counted again.
struct SnapshotLine {
    static let schema = "pooltop.snapshot/1"
    /// More lines of events than a reader of one interval has a use for.
    static let mostEvents = 256

    var previous: AgentSnapshot
    var current: AgentSnapshot
    /// What happened in the interval, oldest first. Snapshots in between hand their events out only once, so `current`
    /// does not have them all.
    var events: [AgentNotice] = []
    var tlsWeakness = TLSWeakness()

    var document: JSONValue {
        let window = MetricsWindow(from: previous, to: current)
        let hosts = window.hosts.map { MetricsDocument.host($0, seconds: window.seconds, balanced: false) }
        let line: JSONValue = .object([
            "schema": .string(Self.schema), "time": .string(Timestamp.text(current.takenAt)),
            "uptimeSeconds": .number(current.uptimeSeconds), "intervalSeconds": .number(window.seconds),
            "keepAlive": .bool(window.keepAlive), "insecure": .bool(tlsWeakness.isInsecure),
            "oldTLS": .string(tlsWeakness.oldVersion),
            "totals": MetricsDocument.metrics(window.totals, seconds: window.seconds), "hosts": .array(hosts),
            "dns": MetricsDocument.dns(window),
            "process": MetricsDocument.process(window), "events": .array(events.map(event)),
        ])
        return .object(line.members + window.gapMembers)
    }

    private func event(_ notice: AgentNotice) -> JSONValue {
        let host = notice.hostID.flatMap { id in current.hosts.first { $0.id == id }?.name }
        return .object([
            "level": .string(notice.level.rawValue), "uptimeSeconds": .number(notice.uptimeSeconds),
            "host": .string(host), "label": .string(notice.label), "text": .string(notice.text),
        ])
    }
}
