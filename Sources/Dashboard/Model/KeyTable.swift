import PoolModel
import Wording

/// The action of a key. Related actions are nested in a case of their own, so that every switch over them is exhaustive.
enum Action: Hashable, Sendable {
    case help, advice, quit, back, inspect, show(View), nextView, previousView
    case move(Motion), left, right
    case filter, sortNext, sortReverse, sortMenu, columns
    case names, groups
    case pause, wider, narrower, charts, largeChart, eventLines, glyphs, mouse, save, redraw, suspend
    case setup, copy, apply, undo
    /// Opens the line after `:` with this in it.
    case command(String)
    case play(PlayerCommand)
    case agent(AgentKeyAction)
}

/// A movement of the selection or of a list.
enum Motion: String, CaseIterable, Hashable, Sendable {
    case up, down
    case pageUp = "page-up"
    case pageDown = "page-down"
    case first, last
}

/// One row of the help screen: the keys, their action, where they work, and why they may be disabled.
struct KeyRow: Sendable {
    enum Group: String, CaseIterable, Sendable {
        case views = "Views", move = "Move", table = "Table",
            replay = "Replay", agent = "Agent", screen = "Screen"
    }
    /// The capability that the engine must have.
    enum Need: Sendable { case control, load, faults, suspend, reset }
    /// The sources for which the keys have this meaning: a live one, a recording, or both; a watch of either kind, or a live
    /// one; a fleet.
    enum Place: Sendable { case live, replay, both, processes, liveWatch, fleet }

    let shown: String
    let label: String
    let group: Group
    let keys: [(key: Key, action: Action)]
    var views: Set<View> = Set(View.allCases)
    var need: Need?
    var place = Place.both
    /// The text for the key in the bottom line, by view, and its rank there: the lowest rank is shown longest.
    var hint: String?
    var hintViews: Set<View> = []
    var hintRank = 50

    /// Nil if the keys are enabled, otherwise the reason why not.
    func disabledBecause(_ model: Model) -> String? {
        neverBecause(model) ?? keys.first.flatMap { model.whyNotNow($0.action) }
    }

    /// The same for reasons that stay: help says those in place of what the keys do.
    func neverBecause(_ model: Model) -> String? {
        if let reason = need.flatMap({ model.whyNot($0) }) { return reason }
        if keys.contains(where: { $0.action == .copy }), let reason = model.configuration.clipboardOff { return reason }
        if model.isOfOtherProcess, keys.contains(where: { $0.action == .command("own-cpu ") }) {
            return "the CPU is measured, all of it"
        }
        if keys.contains(where: { $0.action == .glyphs }), model.configuration.isASCIIForced {
            return "this terminal is not UTF-8"
        }
        return nil
    }
}

extension Model {
    /// Nil where the source of the figures can do it.
    func whyNot(_ need: KeyRow.Need) -> String? {
        let can = configuration.capabilities
        switch need {
        case .control: return can.control
        case .load: return can.load ?? (live.snapshot.map { $0.load == nil } == true ? "no generator runs" : nil)
        case .faults: return can.faults
        case .suspend: return can.suspend
        case .reset: return can.reset
        }
    }
}

private func character(_ scalar: Unicode.Scalar, _ action: Action) -> (key: Key, action: Action) {
    (.character(scalar), action)
}

private func load(_ scalar: Unicode.Scalar, percent: Int) -> (key: Key, action: Action) {
    character(scalar, .agent(.command(.changeLoad(factor: Double(percent) / 100))))
}

private func character(_ key: ChangeKey, _ act: AgentKeyAction) -> (key: Key, action: Action) {
    (.character(key.rawValue), .agent(act))
}

/// All keys. The help, the bottom line and the README are generated from this table.
let keyTable: [KeyRow] = viewKeys + moveKeys + tableKeys + replayKeys + agentKeys + screenKeys

private let viewKeys: [KeyRow] = [
    KeyRow(
        shown: "1 2 3 4", label: "go to a view", group: .views,
        keys: [
            character("1", .show(.overview)), character("2", .show(.inspect)), character("3", .show(.events)),
            character("4", .show(.generator)),
        ]),
    KeyRow(
        shown: "0", label: "the processes", group: .views, keys: [character("0", .show(.processes))], place: .processes),
    KeyRow(shown: "0", label: "the fleet", group: .views, keys: [character("0", .show(.fleet))], place: .fleet),
    KeyRow(
        shown: "v", label: "instances, or groups by the label of --by", group: .table,
        keys: [character("v", .groups)], views: [.fleet], place: .fleet, hint: "groups", hintViews: [.fleet],
        hintRank: 9),
    KeyRow(
        shown: "n", label: "hosts by name or by address", group: .table, keys: [character("n", .names)],
        place: .liveWatch),
    KeyRow(
        shown: "tab shift-tab", label: "next, previous view", group: .views,
        keys: [(.tab, .nextView), (.shiftTab, .previousView)], hint: "view", hintViews: [.events, .generator],
        hintRank: 40),
    KeyRow(
        shown: "enter", label: "inspect the host", group: .views, keys: [(.enter, .inspect)],
        views: [.overview, .events, .generator], hint: "inspect", hintViews: [.overview, .events, .generator],
        hintRank: 2),
    KeyRow(
        shown: "enter", label: "watch the process", group: .views, keys: [(.enter, .inspect)],
        views: [.processes], place: .processes, hint: "watch", hintViews: [.processes], hintRank: 0),
    KeyRow(
        shown: "enter", label: "open the instance", group: .views, keys: [(.enter, .inspect)], views: [.fleet],
        place: .fleet, hint: "open", hintViews: [.fleet], hintRank: 0),
    KeyRow(
        shown: "esc backspace", label: "back, clear filter", group: .views,
        keys: [(.escape, .back), (.backspace, .back)]),
    KeyRow(
        shown: "? h F1", label: "help for this view", group: .views,
        keys: [character("?", .help), character("h", .help), (.function(1), .help)]),
    KeyRow(
        shown: ":", label: "command line", group: .views, keys: [character(":", .command(""))]),
    KeyRow(shown: "F2", label: "setup, which is kept", group: .views, keys: [(.function(2), .setup)]),
    KeyRow(
        shown: "q ^C F10", label: "quit at once", group: .views,
        keys: [character("q", .quit), (.ctrl("c"), .quit), (.function(10), .quit)]),
]

private let moveKeys: [KeyRow] = [
    KeyRow(
        shown: "up down j k", label: "select, scroll", group: .move,
        keys: [
            (.up, .move(.up)), (.down, .move(.down)), character("j", .move(.down)), character("k", .move(.up)),
        ],
        hint: "scroll", hintViews: [.inspect, .events], hintRank: 20),
    KeyRow(
        shown: "pgup pgdn", label: "a page", group: .move,
        keys: [(.pageUp, .move(.pageUp)), (.pageDown, .move(.pageDown))]),
    KeyRow(
        shown: "g G home end", label: "first, last", group: .move,
        keys: [
            character("g", .move(.first)), character("G", .move(.last)), (.home, .move(.first)), (.end, .move(.last)),
        ]),
    KeyRow(
        shown: "left right", label: "previous, next host", group: .move,
        keys: [(.left, .left), (.right, .right)], views: [.inspect], hint: "host", hintViews: [.inspect], hintRank: 1),
]

private let tableKeys: [KeyRow] = [
    KeyRow(
        shown: "/", label: "filter as you type", group: .table, keys: [character("/", .filter)], hint: "filter",
        hintViews: [.fleet, .processes, .overview, .events], hintRank: 10),
    KeyRow(
        shown: "left right", label: "sort column", group: .table,
        keys: [(.left, .left), (.right, .right)], views: [.fleet, .processes, .overview]),
    KeyRow(
        shown: "s S", label: "sort column, reverse", group: .table,
        keys: [character("s", .sortNext), character("S", .sortReverse)],
        views: [.fleet, .processes, .overview, .inspect],
        hint: "sort", hintViews: [.fleet, .processes, .overview, .inspect], hintRank: 11),
    KeyRow(
        shown: "F6", label: "sort from a menu", group: .table, keys: [(.function(6), .sortMenu)],
        views: [.overview]),
    KeyRow(
        shown: "C", label: "choose the columns", group: .table, keys: [character("C", .columns)],
        views: [.overview]),
    KeyRow(
        shown: "y", label: "copy row or settings", group: .table, keys: [character("y", .copy)]),
    KeyRow(
        shown: "i", label: "advice", group: .table, keys: [character("i", .advice)], hint: "advice",
        hintViews: [.processes, .overview, .inspect], hintRank: 12),
]

/// The keys of a player. `,` and `.` also step in mpv and asciinema, `<` and `>` change the speed in video players, and
/// `n` and `N` jump between matches in less.
private let replayKeys: [KeyRow] = [
    KeyRow(
        shown: "space", label: "play, pause", group: .replay, keys: [character(" ", .play(.toggle))], place: .replay,
        hint: "play, pause", hintViews: Set(View.allCases), hintRank: 0),
    KeyRow(
        shown: ", .", label: "10 s back, forward", group: .replay,
        keys: [
            character(",", .play(.seek(seconds: -Playback.step))), character(".", .play(.seek(seconds: Playback.step))),
        ],
        place: .replay, hint: "10 s", hintViews: Set(View.allCases), hintRank: 1),
    KeyRow(
        shown: "n N", label: "next, previous mark", group: .replay,
        keys: [character("n", .play(.nextMark)), character("N", .play(.previousMark))], place: .replay, hint: "mark",
        hintViews: Set(View.allCases), hintRank: 2),
    KeyRow(
        shown: "< >", label: "half, double the speed", group: .replay,
        keys: [character("<", .play(.slower)), character(">", .play(.faster))], place: .replay, hint: "speed",
        hintViews: Set(View.allCases), hintRank: 3),
    KeyRow(
        shown: "^ $", label: "beginning, end", group: .replay,
        keys: [character("^", .play(.start)), character("$", .play(.end))], place: .replay, hint: "ends",
        hintViews: Set(View.allCases), hintRank: 8),
]

private let agentKeys: [KeyRow] = [
    KeyRow(
        shown: "K", label: "HTTP keep-alive, all hosts", group: .agent, keys: [character(.keepAliveAll, .keepAliveAll)],
        need: .control, hint: "keep-alive all", hintViews: [.overview, .events, .generator], hintRank: 0),
    KeyRow(
        shown: "t", label: "HTTP keep-alive, this host", group: .agent,
        keys: [character(.keepAliveHost, .keepAliveHost)],
        views: [.overview, .inspect], need: .control, hint: "this host", hintViews: [.overview, .inspect],
        hintRank: 3),
    KeyRow(
        shown: "d D", label: "DNS cache on or off, flush it", group: .agent,
        keys: [character(.dnsCache, .dnsCache), character(.dnsFlush, .command(.flushDNS))], need: .control, hint: "DNS",
        hintViews: [.overview], hintRank: 13),
    KeyRow(
        shown: "[ ]", label: "load 10% down, up", group: .agent,
        keys: [load("[", percent: 90), load("]", percent: 110)], need: .load,
        hint: "load", hintViews: [.generator], hintRank: 4),
    KeyRow(
        shown: "{ }", label: "half, double the load", group: .agent,
        keys: [load("{", percent: 50), load("}", percent: 200)], need: .load,
        hint: "half, double", hintViews: [.generator], hintRank: 5),
    KeyRow(
        shown: "x", label: "close idle sockets (asks)", group: .agent, keys: [character(.closeIdle, .closeIdle)],
        views: [.overview, .inspect], need: .control, hint: "close idle", hintViews: [.inspect], hintRank: 6),
    KeyRow(
        shown: "f", label: "fault in a bundled downstream", group: .agent, keys: [character(.fault, .fault)],
        views: [.overview, .inspect, .generator], need: .faults, hint: "fault", hintViews: [.inspect, .generator],
        hintRank: 7),
    KeyRow(
        shown: "a", label: "apply an advice", group: .agent, keys: [character("a", .apply)],
        views: [.overview, .inspect], need: .control, hint: "apply", hintViews: [.overview, .inspect],
        hintRank: 12),
    KeyRow(
        shown: "u", label: "undo the last change", group: .agent, keys: [character("u", .undo)], hint: "undo",
        hintViews: Set(View.allCases), hintRank: 8),
    KeyRow(
        shown: "R R", label: "reset totals", group: .agent, keys: [character(.reset, .reset)], need: .reset),
]

private let screenKeys: [KeyRow] = [
    KeyRow(
        shown: "space", label: "pause the picture only", group: .screen, keys: [character(" ", .pause)], place: .live,
        hint: "pause", hintViews: Set(View.allCases), hintRank: 14),
    KeyRow(
        shown: "+ -", label: "window of 1, 5, 15, 60 min", group: .screen,
        keys: [character("+", .wider), character("=", .wider), character("-", .narrower)], hint: "zoom",
        hintViews: [.fleet, .processes, .overview, .inspect], hintRank: 15),
    KeyRow(
        shown: "c e", label: "fewer charts, one large", group: .screen,
        keys: [character("c", .charts), character("e", .largeChart)], views: [.overview]),
    KeyRow(
        shown: "c", label: "fewer charts", group: .screen, keys: [character("c", .charts)], views: [.fleet],
        place: .fleet),
    KeyRow(
        shown: "l", label: "event lines: some, many, none", group: .screen, keys: [character("l", .eventLines)],
        views: [.fleet, .overview, .inspect]),
    KeyRow(
        shown: "o", label: "own CPU, for the containers", group: .screen,
        keys: [character("o", .command("own-cpu "))], views: [.overview]),
    KeyRow(
        shown: "b", label: "glyphs: braille, block, ASCII", group: .screen, keys: [character("b", .glyphs)]),
    KeyRow(
        shown: "m", label: "mouse on/off (off: select text)", group: .screen, keys: [character("m", .mouse)]),
    KeyRow(
        shown: "w", label: "save the screen, text and JSON", group: .screen, keys: [character("w", .save)],
        hint: "save", hintViews: [.inspect, .events], hintRank: 16),
    KeyRow(
        shown: "^L ^Z", label: "redraw, suspend", group: .screen,
        keys: [(.ctrl("l"), .redraw), (.ctrl("z"), .suspend)]),
]

/// The rows with an effect in a view.
func keyRows(
    in view: View, isReplay: Bool, isWatch: Bool = false, hasProcesses: Bool = false, isFleet: Bool = false
) -> [KeyRow] {
    keyTable.filter { row in
        let isHere =
            switch row.place {
            case .live: !isReplay
            case .replay: isReplay
            case .both: true
            case .processes: hasProcesses
            case .liveWatch: isWatch && !isReplay
            case .fleet: isFleet
            }
        return isHere && row.views.contains(view)
    }
}

extension Model {
    /// The rows with an effect in the view that is shown.
    var keyRows: [KeyRow] {
        Dashboard.keyRows(
            in: view, isReplay: configuration.isReplay, isWatch: isWatch, hasProcesses: hasProcesses,
            isFleet: isFleet)
    }

    /// The row and the action of a key; nil if the key has no effect here.
    func binding(for key: Key) -> (row: KeyRow, action: Action)? {
        for row in keyRows {
            if let entry = row.keys.first(where: { $0.key == key }) { return (row, entry.action) }
        }
        return nil
    }
}

/// The key table as a Markdown table, for the README.
package func keyTableMarkdown() -> String {
    var text = "| key | what it does | views |\n|---|---|---|\n"
    for group in KeyRow.Group.allCases {
        for row in keyTable where row.group == group {
            let keys = row.shown.split(separator: " ").map { "`\($0)`" }.joined(separator: " ")
            let views = View.allCases.filter(row.views.contains)
            let all =
                switch row.place {
                case .replay: "all, in a replay"
                case .processes: "all, with several processes"
                case .liveWatch: "all, in a watch"
                case .fleet: "all, in a fleet"
                case .live, .both: "all"
                }
            let places = views.count == View.allCases.count ? all : views.map(\.name).joined(separator: ", ")
            text += "| \(keys) | \(row.label) | \(places) |\n"
        }
    }
    return text
}
