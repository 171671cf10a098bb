import PlainDocuments

/// The lines that a recording lacks or has too much of, so that its report is not taken for that of the whole run.
package struct RecordingFaults: Sendable, Equatable {
    /// The session did not end normally: it was killed, is still running, or the file was cut.
    package var endsEarly = false
    /// Lines that are missing between two others. Counts are right from the next line on, durations are not.
    package var missingLines = 0
    /// Lines that were there before and were left out.
    package var doubledLines = 0

    package init() {}

    /// One sentence for each.
    package var sentences: [String] {
        var sentences: [String] = []
        if endsEarly { sentences.append("the recording ends early: what follows its last line is not known") }
        if missingLines > 0 {
            sentences.append(
                "\(Self.lines(missingLines)) missing from the recording: latencies and counts do not add up")
        }
        if doubledLines > 0 {
            sentences.append("\(Self.lines(doubledLines)) doubled in the recording: each was counted once")
        }
        return sentences
    }

    private static func lines(_ count: Int) -> String { count == 1 ? "1 line is" : "\(count) lines are" }

    /// `recording` in the reports; no member if nothing is wrong.
    var members: [JSONValue.Member] {
        guard self != RecordingFaults() else { return [] }
        let document = JSONValue.object([
            "endsEarly": .bool(endsEarly), "missingLines": .integer(missingLines),
            "doubledLines": .integer(doubledLines),
        ])
        return [.init(key: "recording", value: document)]
    }
}
