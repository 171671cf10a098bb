import AgentCore
import Foundation

/// Reads the lines of a recording after the first, which anybody may have written.
struct RecordingDecoder {
    /// One line.
    enum Line {
        /// `startsMeasuring`: what the summary counts from (the end of the warm-up).
        case snapshot(AgentSnapshot, startsMeasuring: Bool)
        /// The session ended in an orderly way. `measuredSeconds`: what rates of the summary are over, where that is not
        /// the time between its two snapshots.
        case end(measuredSeconds: Double?)
    }

    private var tree = JSONValue.object([])
    private var latency: [LatencySet] = []
    private var uptimeSeconds = 0.0

    /// - Throws: why the line cannot follow those before it.
    mutating func read(_ line: JSONValue) throws(TextProblem) -> Line {
        if line["end"] != nil {
            return .end(measuredSeconds: try JSONValueDecoder.decode(End.self, from: line).seconds)
        }
        guard let patch = line["patch"] else { throw TextProblem("neither a snapshot nor the end of a recording") }
        tree = tree.patched(with: patch)
        var snapshot = try RecordedTree.snapshot(of: tree)
        guard snapshot.uptimeSeconds >= uptimeSeconds else {
            throw TextProblem("its uptime is less than that of the line before")
        }
        uptimeSeconds = snapshot.uptimeSeconds
        while latency.count < snapshot.hosts.count { latency.append(LatencySet()) }
        for member in line["latency"]?.members ?? [] {
            guard let host = Int(member.key), snapshot.hosts.indices.contains(host) else {
                throw TextProblem("'latency.\(member.key)' is of no host")
            }
            for phase in member.value.members { try add(phase, to: host) }
        }
        for index in snapshot.hosts.indices { snapshot.hosts[index].metrics.latency = latency[index] }
        return .snapshot(snapshot, startsMeasuring: line["startsMeasuring"] == .bool(true))
    }

    private mutating func add(_ member: JSONValue.Member, to host: Int) throws(TextProblem) {
        guard let phase = LatencyPhase.all.first(where: { $0.name == member.key }) else {
            throw TextProblem("'latency.\(host).\(member.key)' is no phase of a request")
        }
        guard case .string(let text)? = member.value["counts"], let bytes = Data(base64Encoded: text),
            let runs = ZigZag.numbers(of: bytes), case .integer(let least)? = member.value["min"],
            case .integer(let most)? = member.value["max"], let sum = member.value["sum"]?.asDouble,
            let counts = BucketCounts(runs: runs),
            latency[host][keyPath: phase.histogram].add(
                counts, edges: .init(minNanoseconds: Int64(least), maxNanoseconds: Int64(most), sumNanoseconds: sum))
        else { throw TextProblem("'latency.\(host).\(member.key)' has no counts of durations") }
    }

    private struct End: Decodable {
        var measuredSeconds: Double?
        /// A time below zero is none.
        var seconds: Double? { measuredSeconds.flatMap { $0 >= 0 ? $0 : nil } }
    }
}
