import PoolModel
import Wording

/// The words that may stand after a command's name, with what each stands for.
enum CommandWords {
    /// Words that are always the same; a dictionary literal keeps its order here.
    static func list(_ words: KeyValuePairs<String, String>) -> CommandRow.Words {
        let all = words.map { Completion(text: $0.key, help: $0.value) }
        return { _, _ in all }
    }

    static let onOff = list(["on": "", "off": ""])

    static let views: CommandRow.Words = { model, _ in
        model.views.map { Completion(text: $0.command, help: "\($0.key)") }
            + [Completion(text: "next"), Completion(text: "previous")]
    }

    static let settings: CommandRow.Words = { model, _ in
        model.configuration.settings.entries.map { entry in
            Completion(text: entry.name, help: model.settings.value(entry.name, host: nil).map { "now \($0)" } ?? "")
        }
    }

    static let settingValues: CommandRow.Words = { model, before in
        guard let name = before.first, let entry = model.configuration.settings[name] else { return [] }
        let now = model.settings.value(name, host: nil)
        let all = now.map { [$0] } ?? []
        return (all + entry.examples.filter { $0 != now }).map {
            Completion(text: $0, help: $0 == now ? "now" : "")
        }
    }

    static let hosts: CommandRow.Words = { model, _ in
        (model.live.snapshot?.hosts ?? []).map { Completion(text: $0.name) }
    }

    static let faults: CommandRow.Words = { _, _ in
        DownstreamFault.allCases.map { Completion(text: $0.command, help: $0.label) }
    }

    static let sorts: CommandRow.Words = { model, _ in
        HostSort.all.map { Completion(text: $0.command, help: $0 == model.sort ? "now" : "") }
            + [Completion(text: "next", help: "the column after this one"), Completion(text: "reverse")]
    }

    static let columns: CommandRow.Words = { _, before in
        let names = HostColumn.allCases.map(\.command).filter { !before.contains($0) }
        let sets = before.isEmpty ? ColumnSet.allCases.map { Completion(text: $0.command, help: "a set") } : []
        return sets + names.map { Completion(text: $0) }
    }

    static let motions: CommandRow.Words = { _, _ in
        (Motion.allCases.map(\.rawValue) + ["left", "right"]).map { Completion(text: $0) }
    }

    static let copyItems: CommandRow.Words = { _, _ in
        CopyItem.allCases.map { Completion(text: $0.command, help: $0.name) }
    }

    static let themes: CommandRow.Words = { model, _ in
        model.configuration.themes.map { Completion(text: $0, help: $0 == model.theme ? "now" : "") }
    }

    static let glyphs: CommandRow.Words = { model, _ in
        GlyphSet.allCases.map { Completion(text: $0.rawValue, help: $0 == model.glyphs ? "now" : "") }
    }

    static let windows: CommandRow.Words = { model, _ in
        Model.windows.map { Completion(text: "\($0)", help: $0 == model.windowMinutes ? "now" : "") }
            + [Completion(text: "wider"), Completion(text: "narrower")]
    }

    static let charts: CommandRow.Words = { model, _ in
        ChartCount.allCases.map { Completion(text: $0.command, help: $0 == model.charts ? "now" : "") }
    }

    static let largeCharts: CommandRow.Words = { _, _ in
        let names = ["HTTP and new TCP", "HTTP, TCP and DNS", "containers", "new connections by host"]
        return names.enumerated().map { Completion(text: "\($0.offset + 1)", help: $0.element) }
            + [Completion(text: "none")]
    }

    static let eventLines: CommandRow.Words = { model, _ in
        EventLines.allCases.map { Completion(text: $0.command, help: $0 == model.eventLines ? "now" : "") }
    }

    static let ownCPU: CommandRow.Words = { model, _ in
        let now = DurationWord.text(model.picture.capacity.ownCPUSecondsPerRequest)
        return [Completion(text: now, help: "now")]
            + ["0.2ms", "0.5ms", "2ms", "5ms"].filter { $0 != now }.map { Completion(text: $0) }
    }
}

extension DownstreamFault {
    /// `changeDNS` is `change-dns`.
    var command: String {
        switch self {
        case .dropIdle: "drop-idle"
        case .drain: "drain"
        case .refuse: "refuse"
        case .slowDown: "slow-down"
        case .changeDNS: "change-dns"
        case .heal: "heal"
        }
    }
}

extension ChartCount {
    var command: String {
        switch self {
        case .four: "four"
        case .two: "two"
        case .none: "none"
        }
    }
}

extension EventLines {
    var command: String {
        switch self {
        case .auto: "auto"
        case .many: "many"
        case .hidden: "none"
        }
    }
}

extension ColumnSet {
    var command: String {
        switch self {
        case .all: "default"
        case .pool: "pool"
        case .latency: "latency"
        case .churn: "churn"
        }
    }
}

/// A time as a person types it: `500us`, `0.5ms`, `2s`.
enum DurationWord {
    /// Nil where it is none.
    static func seconds(_ word: String) -> Double? {
        do throws(DurationNotation.Problem) {
            return try DurationNotation.parse(word).asSeconds
        } catch {
            return nil
        }
    }

    static func text(_ seconds: Double) -> String {
        let milliseconds = seconds * 1000
        let places = milliseconds < 1 ? 3 : milliseconds < 10 ? 2 : 0
        return trimmingZeros(Numbers.fixed(milliseconds, places)) + "ms"
    }

    /// For sentences: `0.5 ms`.
    static func spaced(_ seconds: Double) -> String { text(seconds).replacing("ms", with: " ms") }

    /// A plain decimal: no sign, no exponent, nothing that is not a number.
    static func number(_ word: String) -> Double? {
        let isPlain =
            !word.isEmpty && word.utf8.count <= 12 && word.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
        return isPlain ? Double(word) : nil
    }

    private static func trimmingZeros(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var part = text[...]
        while part.last == "0" { part = part.dropLast() }
        return String(part.last == "." ? part.dropLast() : part)
    }
}
