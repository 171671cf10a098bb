import FoundationEssentials
import PlainDocuments
import PoolModel

/// Encodes the lines of a recording; each contains the differences from the previous line.
struct RecordingEncoder {
    /// The maximum number of sockets listed per host, the oldest first.
    static let mostSockets = 64

    private var tree = JSONValue.object([])
    private var latency: [LatencySet] = []
    /// The number of the next line. A reader knows by it that a line is missing or was doubled.
    private var number = 1

    /// Encodes a snapshot that is later than those of the previous lines. `startsMeasuring`: the summary counts from
    /// this one. Throws only if a figure is not a number, which would be a bug.
    mutating func line(of snapshot: AgentSnapshot, startsMeasuring: Bool) throws -> String {
        let now = try RecordedTree.tree(of: snapshot, mostSockets: Self.mostSockets)
        var members = [JSONValue.Member(key: "number", value: .integer(number))]
        number += 1
        if startsMeasuring { members.append(.init(key: "startsMeasuring", value: .bool(true))) }
        members.append(.init(key: "patch", value: now.patch(from: tree) ?? .object([])))
        let gained = latency(of: snapshot)
        if !gained.isEmpty { members.append(.init(key: "latency", value: .object(gained))) }
        tree = now
        latency = snapshot.hosts.map(\.metrics.latency)
        return JSONValue.object(members).line + "\n"
    }

    /// The last line of a session that ended normally.
    func end(measuredSeconds: Double?) -> String { Self.end(number: number, measuredSeconds: measuredSeconds) }

    static func end(number: Int, measuredSeconds: Double?) -> String {
        JSONValue.object([
            "number": .integer(number), "end": .bool(true), "measuredSeconds": .number(measuredSeconds),
        ]).line + "\n"
    }

    /// The durations recorded since the previous line, by host and phase.
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
