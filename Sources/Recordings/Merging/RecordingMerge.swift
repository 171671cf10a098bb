import PlainDocuments
import PoolModel
import Reporting
package import SessionConfig

/// Makes one recording of several, as if one program had done what those did.
///
/// Times are put side by side by what the files say, which are the clocks of their machines. At each of the merged
/// snapshots, every part is as its latest snapshot until then says: counts, what is present, and distributions are added.
/// A part whose program has ended keeps its totals and has nothing present; the last snapshot of all has every part as it
/// ended, because the summary is made of it.
///
/// The files are held as text, with one snapshot of each; what is made of them is held as text, too.
package struct RecordingMerge {
    /// More recordings than a plan has parts are a slip of the pen.
    package static let mostFiles = PlanShare.most
    /// Marks of several programs that say the same within this time are one: a change that all of them had planned.
    private static let markDistance = 2.0

    private let sources: [MergedPart]
    private var parts: [MergedPart]
    private var hosts = MergedHosts()
    private var encoder = RecordingEncoder()
    private var decoder = RecordingDecoder()
    private var recentMarks: [AgentNotice] = []
    private var marks: [Double] = []
    private var lines: [Recording.Line] = []
    private var byteCount = 0

    /// Reads the files.
    package init(files: [String]) throws(CommandLineError) {
        var parts: [MergedPart] = []
        for file in files { parts.append(MergedPart(try Recording(path: file), file: file)) }
        sources = parts
        self.parts = parts
    }

    /// - Throws: why the sum cannot be had, such as counts beyond any that a program could have.
    package consuming func recording() throws(CommandLineError) -> Recording {
        let zero = parts.reduce(.infinity) { min($0, $1.startedAt) }
        let begin = parts.reduce(.infinity) { min($0, $1.begin) }
        try take(at: begin, zero: zero)
        var last = begin
        while let next = parts.compactMap(\.next).min() {
            for index in parts.indices { parts[index].advance(to: next) }
            let isLast = parts.allSatisfy { $0.next == nil }
            // A single one keeps its own snapshots.
            guard isLast || parts.count == 1 || SessionFiles.isDue(next - zero, after: last - zero) else { continue }
            try take(at: next, zero: zero, isLast: isLast)
            last = next
        }
        return Recording(
            header: header(), lines: lines, measuredSeconds: measuredSeconds(from: begin),
            marks: marks.map { $0 - (begin - zero) })
    }

    /// Adds the parts up and keeps the sum as a line.
    private mutating func take(at time: Double, zero: Double, isLast: Bool = false) throws(CommandLineError) {
        var states: [AgentSnapshot] = []
        var events: [AgentNotice] = []
        for index in parts.indices {
            var state = parts[index].state(at: time, zero: zero, isLast: isLast)
            hosts.renumber(&state)
            for event in state.events where isNew(event) { events.append(event) }
            state.events = []
            states.append(state)
        }
        guard var sum = AgentSnapshot.merged(programs: states) else { return }
        sum.sequence = lines.count + 1
        sum.takenAt = time
        sum.uptimeSeconds = time - zero
        sum.events = Array(events.sorted { $0.uptimeSeconds < $1.uptimeSeconds }.suffix(AgentSnapshot.eventLimit))
        try keep(sum)
    }

    private mutating func isNew(_ notice: AgentNotice) -> Bool {
        guard notice.level == .mark else { return true }
        let isKnown = recentMarks.contains { mark in
            mark.kind == notice.kind && mark.hostName == notice.hostName
                && abs(mark.uptimeSeconds - notice.uptimeSeconds) <= Self.markDistance
        }
        guard !isKnown else { return false }
        recentMarks = Array((recentMarks + [notice]).suffix(AgentSnapshot.eventLimit))
        marks.append(notice.uptimeSeconds)
        return true
    }

    private mutating func keep(_ sum: AgentSnapshot) throws(CommandLineError) {
        let line: String
        do { line = try encoder.line(of: sum, startsMeasuring: lines.isEmpty) } catch {
            throw CommandLineError(.cannotRun, "the recordings cannot be added up: \(error)")
        }
        let bytes = Array(line.utf8.dropLast())
        byteCount += bytes.count
        guard byteCount <= Recording.mostBytes else {
            throw CommandLineError(.cannotRun, "the sum is larger than \(Recording.mostBytes >> 30) GiB")
        }
        do throws(TextProblem) { _ = try decoder.read(try JSONReader.value(of: bytes[...]), bytes: bytes.count) } catch
        {
            throw CommandLineError(.cannotRun, "the recordings cannot be added up: \(error.problem)")
        }
        let first = lines.isEmpty ? sum.uptimeSeconds : firstUptime
        firstUptime = first
        lines.append(Recording.Line(bytes: bytes, time: sum.uptimeSeconds - first))
    }

    private var firstUptime = 0.0

    /// The time to use for rates: from the first part's measuring to the end of the last part's load, if any part says
    /// when that was.
    private func measuredSeconds(from begin: Double) -> Double? {
        guard sources.contains(where: { $0.recording.measuredSeconds != nil }) else { return nil }
        let ends = sources.map { $0.begin + ($0.recording.measuredSeconds ?? $0.end - $0.begin) }
        return ends.reduce(begin, max) - begin
    }

    private func header() -> RecordingHeader {
        let begin = sources.reduce(.infinity) { min($0, $1.begin) }
        let earliest = sources.min { $0.startedAt < $1.startedAt } ?? sources[0]
        var header = sources[0].recording.header
        header.version = ProductVersion.current
        header.startedAt = earliest.recording.header.startedAt
        header.command = "merge"
        let parts = sources.map { part in
            let header = part.recording.header
            return MergeDescription.Part(
                file: part.file, share: header.run.share, version: header.version, command: header.command,
                offsetSeconds: part.begin - begin, seconds: part.end - part.begin,
                isComplete: part.recording.isComplete)
        }
        header.run.merge = MergeDescription(parts: parts, notes: MergeNotes(parts: sources).all)
        header.run.share = nil
        return header
    }
}
