import PlainDocuments
package import PoolModel
package import Reporting
package import SessionConfig

/// A recording that was completely read and validated.
///
/// Lines are kept as text, because an hour of them would take gigabytes as values. Each line contains only changes, so
/// snapshots can be decoded only in order, from the first one or from a checkpoint.
package struct Recording: Sendable {
    /// Longer recordings are refused; at the usual size of a line this is several hours.
    package static let mostBytes = 1 << 30

    /// The position of a snapshot's line.
    package struct Line: Sendable {
        package var bytes: [UInt8]
        /// Seconds since the first snapshot.
        package var time: Double
    }

    package private(set) var header: RecordingHeader
    /// Never empty.
    package private(set) var lines: [Line] = []
    /// The snapshot that the summary counts from; the first if none is marked.
    private(set) var measuringFrom = 0
    /// The time to use for the rates of the summary; nil for the time between its two snapshots.
    package private(set) var measuredSeconds: Double?
    /// The times of the user's changes, ascending.
    private(set) var marks: [Double] = []
    /// False if the session did not end normally, because it was killed or is still running.
    package var isComplete: Bool { !faults.endsEarly }
    package private(set) var faults = RecordingFaults()

    /// Seconds from the first snapshot to the last.
    package var length: Double { lines.last?.time ?? 0 }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: the file's name.
    ///   - budget: the limit on its cost.
    ///   - visit: called for every snapshot in order, with the cursor after it.
    /// - Throws: what is wrong with the file, with the line number.
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
        var expected = 1
        faults.endsEarly = true
        var size = first.bytes.count
        var start: Double?
        while let (bytes, isWhole) = try reader.next() {
            number += 1
            // The line that was being written when the session was killed.
            guard isWhole else { break }
            size += bytes.count
            guard size <= Self.mostBytes else {
                throw Self.problem(path, nil, "is larger than \(Self.mostBytes >> 30) GiB")
            }
            let value = try Self.at(path, number) { () throws(TextProblem) in try JSONReader.value(of: bytes[...]) }
            guard isNext(value, &expected) else { continue }
            guard !isComplete else { throw Self.problem(path, number, "something follows the end of the recording") }
            let line = try Self.at(path, number) { () throws(TextProblem) in
                try decoder.read(value, bytes: bytes.count)
            }
            switch line {
            case .end(let seconds): (faults.endsEarly, measuredSeconds) = (false, seconds)
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

    /// Puts together lines that were made in this program.
    init(header: RecordingHeader, lines: [Line], measuredSeconds: Double?, marks: [Double]) {
        self.header = header
        self.lines = lines
        self.measuredSeconds = measuredSeconds
        for mark in marks.sorted() { note(mark) }
    }

    /// Adds checks to those of the session.
    ///
    /// - Throws: which one names a host that is not in it.
    package mutating func add(_ checks: [Sourced<CheckExpression>]) throws(CommandLineError) {
        var cursor = RecordingCursor()
        var last: AgentSnapshot?
        if checks.contains(where: { $0.value.host != nil }) {
            while let snapshot = cursor.next(of: self) { last = snapshot }
        }
        let hosts = last?.hosts ?? []
        for check in checks {
            if let name = check.value.host, !hosts.contains(where: { $0.isNamed(name) }) {
                throw check.source.error(NearestName.problem(kind: "host", name: name, among: hosts.map(\.name)))
            }
            header.run.checks.append(RunDescription.Check(expression: check.value))
        }
    }

    /// Notes what is missing before a line. False: the line was there before. Recordings of earlier versions have no
    /// numbers.
    private mutating func isNext(_ line: JSONValue, _ expected: inout Int) -> Bool {
        guard case .integer(let number)? = line["number"] else { return true }
        guard number >= expected else {
            faults.doubledLines += 1
            return false
        }
        faults.missingLines += number - expected
        expected = number == .max ? number : number + 1
        return true
    }

    /// Marks that are close together count as one to jump to.
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

extension HostSnapshot {
    /// As a check names a host.
    fileprivate func isNamed(_ text: String) -> Bool {
        name == text || origin == text || origin.hasSuffix("://\(text)")
    }
}

/// Decodes the snapshots of a recording one after the other.
package struct RecordingCursor: Sendable {
    /// The index of the next snapshot.
    package private(set) var index: Int
    private var decoder: RecordingDecoder

    /// The number of bytes read and kept.
    var budget: RecordingBudget { decoder.budget }

    /// Starts at the beginning.
    package init() { self.init(index: 0, decoder: RecordingDecoder()) }

    fileprivate init(index: Int, decoder: RecordingDecoder) {
        self.index = index
        self.decoder = decoder
    }

    /// Nil after the last one. A line that was decoded once is known to be valid.
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
