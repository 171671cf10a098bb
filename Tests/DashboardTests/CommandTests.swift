import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("The command line")
struct CommandTests {
    /// A model whose source has settings.
    static func model(isReplay: Bool = false) -> Model { isReplay ? replay : live }

    static func model(_ width: Int, _ height: Int) -> Model {
        var model = model()
        _ = update(&model, .resize(width: width, height: height))
        return model
    }

    private static let live = made(isReplay: false)
    private static let replay = made(isReplay: true)

    private static func made(isReplay: Bool) -> Model {
        var configuration = Configuration()
        configuration.glyphs = .braille
        configuration.isReplay = isReplay
        if isReplay { configuration.capabilities = .replay }
        configuration.themes += ["night"]
        configuration.settings = SettingCatalog(
            entries: [
                .init(name: "keepAlive", value: "on", examples: ["on", "off"]),
                .init(name: "maxSockets", value: "64", examples: ["32", "128"]),
                .init(name: "maxFreeSockets", value: "32", examples: ["none"]),
                .init(name: "dnsCache", value: "on", examples: ["on", "off"], isPerHost: false),
            ],
            own: [1: ["maxSockets": "8"]],
            check: { name, value in
                value == "many" ? .problem("\(name): 'many' is not a number; allowed: 8, 2k") : .value(value)
            })
        var (model, _) = Story.played(configure: { $0 = configuration })
        _ = update(&model, .resize(width: 100, height: 30))
        return model
    }

    static func type(_ line: String, to model: inout Model, enter: Bool = true) -> [UIEffect] {
        var effects = update(&model, .key(.character(":")))
        for scalar in line.unicodeScalars { effects += update(&model, .key(.character(scalar))) }
        return enter ? effects + update(&model, .key(.enter)) : effects
    }

    private static func problem(_ line: String) -> String? {
        var model = model()
        _ = type(line, to: &model)
        guard case .command(let input) = model.overlay else { return nil }
        return input.problem
    }

    static func described(_ effects: [UIEffect]) -> [String] {
        effects.map { effect in
            if case .save = effect { return "save" }
            if case .agent(let command) = effect { return "\(command)" }
            return "\(effect)"
        }
    }

    @Test("Every key has a command that does the same", arguments: [false, true])
    func everyKey(isReplay: Bool) {
        for view in View.allCases {
            for row in keyRows(in: view, isReplay: isReplay) {
                for (key, action) in row.keys where action != .agent(.reset) {
                    if case .command = action { continue }
                    var byKey = Self.model(isReplay: isReplay)
                    byKey.view = view
                    var byName = byKey
                    let asked = Self.described(update(&byKey, .key(key)))
                    let typed = Self.described(Self.type(action.command, to: &byName))
                    #expect(asked == typed, "\(key) \(action.command) in \(view)")
                    let same = render(byKey, width: 100, height: 30) == render(byName, width: 100, height: 30)
                    if key != .backspace, row.disabledBecause(byKey) == nil {
                        #expect(same, "\(key) \(action.command) in \(view)")
                    }
                }
            }
        }
    }

    @Test("A setting is changed for all hosts or for one, and what it was is told")
    func settings() {
        var model = Self.model()
        let all = Self.described(Self.type("set maxSockets 128", to: &model))
        #expect(all.first?.contains("name: \"maxSockets\", from: \"64\", to: \"128\", host: nil") == true)
        let one = Self.described(Self.type("set maxSockets 16 @search", to: &model))
        #expect(one.first?.contains("from: \"8\", to: \"16\", host: Optional(1)") == true)
        #expect(model.notice?.text.contains("maxSockets 8 ▸ 16 for search") == true)
        let attached = Self.described(Self.type("set maxSockets=4@sea", to: &model))
        #expect(attached.first?.contains("from: \"16\", to: \"4\", host: Optional(1)") == true)
        let toggled = Self.described(Self.type("set dnsCache toggle", to: &model))
        #expect(toggled.first?.contains("from: \"on\", to: \"off\"") == true)
    }

    @Test("Views, orders, columns and looks have names")
    func names() {
        var model = Self.model()
        for view in View.ofAgent.reversed() {
            _ = Self.type("view \(view.command)", to: &model)
            #expect(model.view == view)
        }
        _ = Self.type("sort new", to: &model)
        #expect(model.sort == .column(.opened) && !model.sortReversed)
        _ = Self.type("sort p99 reverse", to: &model)
        #expect(model.sort == .column(.p99) && model.sortReversed)
        _ = Self.type("columns err req p99", to: &model)
        #expect(model.columns.onScreen == [.errors, .requests, .p99])
        _ = Self.type("columns churn", to: &model)
        #expect(model.columns == ColumnChoice(set: .churn))
        #expect(Self.described(Self.type("theme night", to: &model)) == ["setTheme(\"night\")"])
        _ = Self.type("glyphs ascii", to: &model)
        _ = Self.type("window 15", to: &model)
        #expect(model.glyphs == .ascii && model.windowMinutes == 15 && model.theme == "night")
        #expect(Self.described(Self.type("q", to: &model)) == ["quit"])
        #expect(
            Self.described(Self.type("keep-alive off @legacy", to: &model)) == [
                "setKeepAlive(false, host: Optional(3))"
            ])
        #expect(Self.described(Self.type("load 50%", to: &model)) == ["changeLoad(factor: 0.5)"])
        #expect(Self.described(Self.type("close-idle all", to: &model)) == ["closeIdle(host: nil)"])
        #expect(Self.described(Self.type("reset", to: &model)) == ["resetCounters"])
        _ = Self.type("filter le", to: &model)
        #expect(Set(model.visibleHosts().map(\.name)) == ["legacy", "ledger"])
    }

    @Test(
        "A line that is no command stays and says what to do",
        arguments: [
            ("unod", "unknown command 'unod'; did you mean 'undo'?"),
            ("view evnts", "unknown view 'evnts'; did you mean 'events'?"),
            ("set", "set: which setting? tab lists them"), ("set maxSokets 8", "did you mean 'maxSockets'?"),
            ("set maxSockets", "set: maxSockets wants a value, as in 32, 128"),
            ("set maxSockets many", "allowed: 8, 2k"),
            ("set maxSockets 8 @serch", "unknown host 'serch'; did you mean 'search'?"),
            ("set dnsCache off @search", "exists once for all hosts"), ("set maxSockets 8 9", "'9' is too much"),
            ("sort sideways", "unknown column 'sideways'"), ("sort new down", "only 'reverse'"),
            ("load 5", "as in load 50%"), ("own-cpu fast", "as in 500us or 2ms"), ("chart 9", "1, 2, 3, 4 or none"),
            ("mouse up", "on or off"), ("theme dakr", "did you mean 'dark'?"),
            ("play", "not possible, no recording is played"),
            ("c", "'c' may be"), ("fault melt", "unknown fault"), ("set maxSockets 8 @", "@ wants a host's name"),
        ])
    func problems(line: String, words: String) {
        let problem = Self.problem(line)
        #expect(problem?.contains(words) == true, "\(problem ?? "taken")")
    }

    @Test("Tab completes names, values and hosts, and goes through what there is")
    func completion() {
        func completed(_ line: String, tabs: Int = 1) -> String {
            var model = Self.model()
            _ = Self.type(line, to: &model, enter: false)
            for _ in 0..<tabs { _ = update(&model, .key(.tab)) }
            guard case .command(let input) = model.overlay else { return "closed" }
            return input.text
        }
        #expect(completed("vi") == "view ")
        #expect(completed("view ev") == "view events")
        #expect(completed("set max") == "set maxSockets")
        #expect(completed("set max", tabs: 2) == "set maxFreeSockets")
        #expect(completed("set m", tabs: 1) == "set max")
        #expect(completed("set maxs") == "set maxSockets ")
        #expect(completed("set maxSockets ") == "set maxSockets 64")
        #expect(completed("set maxSockets ", tabs: 2) == "set maxSockets 32")
        #expect(completed("set maxSockets 8 @se") == "set maxSockets 8 @search")
        #expect(completed("keep-alive off @fl") == "keep-alive off @flaky")
        #expect(completed("theme ni") == "theme night")
        #expect(completed("zzz") == "zzz")
    }

    @Test("What may follow a command is offered with what it is, and the key that does the same")
    func offers() {
        var model = Self.model()
        _ = Self.type("paus", to: &model, enter: false)
        let text = render(model, width: 100, height: 30).plainText()
        #expect(text.contains("hold the picture, or let it go on  [space]"))
        #expect(text.contains(":paus"))
    }

    @Test("Earlier lines come back with up, and the line that was begun with down")
    func history() {
        var model = Self.model()
        _ = Self.type("sort new", to: &model)
        _ = Self.type("sort p99", to: &model)
        _ = Self.type("vie", to: &model, enter: false)
        func press(_ key: Key) -> String {
            _ = update(&model, .key(key))
            guard case .command(let input) = model.overlay else { return "closed" }
            return input.text
        }
        #expect(press(.up) == "sort p99")
        #expect(press(.up) == "sort new")
        #expect(press(.up) == "sort new")
        #expect(press(.down) == "sort p99")
        #expect(press(.down) == "vie")
        #expect(press(.down) == "vie")
        #expect(press(.escape) == "closed")
    }

    @Test("The line is edited as in a shell, and no key of it acts")
    func editing() {
        var model = Self.model()
        #expect(Self.type("setq K", to: &model, enter: false).isEmpty)
        func press(_ keys: Key...) -> String {
            for key in keys { #expect(update(&model, .key(key)).isEmpty) }
            guard case .command(let input) = model.overlay else { return "closed" }
            return input.text
        }
        #expect(press(.ctrl("w")) == "setq ")
        #expect(press(.backspace, .backspace) == "set")
        #expect(press(.home, .character("a"), .end, .character("z")) == "asetz")
        #expect(press(.left, .left, .ctrl("k")) == "ase")
        #expect(press(.ctrl("u")) == "")
        #expect(press(.backspace) == "closed")
        for _ in 0..<500 { _ = update(&model, .key(.character(":"))) }
        #expect(update(&model, .key(.ctrl("c"))).count == 1)
    }

    @Test("A name that begins only one command is enough")
    func beginnings() throws {
        #expect(try CommandReader.row(named: "uti").name == "utilisation")
        let names: [String] = commandTable.flatMap { [$0.name] + $0.others }
        #expect(Set(names).count == names.count)
        for row in commandTable { #expect(try CommandReader.row(named: row.name).name == row.name) }
    }

    @Test("No line is too odd")
    func oddLines() {
        var noise = Noise(state: 7)
        let pieces = [
            "set", "@", "=", " ", "view", "\u{202E}", "😀", "maxSockets", "-", "%", "99999999999999999999", "columns",
        ]
        for _ in 0..<400 {
            var model = Self.live
            let line = (0..<noise.next(7)).map { _ in pieces[noise.next(pieces.count)] }.joined(
                separator: noise.next(2) == 0 ? " " : "")
            _ = Self.type(line, to: &model, enter: false)
            for _ in 0..<noise.next(4) { _ = update(&model, .key(.tab)) }
            EverySizeTests.check(model, 80, 24)
            _ = update(&model, .key(.enter))
        }
    }
}
