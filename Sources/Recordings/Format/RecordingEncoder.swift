import Foundation
import PlainDocuments
import PoolModel

/// Makes the lines of a recording, each of which says what is different from the one before.
struct RecordingEncoder {
    /// How many sockets of one host are listed, the oldest first.
    static let mostSockets = 64

    private var tree = JSONValue.object([])
    private var latency: [LatencySet] = []

    /// The line of a snapshot that was taken after those of the lines before. `startsMeasuring`: it is the one that the
    /// summary counts from. Throws only where a figure is not a number, which is a bug of ours.
    mutating func line(of snapshot: AgentSnapshot, startsMeasuring: Bool) throws -> String {
        let now = try RecordedTree.tree(of: snapshot, mostSockets: Self.mostSockets)
        var members: [JSONValue.Member] = []
        if startsMeasuring { members.append(.init(key: "startsMeasuring", value: .bool(true))) }
        members.append(.init(key: "patch", value: now.patch(from: tree) ?? .object([])))
        let gained = latency(of: snapshot)
        if !gained.isEmpty { members.append(.init(key: "latency", value: .object(gained))) }
        tree = now
        latency = snapshot.hosts.map(\.metrics.latency)
        return JSONValue.object(members).line + "\n"
    }

    /// The last line of a session that ended in an orderly way.
    static func end(measuredSeconds: Double?) -> String {
        JSONValue.object(["end": .bool(true), "measuredSeconds": .number(measuredSeconds)]).line + "\n"
    }

    /// By host and phase, what was recorded since the line before.
    private func latency(of snapshot: AgentSnapshot) -> [JSONValue.Member] {
        snapshot.hosts.enumerated().compactMap { index, host in
            let before = latency.indices.contains(index) ? latency[index] : LatencySet()
            let phases = LatencySet.rows.compactMap { phase -> JSONValue.Member? in
                let histogram = host.metrics.latency[keyPath: phase.histogram]
                let counts = histogram.counts(since: before[keyPath: phase.histogram])
                guard !counts.isEmpty, let edges = histogram.edges else { return nil }
                let runs = Data(ZigZag.bytes(of: counts.runs)).base64EncodedString()
                let value = JSONValue.object([
                    "counts": .string(runs), "min": .integer(Int(edges.minNanoseconds)),
                    "max": .integer(Int(edges.maxNanoseconds)), "sum": .number(edges.sumNanoseconds),
                ])
                return .init(key: phase.name, value: value)
            }
            return phases.isEmpty ? nil : .init(key: "\(index)", value: .object(phases))
        }
    }
}
