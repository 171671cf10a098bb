import PoolModel
import Wording

extension Action {
    /// The line that does the same after `:`.
    var command: String {
        switch self {
        case .help: "help"
        case .advice: "advice"
        case .quit: "quit"
        case .back: "back"
        case .inspect: "inspect"
        case .show(let view): "view " + view.command
        case .nextView: "view next"
        case .previousView: "view previous"
        case .move(let motion): "move " + motion.rawValue
        case .left: "move left"
        case .right: "move right"
        case .filter: "filter"
        case .sortNext: "sort next"
        case .sortReverse: "sort reverse"
        case .sortMenu: "sort"
        case .columns: "columns"
        case .names: "names"
        case .groups: "groups"
        case .pause: "pause"
        case .wider: "window wider"
        case .narrower: "window narrower"
        case .charts: "charts"
        case .largeChart: "chart"
        case .eventLines: "event-lines"
        case .glyphs: "glyphs"
        case .mouse: "mouse"
        case .save: "save"
        case .redraw: "redraw"
        case .suspend: "suspend"
        case .setup: "setup"
        case .command(let text): text.isEmpty ? "command" : text.trimmed
        case .copy: "copy"
        case .apply: "apply"
        case .undo: "undo"
        case .play(let act): act.command
        case .agent(let act): act.command
        }
    }
}

extension PlayerCommand {
    fileprivate var command: String {
        switch self {
        case .toggle: "play"
        case .seek(let seconds): "seek " + (seconds < 0 ? "-" : "+") + Numbers.fixed(abs(seconds), 0)
        case .start: "seek start"
        case .end: "seek end"
        case .slower: "speed slower"
        case .faster: "speed faster"
        case .nextMark: "mark next"
        case .previousMark: "mark previous"
        case .window(let seconds): "window \(seconds / 60)"
        }
    }
}

extension AgentKeyAction {
    fileprivate var command: String {
        switch self {
        case .command(let command): command.name
        case .keepAliveAll: "keep-alive"
        case .keepAliveHost: "keep-alive host"
        case .dnsCache: "dns-cache"
        case .closeIdle: "close-idle"
        case .fault: "fault"
        case .reset: "reset"
        }
    }
}

extension AgentCommand {
    /// Without the host, which follows as `@HOST`.
    fileprivate var name: String {
        switch self {
        case .setKeepAlive(let isOn, _): isOn ? "keep-alive on" : "keep-alive off"
        case .setDNSCache(let isOn): isOn ? "dns-cache on" : "dns-cache off"
        case .flushDNS: "dns-flush"
        case .changeLoad(let factor): "load \(Numbers.fixed(factor * 100, 0))%"
        case .closeIdle: "close-idle"
        case .inject(let fault, _): "fault " + fault.command
        case .changeSetting(let wish): "set \(wish.name) \(wish.to)"
        case .resetCounters: "reset"
        }
    }
}

extension View {
    var command: String { name.lowercased() }
}

extension HostSort {
    /// `NEW/s` is `new`, `as given` is `as-given`.
    var command: String { commandWord(name) }
}

extension HostColumn {
    /// `p99 ms` is `p99`, `CLOSED BY` is `closed-by`.
    var command: String { self == .bar ? "bar" : commandWord(row.title) }
}

/// A heading as a person types it: without its unit.
private func commandWord(_ heading: String) -> String {
    var word = heading.lowercased()
    for unit in ["/s", " ms"] where word.hasSuffix(unit) { word.removeLast(unit.count) }
    return word.replacing(" ", with: "-")
}

extension StringProtocol {
    /// Without blanks at its ends.
    var trimmed: String {
        var part = self[...]
        while part.first == " " { part = part.dropFirst() }
        while part.last == " " { part = part.dropLast() }
        return String(part)
    }
}
