import Foundation
package import PlainDocuments
import PoolModel

/// Reads the lines of a recording after the first, which anybody may have written.
struct RecordingDecoder: Sendable {
    /// One line.
    package enum Line {
        /// `startsMeasuring`: what the summary counts from (the end of the warm-up).
        case snapshot(AgentSnapshot, startsMeasuring: Bool)
        /// The session ended in an orderly way. `measuredSeconds`: what rates of the summary are over, where that is not
        /// the time between its two snapshots.
        case end(measuredSeconds: Double?)
    }

    private var state = RecordedState()
    private(set) var budget: RecordingBudget
    private var uptimeSeconds = 0.0

    init(budget: RecordingBudget = RecordingBudget()) { self.budget = budget }

    /// - Parameters:
    ///   - line: what the line says.
    ///   - bytes: how long it was.
    /// - Returns: what the line brings.
    /// - Throws: why the line cannot follow those before it.
    mutating func read(_ line: JSONValue, bytes: Int) throws(TextProblem) -> Line {
        budget.bytes += bytes
        if line["end"] != nil {
            return .end(measuredSeconds: try JSONValueDecoder.decode(End.self, from: line).seconds)
        }
        guard let patch = line["patch"] else { throw TextProblem("neither a snapshot nor the end of a recording") }
        try budget.spend(work: try state.apply(patch))
        let hosts = state.hosts.count
        for member in line["latency"]?.members ?? [] {
            guard let host = Int(member.key), host >= 0, host < hosts else {
                throw TextProblem("'latency.\(member.key)' is of no host")
            }
            for phase in member.value.members { try add(phase, to: host) }
        }
        let (snapshot, work) = try state.snapshot()
        try budget.spend(work: work)
        guard snapshot.uptimeSeconds >= uptimeSeconds else {
            throw TextProblem("its uptime is less than that of the line before")
        }
        uptimeSeconds = snapshot.uptimeSeconds
        return .snapshot(snapshot, startsMeasuring: line["startsMeasuring"] == .bool(true))
    }

    private mutating func add(_ member: JSONValue.Member, to host: Int) throws(TextProblem) {
        // A newer program may have recorded durations that this one does not know.
        guard let phase = LatencySet.rows.first(where: { $0.name == member.key }) else { return }
        guard case .string(let text)? = member.value["counts"], let bytes = Data(base64Encoded: text),
            let runs = ZigZag.numbers(of: bytes), case .integer(let least)? = member.value["min"],
            case .integer(let most)? = member.value["max"], let sum = member.value["sum"]?.asDouble,
            let counts = BucketCounts(runs: runs),
            let grown = state.add(
                counts, edges: .init(minNanoseconds: Int64(least), maxNanoseconds: Int64(most), sumNanoseconds: sum),
                to: phase.histogram, of: host)
        else { throw TextProblem("'latency.\(host).\(member.key)' has no counts of durations") }
        // The screen keeps the response times of the last ten seconds, one after the other.
        try budget.keep(bytes: grown * (phase.name == "response" ? 13 : 1))
    }

    private struct End: Decodable {
        var measuredSeconds: Double?
        /// A time below zero is none.
        var seconds: Double? { measuredSeconds.flatMap { $0 >= 0 ? $0 : nil } }
    }
}

/// How much a recording may cost for its size, so that one that somebody has made for that purpose ends in an error.
///
/// Recordings of real sessions stay far below: a line of one has some hundred bytes for each host that anything happened
/// to. Reading is to take no more than a second for each megabyte, and fifty times the size in memory; for small files
/// some more of both.
package struct RecordingBudget: Sendable {
    /// Values that may be looked at, for each byte; a value takes some three tenths of a microsecond.
    static let workPerByte = 3
    var freeWork = 6_000_000
    /// Bytes kept in histograms, for each byte.
    static let memoryPerByte = 20
    var freeMemory = 256 << 20

    /// Read so far.
    package var bytes = 0
    package private(set) var work = 0
    package private(set) var memory = 0

    mutating func spend(work spent: Int) throws(TextProblem) {
        work += spent
        guard work <= freeWork + Self.workPerByte * bytes else {
            throw TextProblem("the recording is too much work for its size: many hosts or sockets in very many lines")
        }
    }

    package mutating func keep(bytes grown: Int) throws(TextProblem) {
        memory += grown
        guard memory <= freeMemory + Self.memoryPerByte * bytes else {
            throw TextProblem("the recording's durations need too much memory for its size")
        }
    }
}
