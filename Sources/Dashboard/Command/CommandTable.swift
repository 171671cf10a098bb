import PoolModel
import Wording

/// One offer of the completion: a word, and what it stands for.
struct Completion: Sendable, Equatable {
    var text: String
    var help = ""
}

/// One command: its name, what may come after it, and how that is read.
struct CommandRow: Sendable {
    typealias Words = @Sendable (Model, _ before: [String]) -> [Completion]
    typealias Reader = @Sendable (_ words: [String], _ host: Int?, Model) throws(CommandProblem) -> Command

    let name: String
    /// Names that people know from elsewhere.
    var others: [String] = []
    /// The words after the name, for people.
    var usage = ""
    let help: String
    /// The words that may stand at each place after the name.
    var words: [Words] = []
    /// The last place is for any text, blanks and all.
    var isOpenEnded = false
    /// `@HOST` may follow.
    var takesHost = false
    let read: Reader

    /// A command that is an action's key with another name.
    init(_ name: String, _ action: Action, _ help: String, others: [String] = []) {
        self.name = name
        self.others = others
        self.help = help
        read = { _, _, _ in .action(action) }
    }

    init(
        _ name: String, _ usage: String, _ help: String, others: [String] = [], words: [Words],
        isOpenEnded: Bool = false,
        takesHost: Bool = false, read: @escaping Reader
    ) {
        self.name = name
        self.others = others
        self.usage = usage
        self.help = help
        self.words = words
        self.isOpenEnded = isOpenEnded
        self.takesHost = takesHost
        self.read = read
    }
}

/// Every command there is, in the order in which they are offered.
let commandTable: [CommandRow] = namedCommands + keyCommands

private let namedCommands = settingCommands + viewCommands + tableCommands + pictureCommands + otherCommands

/// A key whose action has a name of one word that no other command has needs no row here.
private let keyCommands: [CommandRow] = {
    var names = Set(namedCommands.map(\.name))
    return keyTable.flatMap { row in
        row.keys.compactMap { entry in
            let name = entry.action.command
            guard !name.contains(" "), names.insert(name).inserted else { return nil }
            return CommandRow(name, entry.action, row.label)
        }
    }
}()

private let settingCommands: [CommandRow] = [
    CommandRow(
        "set", "SETTING VALUE [@HOST]", "change a setting while it runs",
        words: [CommandWords.settings, CommandWords.settingValues], takesHost: true, read: CommandReader.set),
    CommandRow(
        "keep-alive", "[on|off] [@HOST]", "HTTP keep-alive", others: ["ka"],
        words: [CommandWords.list(["on": "", "off": "", "host": "switch the selected host"])], takesHost: true,
        read: CommandReader.keepAlive),
    CommandRow(
        "dns-cache", "[on|off]", "DNS cache", words: [CommandWords.onOff], read: CommandReader.dnsCache),
    CommandRow("dns-flush", .agent(.command(.flushDNS)), "flush the DNS cache"),
    CommandRow(
        "load", "50%", "scale the load to a share of what it is now",
        words: [CommandWords.list(["50%": "half", "90%": "", "110%": "", "200%": "double"])],
        read: CommandReader.load),
    CommandRow(
        "close-idle", "[all|@HOST]", "close idle sockets", words: [CommandWords.list(["all": "of every host"])],
        takesHost: true, read: CommandReader.closeIdle),
    CommandRow(
        "fault", "NAME [@HOST]", "fault in a bundled downstream", words: [CommandWords.faults], takesHost: true,
        read: CommandReader.fault),
    CommandRow("apply", .apply, "apply the advice for the selected host"),
    CommandRow("undo", .undo, "take back the last change"),
    CommandRow("reset", "", "reset totals", words: [], read: { _, _, _ in .reset }),
    CommandRow(
        "own-cpu", "TIME", "CPU of your service per request, for the containers",
        words: [CommandWords.ownCPU], read: CommandReader.ownCPU),
    CommandRow(
        "cores", "N", "cores of a container", words: [CommandWords.list(["1": "", "2": "", "4": ""])],
        read: CommandReader.cores),
    CommandRow(
        "utilisation", "SHARE", "how busy a container may be", words: [CommandWords.list(["60%": "", "80%": ""])],
        read: CommandReader.utilisation),
]

private let viewCommands: [CommandRow] = [
    CommandRow("view", "NAME", "go to a view", words: [CommandWords.views], read: CommandReader.view),
    CommandRow(
        "inspect", "[@HOST]", "one host in full", words: [], takesHost: true,
        read: { _, host, _ in host.map { .inspect(host: $0) } ?? .action(.inspect) }),
    CommandRow("back", .back, "leave the filter or the view"),
    CommandRow("help", .help, "keys and columns of this view", others: ["h"]),
    CommandRow("advice", .advice, "what to do, for every host"),
    CommandRow("setup", .setup, "how the screen looks, kept for the next time"),
    CommandRow("quit", .quit, "end", others: ["q", "exit", "x"]),
]

private let tableCommands: [CommandRow] = [
    CommandRow(
        "sort", "[COLUMN [reverse]]", "order of the hosts",
        words: [CommandWords.sorts, CommandWords.list(["reverse": "the least first"])], read: CommandReader.sort),
    CommandRow(
        "columns", "[SET | NAME NAME …]", "which columns, and in which order", words: [CommandWords.columns],
        isOpenEnded: true, read: CommandReader.columns),
    CommandRow(
        "filter", "[TEXT]", "only hosts, or events, with this text", words: [CommandWords.hosts], isOpenEnded: true,
        read: { words, _, _ in words.isEmpty ? .action(.filter) : .filter(words.joined(separator: " ")) }),
    CommandRow("move", "WHERE", "select, scroll", words: [CommandWords.motions], read: CommandReader.move),
    CommandRow(
        "copy", "[WHAT]", "the selected row, or the settings for a client", words: [CommandWords.copyItems],
        read: CommandReader.copy),
]

private let pictureCommands: [CommandRow] = [
    CommandRow(
        "theme", "NAME", "colours", words: [CommandWords.themes], read: CommandReader.theme),
    CommandRow(
        "glyphs", "[NAME]", "what charts are drawn with", words: [CommandWords.glyphs], read: CommandReader.glyphs),
    CommandRow(
        "window", "MINUTES", "how far charts go back", words: [CommandWords.windows], read: CommandReader.window),
    CommandRow(
        "charts", "[four|two|none]", "how many charts", words: [CommandWords.charts], read: CommandReader.charts),
    CommandRow("chart", "[1-4|none]", "one chart, large", words: [CommandWords.largeCharts], read: CommandReader.chart),
    CommandRow(
        "event-lines", "[auto|many|none]", "events below the table", words: [CommandWords.eventLines],
        read: CommandReader.eventLines),
    CommandRow(
        "mouse", "[on|off]", "off: the terminal selects text", words: [CommandWords.onOff], read: CommandReader.mouse),
    CommandRow("pause", .pause, "hold the picture, or let it go on"),
    CommandRow("names", .names, "hosts by name or by address, in a watch"),
    CommandRow("groups", .groups, "instances, or groups by a label, in a fleet"),
    CommandRow("save", .save, "the screen as text and JSON", others: ["w"]),
    CommandRow("redraw", .redraw, "paint everything again"),
]

private let otherCommands: [CommandRow] = [
    CommandRow("play", .play(.toggle), "a recording: play, pause"),
    CommandRow(
        "seek", "SECONDS", "a recording: move",
        words: [
            CommandWords.list(["-10": "", "+10": "", "start": "", "end": ""])
        ], read: CommandReader.seek),
    CommandRow(
        "mark", "next|previous", "a recording: to a change", words: [CommandWords.list(["next": "", "previous": ""])],
        read: CommandReader.mark),
    CommandRow(
        "speed", "slower|faster", "a recording: speed", words: [CommandWords.list(["slower": "", "faster": ""])],
        read: CommandReader.speed),
    CommandRow("suspend", .suspend, "back to the shell; fg returns"),
    CommandRow("command", .command(""), "this line"),
]
