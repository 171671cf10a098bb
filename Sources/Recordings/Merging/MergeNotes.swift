import PlainDocuments
import PoolModel
import Reporting
import SessionConfig

/// The sentences about what several recordings lack, have twice or do not agree on.
struct MergeNotes {
    let parts: [MergedPart]
    /// More differences than a person reads are counted.
    private static let mostDifferences = 12

    var all: [String] { faults + shares + differences + overlap }

    // MARK: Files

    private var faults: [String] {
        parts.flatMap { part -> [String] in
            let faults = part.recording.faults
            var sentences: [String] = []
            if faults.endsEarly {
                let length = NumberFormat.duration(part.end - part.begin)
                sentences.append("\(part.file) ends early, after \(length): what followed is in no figure")
            }
            if faults.missingLines > 0 {
                sentences.append(
                    "\(part.file) lacks \(Self.lines(faults.missingLines)): latencies and counts do not add up")
            }
            if faults.doubledLines > 0 {
                sentences.append("\(part.file) has \(Self.lines(faults.doubledLines)) twice: each was counted once")
            }
            return sentences
        }
    }

    private static func lines(_ count: Int) -> String { count == 1 ? "1 line" : "\(count) lines" }

    // MARK: Shares

    /// The parts of a plan in one recording, which may be of several programs itself.
    private static func shares(of part: MergedPart) -> [PlanShare] {
        let run = part.recording.header.run
        return run.share.map { [$0] } ?? run.merge?.parts.compactMap(\.share) ?? []
    }

    private var shares: [String] {
        let named = parts.map { (file: $0.file, shares: Self.shares(of: $0)) }
        let whole = named.filter(\.shares.isEmpty).map(\.file)
        let all = named.flatMap { entry in entry.shares.map { (share: $0, file: entry.file) } }
        guard !all.isEmpty else { return [] }
        var sentences: [String] = []
        if !whole.isEmpty {
            sentences.append(
                "\(Self.list(whole)) \(whole.count == 1 ? "is" : "are") of a whole load, and no part of one")
        }
        let counts = Set(all.map(\.share.of)).sorted()
        if counts.count > 1 {
            sentences.append("the parts are not those of one plan: some are of \(Self.list(counts.map { "\($0)" }))")
        }
        for count in counts {
            let own = all.filter { $0.share.of == count }
            let missing = (1...count).filter { part in !own.contains { $0.share.part == part } }
            if !missing.isEmpty {
                let names = Self.list(missing.map { "\($0)/\(count)" })
                sentences.append("\(names) \(missing.count == 1 ? "is" : "are") missing: the load is not whole")
            }
            for part in 1...count {
                let files = own.filter { $0.share.part == part }.map(\.file)
                guard files.count > 1 else { continue }
                sentences.append("\(part)/\(count) is in \(Self.list(files)): it counts \(files.count) times")
            }
        }
        return sentences
    }

    // MARK: Differences

    private var differences: [String] {
        let headers = parts.map(\.recording.header)
        var sentences: [String] = []
        // Merged recordings are of the kind of their parts.
        let kinds = headers.map { $0.run.merge?.parts.first?.command ?? $0.command }
        note("kinds of recordings", kinds.map { "pooltop \($0)" }, &sentences)
        note("versions of pooltop", headers.map(\.version), &sentences)
        if Set(headers.map(\.run.settings.line)).count > 1 {
            let flat = headers.map { Self.flat($0.run.settings) }
            var paths: [String] = []
            var known: Set<String> = []
            for path in flat.flatMap({ $0.map(\.path) }) where known.insert(path).inserted { paths.append(path) }
            let values = flat.map { Dictionary($0.map { ($0.path, $0.value) }) { first, _ in first } }
            // Recordings of two kinds have settings of their own each.
            let isOneKind = Set(kinds).count == 1
            for path in paths where isOneKind || values.allSatisfy({ $0[path] != nil }) {
                note("settings", values.map { "\(path) \($0[path] ?? "unset")" }, &sentences)
            }
        }
        note("checks", headers.map { $0.run.checks.map(\.expression.text).joined(separator: ", ") }, &sentences)
        guard sentences.count > Self.mostDifferences else { return sentences }
        let more = sentences.count - Self.mostDifferences
        return sentences.prefix(Self.mostDifferences) + ["and \(more) more differences"]
    }

    /// A sentence with each value and the files that have it, unless all have the same.
    private func note(_ subject: String, _ values: [String], _ sentences: inout [String]) {
        var order: [String] = []
        var files: [String: [String]] = [:]
        for (part, value) in zip(parts, values) {
            if files[value] == nil { order.append(value) }
            files[value, default: []].append(part.file)
        }
        guard order.count > 1 else { return }
        let texts = order.map { value in
            "\(PlainText.cut(value.isEmpty ? "none" : value, to: 60)) in \(Self.list(files[value] ?? []))"
        }
        sentences.append("\(subject) differ: \(texts.joined(separator: "; "))")
    }

    /// The values of a document by their paths; lists as a whole.
    private static func flat(_ value: JSONValue, at path: String = "") -> [(path: String, value: String)] {
        guard case .object(let members) = value, !members.isEmpty else { return [(path, value.line)] }
        return members.flatMap { flat($0.value, at: path.isEmpty ? $0.key : "\(path).\($0.key)") }
    }

    // MARK: Times

    private var overlap: [String] {
        guard parts.count > 1 else { return [] }
        let byTime = parts.sorted { $0.begin < $1.begin }
        let isSequence = zip(byTime, byTime.dropFirst()).allSatisfy { $1.begin >= $0.end }
        if isSequence { return ["no two of the recordings overlap in time: rates are over all of it, pauses included"] }
        guard let late = byTime.last, let early = parts.min(by: { $0.end < $1.end }), late.begin >= early.end else {
            return []
        }
        return ["not all recordings overlap in time: \(early.file) had ended when \(late.file) began"]
    }

    /// `a, b and c`, or the first few and how many more.
    private static func list(_ names: [String]) -> String {
        let most = 6
        guard names.count > 1, let last = names.last else { return names.first ?? "" }
        guard names.count <= most else {
            return names.prefix(most).joined(separator: ", ") + " and \(names.count - most) more"
        }
        return names.dropLast().joined(separator: ", ") + " and \(last)"
    }
}
