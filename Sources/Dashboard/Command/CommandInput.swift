import Wording

/// A line that is being typed after `:`.
struct CommandInput: Sendable, Equatable {
    /// No line is longer.
    static let longest = 200

    private(set) var scalars: [Unicode.Scalar]
    /// Before which scalar the next one goes, 0 to the number of them.
    private(set) var cursor: Int
    /// Why the line was not taken; gone with the next key.
    var problem: String?
    /// The earlier line that is shown, counted from the newest; nil: the person's own.
    private var earlier: Int?
    private var own: [Unicode.Scalar] = []
    /// The offers that tab goes through, and the text before the word in whose place they stand.
    private(set) var cycle: Cycle?

    struct Cycle: Sendable, Equatable {
        var before: [Unicode.Scalar]
        var offers: [Completion]
        var chosen: Int
    }

    init(_ text: String = "") {
        scalars = Array(text.unicodeScalars)
        cursor = scalars.count
    }

    var text: String { Self.string(scalars) }

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    mutating func insert(_ scalar: Unicode.Scalar) {
        guard scalars.count < Self.longest else { return }
        scalars.insert(scalar, at: cursor)
        cursor += 1
        edited()
    }

    mutating func deleteBackward() {
        guard cursor > 0 else { return }
        cursor -= 1
        scalars.remove(at: cursor)
        edited()
    }

    /// The word before the cursor, as ^W does in a shell.
    mutating func deleteWord() {
        var start = cursor
        while start > 0, scalars[start - 1] == " " { start -= 1 }
        while start > 0, scalars[start - 1] != " " { start -= 1 }
        scalars.removeSubrange(start..<cursor)
        cursor = start
        edited()
    }

    mutating func deleteToStart() {
        scalars.removeFirst(cursor)
        cursor = 0
        edited()
    }

    mutating func deleteToEnd() {
        scalars.removeLast(scalars.count - cursor)
        edited()
    }

    mutating func moveCursor(by step: Int) {
        cursor = min(scalars.count, max(0, cursor + step))
        cycle = nil
    }

    private mutating func edited() {
        earlier = nil
        problem = nil
        cycle = nil
    }

    private mutating func show(_ shown: [Unicode.Scalar]) {
        scalars = shown
        cursor = shown.count
        problem = nil
        cycle = nil
    }

    /// The line before in the history, which has its oldest first; at its end it stays.
    mutating func showEarlier(_ history: [String]) {
        let place = (earlier ?? -1) + 1
        guard place < history.count else { return }
        if earlier == nil { own = scalars }
        show(Array(history[history.count - 1 - place].unicodeScalars))
        earlier = place
    }

    mutating func showLater(_ history: [String]) {
        guard let place = earlier else { return }
        if place > 0 {
            show(Array(history[history.count - place].unicodeScalars))
            earlier = place - 1
        } else {
            show(own)
            earlier = nil
        }
    }

    /// Tab. The first takes what all offers have in common; the next ones go through them.
    mutating func complete(_ model: Model, by step: Int) {
        if var cycle {
            cycle.chosen = (cycle.chosen + step + cycle.offers.count) % cycle.offers.count
            take(cycle)
            return
        }
        let typed = Self.string(scalars[..<cursor])
        let (before, word, offers) = CommandCompletion.offers(for: typed, model)
        guard let first = offers.first else { return }
        let kept = Array(before.unicodeScalars)
        if offers.count == 1 {
            let rest = Array(scalars[cursor...])
            show(
                kept + Array((first.text + CommandCompletion.ending(after: before, first, model)).unicodeScalars) + rest
            )
            cursor = scalars.count - rest.count
            return
        }
        let common = CommandCompletion.common(offers)
        if common.count > word.count {
            let rest = Array(scalars[cursor...])
            show(kept + Array(common.unicodeScalars) + rest)
            cursor = scalars.count - rest.count
            return
        }
        take(Cycle(before: kept, offers: offers, chosen: step > 0 ? 0 : offers.count - 1))
    }

    private mutating func take(_ cycle: Cycle) {
        show(cycle.before + Array(cycle.offers[cycle.chosen].text.unicodeScalars))
        self.cycle = cycle
    }
}

/// The words that a line may go on with.
enum CommandCompletion {
    /// The text before the word at the end of `typed`, that word, and what it may become.
    static func offers(for typed: String, _ model: Model) -> (before: String, word: String, offers: [Completion]) {
        let words = typed.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let word = words.last ?? ""
        let before = String(typed.dropLast(word.count))
        let earlier = words.dropLast().filter { !$0.isEmpty }
        guard let name = earlier.first else {
            let all = commandTable.map { Completion(text: $0.name, help: help($0)) }
            return (before, word, matching(word, all))
        }
        let rows = CommandReader.rows(named: name)
        guard rows.count == 1, let row = rows.first else { return (before, word, []) }
        if let at = word.lastIndex(of: "@"), row.takesHost {
            let head = word[..<at]
            let hosts = CommandWords.hosts(model, []).map { Completion(text: head + "@" + $0.text) }
            return (before, word, matching(word, hosts))
        }
        let arguments = Array(earlier.dropFirst()).filter { !$0.hasPrefix("@") }
        let place = row.isOpenEnded ? min(arguments.count, row.words.count - 1) : arguments.count
        var offers = row.words.indices.contains(place) ? row.words[place](model, arguments) : []
        if offers.isEmpty || place >= row.words.count, row.takesHost, !earlier.contains(where: { $0.hasPrefix("@") }) {
            offers += CommandWords.hosts(model, []).map { Completion(text: "@" + $0.text) }
        }
        return (before, word, matching(word, offers))
    }

    /// The offers that begin with the word, else the ones that have it somewhere.
    private static func matching(_ word: String, _ offers: [Completion]) -> [Completion] {
        let wanted = word.lowercased()
        if wanted.isEmpty { return offers }
        let begun = offers.filter { $0.text.lowercased().hasPrefix(wanted) }
        return begun.isEmpty ? offers.filter { $0.text.lowercased().contains(wanted) } : begun
    }

    /// The longest beginning that all have.
    static func common(_ offers: [Completion]) -> String {
        guard var common = offers.first?.text else { return "" }
        for offer in offers {
            while !offer.text.hasPrefix(common) { common.removeLast() }
        }
        return common
    }

    /// A blank, where more may follow.
    static func ending(after before: String, _ taken: Completion, _ model: Model) -> String {
        let isCommand = before.trimmed.isEmpty
        if isCommand {
            let row = commandTable.first { $0.name == taken.text }
            return row.map { $0.words.isEmpty && !$0.takesHost } ?? true ? "" : " "
        }
        return offers(for: before + taken.text + " ", model).offers.isEmpty ? "" : " "
    }

    /// With the key that does the same.
    private static func help(_ row: CommandRow) -> String {
        let keys = keyTable.flatMap { entry in
            entry.keys.filter { $0.action.command == row.name }.map(\.key)
        }
        return row.help + (keys.first.flatMap { $0.shown }.map { "  [\($0)]" } ?? "")
    }

    /// The row of the command that is being typed; nil: it is not known yet.
    static func row(_ typed: String) -> CommandRow? {
        guard let name = typed.split(separator: " ").first, typed.count > name.count else { return nil }
        let rows = CommandReader.rows(named: String(name))
        return rows.count == 1 ? rows[0] : nil
    }
}

extension Key {
    /// For people; nil for keys that have no short name.
    var shown: String? {
        switch self {
        case .character(let scalar): scalar == " " ? "space" : String(scalar)
        case .ctrl(let scalar): "^" + String(scalar).uppercased()
        case .function(let number): "F\(number)"
        case .enter: "enter"
        case .escape: "esc"
        case .tab: "tab"
        case .shiftTab: "shift-tab"
        case .up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .backspace: nil
        }
    }
}

extension Model {
    /// A key while a line is typed. ^C and ^Z keep their meaning.
    mutating func type(_ key: Key, in input: CommandInput) -> [UIEffect] {
        var input = input
        switch key {
        case .enter: return run(input)
        case .escape:
            overlay = nil
            return []
        case .backspace:
            if input.text.isEmpty {
                overlay = nil
                return []
            }
            input.deleteBackward()
        case .character(let scalar): input.insert(visibleScalar(scalar))
        case .tab: input.complete(self, by: 1)
        case .shiftTab: input.complete(self, by: -1)
        case .up: input.showEarlier(commandHistory)
        case .down: input.showLater(commandHistory)
        case .left: input.moveCursor(by: -1)
        case .right: input.moveCursor(by: 1)
        case .home, .ctrl("a"): input.moveCursor(by: -CommandInput.longest)
        case .end, .ctrl("e"): input.moveCursor(by: CommandInput.longest)
        case .ctrl("w"): input.deleteWord()
        case .ctrl("u"): input.deleteToStart()
        case .ctrl("k"): input.deleteToEnd()
        case .ctrl, .function, .pageUp, .pageDown: break
        }
        overlay = .command(input)
        return []
    }

    /// A line that is no command stays, with what is wrong with it.
    private mutating func run(_ input: CommandInput) -> [UIEffect] {
        let line = input.text.trimmed
        remember(line)
        overlay = nil
        do throws(CommandProblem) {
            guard let command = try CommandReader.read(line, self) else { return [] }
            return try perform(command)
        } catch {
            var input = input
            input.problem = error.text
            overlay = .command(input)
            return []
        }
    }

    private mutating func remember(_ line: String) {
        guard !line.isEmpty else { return }
        commandHistory.removeAll { $0 == line }
        commandHistory.append(line)
        if commandHistory.count > 50 { commandHistory.removeFirst() }
    }
}
