import PlainDocuments
package import PoolModel
package import SessionConfig

/// A recording that was read from its beginning to its end, every line of which is known to be good.
///
/// Lines are kept as they are: as values an hour of them would be gigabytes. Each line says what changed since the one
/// before, so snapshots are had in order, from the first on or from a place that was kept.
package struct Recording: Sendable {
    /// More than this is refused; at the usual size of a line it is some hours.
    package static let mostBytes = 1 << 30

    /// A snapshot's line.
    package struct Line: Sendable {
        package var bytes: [UInt8]
        /// Seconds since the first snapshot.
        package var time: Double
    }

    package let header: RecordingHeader
    /// Never empty.
    package private(set) var lines: [Line] = []
    /// Which snapshot the summary counts from; the first where none is marked.
    private(set) var measuringFrom = 0
    /// What rates of the summary are over; nil: the time between its two snapshots.
    package private(set) var measuredSeconds: Double?
    /// Times of the changes that a person made, rising.
    private(set) var marks: [Double] = []
    /// False where the session did not end in an orderly way: it was killed, or it still goes on.
    package private(set) var isComplete = false

    /// Seconds from the first snapshot to the last.
    package var length: Double { lines.last?.time ?? 0 }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: its name.
    ///   - budget: how much it may cost.
    ///   - visit: shown every snapshot in order, and where to go on after it.
    /// - Throws: what is wrong with the file, with the number of the line.
    package init(
        path: String, budget: RecordingBudget = RecordingBudget(),
        visit: (AgentSnapshot, RecordingCursor) -> Void = { _, _ in }
    ) throws(CommandLineError) {
        var reader = try LineReader(path: path)
        guard let first = try reader.next() else { throw Self.problem(path, nil, "is empty, and no recording") }
        header = try Self.at(path, 1) { () throws(TextProblem) in
            let line: JSONValue
            do throws(TextProblem) { line = try JSONReader.value(of: first.bytes[...]) } catch {
                throw TextProblem("not a recording of pooltop: \(error.problem)")
            }
            return try RecordingHeader.parse(line)
        }
        var decoder = RecordingDecoder(budget: budget)
        var number = 1
        var size = first.bytes.count
        var start: Double?
        while let (bytes, isWhole) = try reader.next() {
            number += 1
            // What was being written when the session was killed.
            guard isWhole else { break }
            size += bytes.count
            guard size <= Self.mostBytes else {
                throw Self.problem(path, nil, "is larger than \(Self.mostBytes >> 30) GiB")
            }
            guard !isComplete else { throw Self.problem(path, number, "something follows the end of the recording") }
            let line = try Self.at(path, number) { () throws(TextProblem) in
                try decoder.read(try JSONReader.value(of: bytes[...]), bytes: bytes.count)
            }
            switch line {
            case .end(let seconds): (isComplete, measuredSeconds) = (true, seconds)
            case .snapshot(let snapshot, let startsMeasuring):
                let first = start ?? snapshot.uptimeSeconds
                start = first
                if startsMeasuring { measuringFrom = lines.count }
                let time = snapshot.uptimeSeconds - first
                for event in snapshot.events where event.level == .mark { note(event.uptimeSeconds - first) }
                lines.append(Line(bytes: bytes, time: time))
                visit(snapshot, RecordingCursor(index: lines.count, decoder: decoder))
            }
        }
        guard !lines.isEmpty else {
            throw Self.problem(path, nil, "has no snapshot: the session ended before the first")
        }
    }

    /// Marks that lie together are one place to go to.
    private mutating func note(_ mark: Double) {
        let isNew = marks.last.map { mark - $0 >= 0.5 } ?? true
        if isNew, mark >= 0, marks.count < 100_000 { marks.append(mark) }
    }

    /// The number of the last snapshot at a time, at least 0.
    package func index(at time: Double) -> Int {
        var low = 0
        var high = lines.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lines[middle].time <= time { low = middle } else { high = middle }
        }
        return low
    }

    private static func at<Value>(
        _ path: String, _ line: Int, _ read: () throws(TextProblem) -> Value
    ) throws(CommandLineError) -> Value {
        do throws(TextProblem) { return try read() } catch { throw problem(path, line, error.problem) }
    }

    private static func problem(_ path: String, _ line: Int?, _ text: String) -> CommandLineError {
        let place = line.map { "'\(path)', line \($0): " } ?? "'\(path)' "
        return CommandLineError(.cannotRun, place + text)
    }
}

/// Snapshots of a recording, one after the other.
package struct RecordingCursor: Sendable {
    /// Of the snapshot that comes next.
    package private(set) var index: Int
    private var decoder: RecordingDecoder

    /// What was read and what is kept of it.
    var budget: RecordingBudget { decoder.budget }

    /// At the beginning.
    package init() { self.init(index: 0, decoder: RecordingDecoder()) }

    fileprivate init(index: Int, decoder: RecordingDecoder) {
        self.index = index
        self.decoder = decoder
    }

    /// Nil after the last. What could be read once can be read again.
    package mutating func next(of recording: Recording) -> AgentSnapshot? {
        guard index < recording.lines.count else { return nil }
        do throws(TextProblem) {
            let bytes = recording.lines[index].bytes
            let line = try decoder.read(try JSONReader.value(of: bytes[...]), bytes: bytes.count)
            index += 1
            if case .snapshot(let snapshot, _) = line { return snapshot }
        } catch {
            assertionFailure("a line that was read: \(error.problem)")
        }
        return nil
    }
}
