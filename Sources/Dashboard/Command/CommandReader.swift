import PoolModel
import Wording

/// Reads lines as commands.
enum CommandReader {
    /// Nil where the line is empty.
    static func read(_ line: String, _ model: Model) throws(CommandProblem) -> Command? {
        let text = String(line.trimmed.drop { $0 == ":" })
        guard let first = text.split(separator: " ").first else { return nil }
        let row = try row(named: String(first))
        var rest = text.dropFirst(first.count)
        var host: Int?
        if row.takesHost, let at = rest.firstIndex(of: "@") {
            host = try self.host(rest[rest.index(after: at)...].trimmed, model)
            rest = rest[..<at]
        }
        let words = rest.split(separator: " ").map(String.init)
        // `maxSockets=8`, as `--at` has it, is the same as `maxSockets 8`.
        let parts =
            row.name == "set" && words.count == 1
            ? words[0].split(separator: "=", maxSplits: 1).map(String.init) : words
        if parts.count > row.words.count, !row.isOpenEnded {
            let surplus = parts.dropFirst(row.words.count).joined(separator: " ")
            throw CommandProblem(
                "\(row.name): '\(surplus)' is too much\(row.usage.isEmpty ? "" : "; after it comes \(row.usage)")")
        }
        return try row.read(parts, host, model)
    }

    /// By its name, by another name, or by a beginning that only it has.
    static func row(named name: String) throws(CommandProblem) -> CommandRow {
        let rows = rows(named: name)
        if rows.count == 1 { return rows[0] }
        if rows.isEmpty { throw .unknown("command", name, among: commandTable.map(\.name)) }
        throw CommandProblem("'\(name)' may be \(rows.map(\.name).joined(separator: ", "))")
    }

    /// The one of that name, else all that begin so.
    static func rows(named name: String) -> [CommandRow] {
        if let row = commandTable.first(where: { $0.name == name || $0.others.contains(name) }) { return [row] }
        return commandTable.filter { $0.name.hasPrefix(name) }
    }

    static func host(_ name: String, _ model: Model) throws(CommandProblem) -> Int {
        let hosts = model.live.snapshot?.hosts ?? []
        if name.isEmpty { throw CommandProblem("@ wants a host's name after it") }
        let wanted = name.lowercased()
        if let host = hosts.first(where: { $0.name.lowercased() == wanted }) { return host.id }
        let begun = hosts.filter { $0.name.lowercased().hasPrefix(wanted) }
        if begun.count == 1 { return begun[0].id }
        throw .unknown("host", name, among: hosts.map(\.name))
    }

    /// One of a list, by its name or by a beginning that only it has.
    static func choice<Value>(
        _ kind: String, _ word: String?, _ values: [Value], _ name: (Value) -> String
    ) throws(CommandProblem) -> Value {
        guard let word else { throw CommandProblem("which \(kind)? \(values.map(name).joined(separator: ", "))") }
        if let value = values.first(where: { name($0) == word.lowercased() }) { return value }
        let begun = values.filter { name($0).hasPrefix(word.lowercased()) }
        if begun.count == 1 { return begun[0] }
        throw .unknown(kind, word, among: values.map(name))
    }

    static func isOn(_ command: String, _ word: String) throws(CommandProblem) -> Bool {
        switch word {
        case "on": true
        case "off": false
        default: throw CommandProblem("\(command): on or off, and not '\(word)'")
        }
    }
}

extension CommandReader {
    static let set: CommandRow.Reader = { (words, host, model) throws(CommandProblem) in
        guard let name = words.first else { throw CommandProblem("set: which setting? tab lists them") }
        guard words.count > 1 else {
            guard let entry = model.configuration.settings[name] else {
                throw .unknown("setting", name, among: model.configuration.settings.entries.map(\.name))
            }
            let examples = entry.examples.isEmpty ? "" : ", as in \(entry.examples.joined(separator: ", "))"
            throw CommandProblem("set: \(name) wants a value\(examples)")
        }
        return .set(name: name, value: words[1], host: host)
    }

    static let keepAlive: CommandRow.Reader = { (words, host, _) throws(CommandProblem) in
        guard let word = words.first else {
            if host != nil { throw CommandProblem("keep-alive: on or off for that host?") }
            return .action(.agent(.keepAliveAll))
        }
        if word == "host" { return .action(.agent(.keepAliveHost)) }
        return .keepAlive(try isOn("keep-alive", word), host: host)
    }

    static let dnsCache: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        guard let word = words.first else { return .action(.agent(.dnsCache)) }
        return .dnsCache(try isOn("dns-cache", word))
    }

    static let load: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        guard let word = words.first, word.hasSuffix("%"), let percent = Int(word.dropLast()),
            (1...10_000).contains(percent)
        else { throw CommandProblem("load: a share of what there is now, 1% to 10000%, as in load 50%") }
        return .load(percent: percent)
    }

    static let closeIdle: CommandRow.Reader = { (words, host, _) throws(CommandProblem) in
        guard let word = words.first else {
            return host.map { .closeIdle(host: $0) } ?? .action(.agent(.closeIdle))
        }
        guard word == "all", host == nil else { throw CommandProblem("close-idle: all, or @HOST") }
        return .closeIdle(host: nil)
    }

    static let fault: CommandRow.Reader = { (words, host, model) throws(CommandProblem) in
        guard !words.isEmpty else { return .action(.agent(.fault)) }
        let fault = try choice("fault", words.first, DownstreamFault.allCases) { $0.command }
        guard let host = host ?? model.selection else { throw CommandProblem("fault: in which host? add @HOST") }
        return .fault(fault, host: host)
    }

    static let view: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        switch words.first {
        case "next": return .action(.nextView)
        case "previous": return .action(.previousView)
        default: return .action(.show(try choice("view", words.first, View.allCases) { $0.command }))
        }
    }

    static let sort: CommandRow.Reader = { (words, _, model) throws(CommandProblem) in
        switch words.first {
        case nil: return .action(.sortMenu)
        case "next": return .action(.sortNext)
        case "reverse": return .action(.sortReverse)
        default:
            let sort = try choice("column", words.first, HostSort.all) { $0.command }
            if let word = words.dropFirst().first, word != "reverse" {
                throw CommandProblem("sort: only 'reverse' may follow the column, and not '\(word)'")
            }
            return .sort(sort, isReversed: words.count > 1)
        }
    }

    static let columns: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        guard !words.isEmpty else { return .action(.columns) }
        return .columns(try ColumnChoice.read(words))
    }

    static let move: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        switch words.first {
        case "left": return .action(.left)
        case "right": return .action(.right)
        default: return .action(.move(try choice("place", words.first, Motion.allCases) { $0.rawValue }))
        }
    }

    static let copy: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        guard !words.isEmpty else { return .action(.copy) }
        return .copy(try choice("thing", words.first, CopyItem.allCases) { $0.command })
    }
}

extension CommandReader {
    static let theme: CommandRow.Reader = { (words, _, model) throws(CommandProblem) in
        .theme(try choice("theme", words.first, model.configuration.themes) { $0 })
    }

    static let glyphs: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        guard !words.isEmpty else { return .action(.glyphs) }
        return .glyphs(try choice("glyphs", words.first, GlyphSet.allCases) { $0.rawValue })
    }

    static let window: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        switch words.first {
        case "wider": return .action(.wider)
        case "narrower": return .action(.narrower)
        default: return .window(minutes: try choice("window", words.first, Model.windows) { "\($0)" })
        }
    }

    static let charts: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        guard !words.isEmpty else { return .action(.charts) }
        return .charts(try choice("number of charts", words.first, ChartCount.allCases) { $0.command })
    }

    static let chart: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        guard let word = words.first else { return .action(.largeChart) }
        if word == "none" { return .largeChart(nil) }
        guard let number = Int(word), (1...4).contains(number) else {
            throw CommandProblem("chart: 1, 2, 3, 4 or none, and not '\(word)'")
        }
        return .largeChart(number - 1)
    }

    static let eventLines: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        guard !words.isEmpty else { return .action(.eventLines) }
        return .eventLines(try choice("number of lines", words.first, EventLines.allCases) { $0.command })
    }

    static let mouse: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        guard let word = words.first else { return .action(.mouse) }
        return .mouse(try isOn("mouse", word))
    }

    static let ownCPU: CommandRow.Reader = { (words, _, model) throws(CommandProblem) in
        guard let word = words.first, let seconds = DurationWord.seconds(word), (0...10).contains(seconds) else {
            throw CommandProblem("own-cpu: CPU time of your service per request, up to 10s, as in 500us or 2ms")
        }
        return capacity(of: model, with: \.ownCPUSecondsPerRequest, seconds)
    }

    static let cores: CommandRow.Reader = { (words, _, model) throws(CommandProblem) in
        guard let word = words.first, let cores = DurationWord.number(word), (0.01...1024).contains(cores) else {
            throw CommandProblem("cores: the cores of one container, 0.01 to 1024, as in 0.5 or 2")
        }
        return capacity(of: model, with: \.cores, cores)
    }

    static let utilisation: CommandRow.Reader = { (words, _, model) throws(CommandProblem) in
        guard let word = words.first, let share = share(word) else {
            throw CommandProblem("utilisation: above 0% and up to 100%, as in 60% or 0.6")
        }
        return capacity(of: model, with: \.utilisation, share)
    }

    private static func capacity(
        of model: Model, with path: WritableKeyPath<CapacityModel, Double>, _ value: Double
    ) -> Command {
        var capacity = model.live.capacity
        capacity[keyPath: path] = value
        return .capacity(capacity)
    }

    private static func share(_ word: String) -> Double? {
        let share =
            word.hasSuffix("%")
            ? DurationWord.number(String(word.dropLast())).map { $0 / 100 } : DurationWord.number(word)
        return share.flatMap { $0 > 0 && $0 <= 1 ? $0 : nil }
    }

    static let seek: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        switch words.first {
        case "start": return .action(.play(.start))
        case "end": return .action(.play(.end))
        default:
            guard let word = words.first, let seconds = Int(word), abs(seconds) <= 1_000_000 else {
                throw CommandProblem("seek: seconds with their sign, as in +60, or start, or end")
            }
            return .action(.play(.seek(seconds: Double(seconds))))
        }
    }

    static let mark: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        try choice("mark", words.first, [PlayerCommand.nextMark, .previousMark]) {
            $0 == .nextMark ? "next" : "previous"
        }
        .command
    }

    static let speed: CommandRow.Reader = { (words, _, _) throws(CommandProblem) in
        try choice("speed", words.first, [PlayerCommand.slower, .faster]) { $0 == .slower ? "slower" : "faster" }
            .command
    }
}

extension PlayerCommand {
    fileprivate var command: Command { .action(.play(self)) }
}
