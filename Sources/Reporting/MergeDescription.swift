package import PlainDocuments
package import PoolModel

/// The recordings that a merged one was made of, and what has to be known to judge their sum.
package struct MergeDescription: Sendable, Equatable, Codable {
    /// One of the recordings.
    package struct Part: Sendable, Equatable, Codable {
        /// Its name, as it was given.
        package var file: String
        /// The part of the load that it is of; nil: it says none.
        package var share: PlanShare?
        /// The program's version and command.
        package var version: String
        package var command: String
        /// Where measuring began by the clock of its machine, in seconds after the earliest of all.
        package var offsetSeconds: Double
        /// From there to its last snapshot.
        package var seconds: Double
        /// False: the program did not end normally, or still runs.
        package var isComplete: Bool

        package init(
            file: String, share: PlanShare?, version: String, command: String, offsetSeconds: Double, seconds: Double,
            isComplete: Bool
        ) {
            self.file = file
            self.share = share
            self.version = version
            self.command = command
            self.offsetSeconds = offsetSeconds
            self.seconds = seconds
            self.isComplete = isComplete
        }
    }

    package var parts: [Part]
    /// A sentence for each thing that makes the sum less than that of one run: what is missing, doubled or different.
    package var notes: [String]

    package init(parts: [Part], notes: [String]) {
        self.parts = parts
        self.notes = notes
    }

    /// `merge` in reports and recordings.
    package var document: JSONValue {
        let parts = parts.map { part in
            JSONValue.object([
                "file": .string(part.file), "share": part.share?.document ?? .null, "version": .string(part.version),
                "command": .string(part.command), "offsetSeconds": .number(part.offsetSeconds),
                "seconds": .number(part.seconds), "isComplete": .bool(part.isComplete),
            ])
        }
        return .object(["parts": .array(parts), "notes": .array(notes.map { .string($0) })])
    }

    /// The lines of a text report, at most this wide.
    func lines(width: Int) -> [String] {
        let most = 20
        var names = parts.prefix(most).map { part in
            let offset = part.offsetSeconds < 0.0005 ? "0s" : NumberFormat.duration(part.offsetSeconds)
            let share = part.share.map { "\($0.text) " } ?? ""
            return "\(PlainText.clean(part.file)) (\(share)from \(offset) for \(NumberFormat.duration(part.seconds)))"
        }
        if parts.count > most { names.append("and \(parts.count - most) more") }
        var lines = TextTable.wrapped(names, title: "merged  ", indent: "merged  ".count, width: width, separator: ", ")
        if parts.count > 1 { lines.append("        by the clocks of their machines, which may differ") }
        return lines
            + notes.flatMap { note in
                let words = PlainText.clean(note, limit: 1000).split(separator: " ").map(String.init)
                return TextTable.wrapped(
                    words, title: "note    ", indent: "note    ".count, width: width, separator: " ")
            }
    }
}
