package import PoolModel
import Wording

/// The choices that a person made in the screen, kept from one run to the next. Nil: never chosen.
///
/// The text form is one `key = value` a line. A line that cannot be read is kept as it stands, so that a newer version's
/// line or a slip of the pen is not lost when the file is written again.
package struct Preferences: Sendable, Equatable {
    package var theme: String?
    package var glyphs: GlyphSet?
    package var windowMinutes: Int?
    package var mouse: Bool?
    package var capacity: CapacityModel?
    var charts: ChartCount?
    var eventLines: EventLines?
    var columns: ColumnChoice?
    var sort: SortPreference?
    /// `K` was pressed once: its hint has been of use.
    var knowsKeepAlive = false
    /// `o` was used once.
    var knowsOwnCPU = false
    /// Lines of the file that mean nothing here, comments among them.
    private var others: [String] = []

    package init() {}

    /// More than a person writes and than is worth reading.
    package static let longestText = 65536

    /// Reads a file. What is wrong with it is told line by line; the rest counts.
    package static func read(_ text: String) -> (preferences: Preferences, problems: [String]) {
        var preferences = Preferences()
        var problems: [String] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let content = line.trimmed
            if content.isEmpty || content == header { continue }
            if content.hasPrefix("#") {
                preferences.others.append(String(line))
                continue
            }
            do throws(CommandProblem) {
                try preferences.take(content)
            } catch {
                preferences.others.append(String(line))
                problems.append("line \(index + 1): \(error.text)")
            }
        }
        return (preferences, problems)
    }

    private static let header = "# pooltop writes this file when its screen closes."

    private mutating func take(_ line: String) throws(CommandProblem) {
        guard let equals = line.firstIndex(of: "=") else {
            throw CommandProblem("'\(visibleText(line, limit: 40))' is not KEY = VALUE")
        }
        let key = line[..<equals].trimmed
        let value = line[line.index(after: equals)...].trimmed
        guard let row = preferenceRows.first(where: { $0.key == key }) else {
            throw .unknown("preference", visibleText(key, limit: 40), among: preferenceRows.map(\.key))
        }
        try row.read(&self, visibleText(value))
    }

    /// The text of the file.
    package var text: String {
        let lines = preferenceRows.compactMap { row in row.write(self).map { "\(row.key) = \($0)" } }
        return ([Self.header] + lines + others).map { $0 + "\n" }.joined()
    }
}

/// An order of the table.
struct SortPreference: Sendable, Equatable {
    var sort: HostSort
    var isReversed: Bool
}

/// One line of the file: how it is read and written.
private struct PreferenceRow: Sendable {
    var key: String
    var read: @Sendable (inout Preferences, String) throws(CommandProblem) -> Void
    /// Nil: there is nothing to write.
    var write: @Sendable (Preferences) -> String?
}

private let preferenceRows: [PreferenceRow] = lookRows + chartRows + tableRows + hintRows

private let lookRows: [PreferenceRow] = [
    PreferenceRow(
        key: "theme",
        read: { (preferences, value) throws(CommandProblem) in
            guard UserTheme.isName(value) else { throw CommandProblem("theme: '\(value)' is not the name of a theme") }
            preferences.theme = value
        }, write: { $0.theme }),
    PreferenceRow(
        key: "glyphs",
        read: { (preferences, value) throws(CommandProblem) in
            preferences.glyphs = try CommandReader.choice("glyphs", value, GlyphSet.allCases) { $0.rawValue }
        }, write: { $0.glyphs?.rawValue }),
    PreferenceRow(
        key: "mouse",
        read: { (preferences, value) throws(CommandProblem) in
            preferences.mouse = try CommandReader.isOn("mouse", value)
        }, write: { $0.mouse.map { $0 ? "on" : "off" } }),
]

private let chartRows: [PreferenceRow] = [
    PreferenceRow(
        key: "window",
        read: { (preferences, value) throws(CommandProblem) in
            preferences.windowMinutes = try CommandReader.choice("window", value, Model.windows) { "\($0)" }
        }, write: { $0.windowMinutes.map { "\($0)" } }),
    PreferenceRow(
        key: "charts",
        read: { (preferences, value) throws(CommandProblem) in
            preferences.charts = try CommandReader.choice("number of charts", value, ChartCount.allCases) { $0.command }
        }, write: { $0.charts?.command }),
    PreferenceRow(
        key: "event-lines",
        read: { (preferences, value) throws(CommandProblem) in
            preferences.eventLines =
                try CommandReader.choice("number of event lines", value, EventLines.allCases) { $0.command }
        }, write: { $0.eventLines?.command }),
    PreferenceRow(
        key: "containers",
        read: { (preferences, value) throws(CommandProblem) in
            preferences.capacity = try CapacityText.read(value)
        }, write: { $0.capacity.map(CapacityText.text) }),
]

private let tableRows: [PreferenceRow] = [
    PreferenceRow(
        key: "columns",
        read: { (preferences, value) throws(CommandProblem) in
            preferences.columns = try ColumnChoice.read(value.split(separator: " ").map(String.init))
        }, write: { $0.columns?.text }),
    PreferenceRow(
        key: "sort",
        read: { (preferences, value) throws(CommandProblem) in
            let words = value.split(separator: " ").map(String.init)
            let sort = try CommandReader.choice("sort", words.first, HostSort.all) { $0.command }
            guard words.dropFirst().allSatisfy({ $0 == "reverse" }) else {
                throw CommandProblem("sort: only 'reverse' may follow the column")
            }
            preferences.sort = SortPreference(sort: sort, isReversed: words.count > 1)
        }, write: { $0.sort.map { $0.sort.command + ($0.isReversed ? " reverse" : "") } }),
]

private let hintRows: [PreferenceRow] = [
    PreferenceRow(
        key: "seen",
        read: { (preferences, value) throws(CommandProblem) in
            for word in value.split(separator: " ") {
                switch word {
                case "keep-alive": preferences.knowsKeepAlive = true
                case "own-cpu": preferences.knowsOwnCPU = true
                default: throw CommandProblem("seen: keep-alive or own-cpu, and not '\(word)'")
                }
            }
        },
        write: { preferences in
            let words =
                (preferences.knowsKeepAlive ? ["keep-alive"] : []) + (preferences.knowsOwnCPU ? ["own-cpu"] : [])
            return words.isEmpty ? nil : words.joined(separator: " ")
        })
]

/// `own-cpu 0.5ms cores 1 utilisation 60%`.
private enum CapacityText {
    static func text(_ capacity: CapacityModel) -> String {
        "own-cpu \(DurationWord.text(capacity.ownCPUSecondsPerRequest)) cores \(Numbers.fixed(capacity.cores, 2))"
            + " utilisation \(Numbers.fixed(capacity.utilisation * 100, 1))%"
    }

    /// The same words as after `:`.
    static func read(_ value: String) throws(CommandProblem) -> CapacityModel {
        let words = value.split(separator: " ").map(String.init)
        guard words.count.isMultiple(of: 2) else {
            throw CommandProblem("containers: own-cpu TIME cores N utilisation SHARE")
        }
        var model = Model()
        for place in stride(from: 0, to: words.count, by: 2) {
            guard ["own-cpu", "cores", "utilisation"].contains(words[place]),
                case .capacity(let capacity)? = try CommandReader.read(words[place] + " " + words[place + 1], model)
            else { throw CommandProblem("containers: own-cpu, cores or utilisation, and not '\(words[place])'") }
            model.live.setCapacity(capacity, windowSeconds: 60)
        }
        return model.live.capacity
    }
}
