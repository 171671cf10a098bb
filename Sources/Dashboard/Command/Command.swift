import PoolModel
import Wording

/// The outcome of a line that was typed after `:`.
enum Command: Sendable, Equatable {
    /// The same as the action's key.
    case action(Action)
    case set(name: String, value: String, host: Int?)
    case sort(HostSort, isReversed: Bool)
    case columns(ColumnChoice)
    case window(minutes: Int)
    case charts(ChartCount)
    case largeChart(Int?)
    case eventLines(EventLines)
    case glyphs(GlyphSet)
    case mouse(Bool)
    case theme(String)
    case filter(String)
    case inspect(host: Int)
    case keepAlive(Bool, host: Int?)
    case dnsCache(Bool)
    case load(percent: Int)
    case closeIdle(host: Int?)
    case fault(DownstreamFault, host: Int)
    case reset
    case capacity(CapacityModel)
    case copy(CopyItem)
}

/// Why a line is no command, and what to do about it.
struct CommandProblem: Error, Equatable {
    var text: String

    init(_ text: String) { self.text = text }

    /// `unknown view 'evnts'; did you mean 'events'?`, else what there is.
    static func unknown(_ kind: String, _ name: String, among names: [String]) -> CommandProblem {
        if let nearest = nearestWord(name, among: names) {
            return CommandProblem("unknown \(kind) '\(name)'; did you mean '\(nearest)'?")
        }
        let list = names.count <= 12 ? names.joined(separator: ", ") : "tab lists them"
        return CommandProblem("unknown \(kind) '\(name)': \(list)")
    }
}

extension Model {
    /// Carries out a command. A problem is for the person to mend; nothing was done then.
    mutating func perform(_ command: Command) throws(CommandProblem) -> [UIEffect] {
        switch command {
        case .action(let action): return try performByName(action)
        case .set(let name, let value, let host):
            try require(.control, "set")
            return try change(setting: name, to: value, host: host)
        case .sort(let sort, let isReversed): choose(sort, reversed: isReversed)
        case .columns(let choice): choose(choice)
        case .window(let minutes): return setWindow(minutes: minutes)
        case .charts(let count): choose(count)
        case .largeChart(let chart): largeChart = chart
        case .eventLines(let lines): choose(lines)
        case .glyphs(let set):
            if set != .ascii, configuration.isASCIIForced {
                throw CommandProblem("glyphs: this terminal is not UTF-8, so it gets ASCII")
            }
            choose(set)
        case .mouse(let isOn): return setMouse(isOn)
        case .theme(let name): return choose(theme: name)
        case .filter(let text):
            typedFilter = text
        case .inspect(let host):
            filter = ""
            selectedHost = host
            show(.inspect)
        case .keepAlive(let isOn, let host):
            try require(.control, "keep-alive")
            return [.agent(.setKeepAlive(isOn, host: host))]
        case .dnsCache(let isOn):
            try require(.control, "dns-cache")
            return [.agent(.setDNSCache(isOn))]
        case .load(let percent):
            try require(.load, "load")
            return [.agent(.changeLoad(factor: Double(percent) / 100))]
        case .closeIdle(let host):
            try require(.control, "close-idle")
            return [.agent(.closeIdle(host: host))]
        case .fault(let fault, let host):
            try require(.faults, "fault")
            return [.agent(.inject(fault, host: host))]
        case .reset:
            try require(.reset, "reset")
            return resetNow()
        case .capacity(let capacity): choose(capacity)
        case .copy(let item): return copy(item)
        }
        return []
    }

    private func require(_ need: KeyRow.Need, _ name: String) throws(CommandProblem) {
        if let reason = whyNot(need) { throw CommandProblem("\(name): not possible, \(reason)") }
    }

    /// As the key, but in every view.
    private mutating func performByName(_ action: Action) throws(CommandProblem) -> [UIEffect] {
        if let row = keyTable.first(where: { row in row.keys.contains { $0.action == action } }) {
            let isHere = row.place == .both || (row.place == .replay) == configuration.isReplay
            let reason =
                isHere
                ? row.disabledBecause(self)
                : configuration.isReplay ? "this is a recording; play pauses it" : "no recording is played"
            if let reason { throw CommandProblem("\(row.shown): not possible, \(reason)") }
        }
        return perform(action, key: .enter)
    }

    /// A setting of the agent gets a value, for all hosts or for one.
    mutating func change(setting name: String, to text: String, host: Int?) throws(CommandProblem) -> [UIEffect] {
        guard let entry = configuration.settings[name] else {
            let names = configuration.settings.entries.map(\.name)
            if names.isEmpty { throw CommandProblem("set: the settings of this source are not known here") }
            throw .unknown("setting", name, among: names)
        }
        if host != nil, !entry.isPerHost {
            throw CommandProblem("\(name) exists once for all hosts: leave @HOST out")
        }
        let wanted = text == "toggle" ? opposite(of: name, host: host) ?? text : text
        switch configuration.settings.check(name, wanted) {
        case .problem(let problem): throw CommandProblem(problem)
        case .value(let value):
            let before = present(name, host: host) ?? "?"
            say("\(name) \(before) ▸ \(value) for \(hostName(host))   u undoes it")
            return [.agent(.changeSetting(SettingChangeWish(name: name, from: before, to: value, host: host)))]
        }
    }

    /// The value in force. A switch may have been changed by others, such as `--at`: the newest figures know.
    private func present(_ name: String, host: Int?) -> String? {
        let known = settings.value(name, host: host)
        guard known == "on" || known == "off" else { return known }
        let seen: Bool?
        switch name {
        case "keepAlive": seen = host.map { live.host($0)?.keepAlive.value } ?? live.snapshot?.keepAlive.value
        case "dnsCache": seen = live.snapshot?.dnsCacheEnabled.value
        default: seen = nil
        }
        return seen.map { $0 ? "on" : "off" } ?? known
    }

    private func opposite(of name: String, host: Int?) -> String? {
        switch present(name, host: host) {
        case "on": "off"
        case "off": "on"
        default: nil
        }
    }

    /// For sentences.
    func hostName(_ host: Int?) -> String { host.map { live.host($0)?.name ?? "host \($0)" } ?? "all hosts" }
}
