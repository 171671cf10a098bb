import Dashboard
import PoolModel

@testable import PlainDocuments
@testable import Recordings
@testable import Reporting

/// One input of a fuzzer: lines of a recording that follow the first snapshot of a session, so that a few bytes suffice
/// to change it. Lines that are no JSON are read all the same: the reader is part of what is tested.
struct RecordingFuzzInput {
    private let lines: [[UInt8]]

    /// A decoder that has read the first snapshot.
    private static let base = Result {
        var encoder = RecordingEncoder()
        let line = try encoder.line(of: RecordedStory().snapshot(), startsMeasuring: true).utf8.dropLast()
        var decoder = RecordingDecoder()
        _ = try decoder.read(try JSONReader.value(of: Array(line)[...]), bytes: line.count)
        return decoder
    }

    init(_ input: some Collection<UInt8>) {
        let bytes = Array(input)
        lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 256).map { Array($0) }
    }

    /// The error found in the reader of recordings; nil if there is none. Invalid numbers trap by themselves.
    func complaint() -> String? {
        guard case .success(var decoder) = Self.base else { return "the first snapshot cannot be read" }
        var again = decoder
        var checkpoint = PlayerCheckpoint()
        var first: AgentSnapshot?
        for line in lines {
            do throws(TextProblem) {
                let value = try JSONReader.value(of: line[...])
                if let problem = Self.complaint(of: value) { return problem }
                if value["schema"] != nil {
                    _ = try RecordingHeader.parse(value)
                    continue
                }
                guard case .snapshot(let snapshot, _) = try decoder.read(value, bytes: line.count) else { continue }
                guard case .snapshot(let other, _) = try again.read(value, bytes: line.count),
                    other.hosts.count == snapshot.hosts.count, other.uptimeSeconds == snapshot.uptimeSeconds
                else { return "two readers of one recording differ" }
                checkpoint.take(snapshot)
                let start = first ?? snapshot
                first = start
                let document = SnapshotLine(previous: start, current: snapshot, events: snapshot.events).document
                if let problem = Self.complaint(of: document) { return problem }
            } catch {
                if error.problem.contains("\n") { return "an error of several lines: \(error.problem)" }
                return nil
            }
        }
        return nil
    }

    /// A written value is read back unchanged, and its text is plain.
    private static func complaint(of value: JSONValue) -> String? {
        let line = value.line
        guard line.unicodeScalars.allSatisfy({ !PlainText.isUnsafe($0) }) else { return "not plain: \(line)" }
        do throws(TextProblem) {
            let back = try JSONReader.value(of: Array(line.utf8)[...])
            return back.line == line ? nil : "read back as something else: \(line)"
        } catch {
            return "cannot be read back: \(error.problem): \(line)"
        }
    }
}
