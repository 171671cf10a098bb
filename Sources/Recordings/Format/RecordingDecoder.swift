import FoundationEssentials
package import PlainDocuments
import PoolModel

/// Decodes the lines of a recording after the first. They are untrusted input.
struct RecordingDecoder: Sendable {
    /// One line.
    package enum Line {
        /// `startsMeasuring`: the summary counts from this snapshot (the end of the warm-up).
        case snapshot(AgentSnapshot, startsMeasuring: Bool)
        /// The session ended normally. `measuredSeconds`: the time to use for the rates of the summary, if it is not
        /// the time between its two snapshots.
        case end(measuredSeconds: Double?)
    }

    private var state = RecordedState()
    private(set) var budget: RecordingBudget
    private var uptimeSeconds = 0.0

    init(budget: RecordingBudget = RecordingBudget()) { self.budget = budget }

    /// - Parameters:
    ///   - line: the contents of the line.
    ///   - bytes: its length.
    /// - Returns: the decoded line.
    /// - Throws: why the line is invalid after the previous ones.
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
        // A newer version may have recorded durations that this one does not know.
        guard let phase = LatencySet.rows.first(where: { $0.name == member.key }) else { return }
        guard case .string(let text)? = member.value["counts"], let bytes = Data(base64Encoded: text),
            let runs = ZigZag.numbers(of: bytes), case .integer(let least)? = member.value["min"],
            case .integer(let most)? = member.value["max"], let sum = member.value["sum"]?.asDouble,
            let counts = BucketCounts(runs: runs),
            let grown = state.add(
                counts, edges: .init(minNanoseconds: Int64(least), maxNanoseconds: Int64(most), sumNanoseconds: sum),
                to: phase.histogram, of: host)
        else { throw TextProblem("'latency.\(host).\(member.key)' has no counts of durations") }
        // The screen keeps a copy of the response times for each of the last ten seconds.
        try budget.keep(bytes: grown * (phase.name == "response" ? 13 : 1))
    }

    private struct End: Decodable {
        var measuredSeconds: Double?
        /// A negative time counts as none.
        var seconds: Double? { measuredSeconds.flatMap { $0 >= 0 ? $0 : nil } }
    }
}

/// Limits the cost of a recording in relation to its size, so that a maliciously crafted one ends in an error.
///
/// Real recordings stay far below the limits: a line has some hundred bytes for each host that changed. Reading should
/// take at most a second per megabyte, and fifty times the size in memory; small files are allowed somewhat more of
/// both.
/// some more of both.
package struct RecordingBudget: Sendable {
    /// The number of values that may be visited per byte; a value takes about three tenths of a microsecond.
    static let workPerByte = 3
    var freeWork = 6_000_000
    /// The number of bytes in histograms that may be kept per byte.
    static let memoryPerByte = 20
    var freeMemory = 256 << 20

    /// The number of bytes read so far.
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
