import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("Preferences and themes")
struct PreferencesTests {
    private func model(_ preferences: Preferences, _ configure: (inout Configuration) -> Void = { _ in }) -> Model {
        var configuration = Configuration()
        configuration.preferences = preferences
        configure(&configuration)
        return Model(configuration: configuration)
    }

    @Test("What was chosen in the screen is the same after it was written and read")
    func roundTrip() {
        var model = CommandTests.model()
        #expect(model.preferences == Preferences())
        for line in [
            "theme night", "glyphs block", "window 15", "charts two", "event-lines many", "columns err req p99",
            "sort p99 reverse", "mouse off", "own-cpu 2ms", "cores 2", "utilisation 75%",
        ] { _ = CommandTests.type(line, to: &model) }
        _ = update(&model, .key(.character("K")))
        let (read, problems) = Preferences.read(model.preferences.text)
        #expect(problems.isEmpty, "\(problems)")
        #expect(read == model.preferences)
        let next = self.model(read)
        #expect(next.glyphs == .block && next.windowMinutes == 15 && next.charts == .two && !next.mouse)
        #expect(next.columns.onScreen == [.errors, .requests, .p99] && next.sort == .column(.p99) && next.sortReversed)
        #expect(next.eventLines == .many && next.preferences.knowsKeepAlive)
        #expect(next.live.capacity.ownCPUSecondsPerRequest == 0.002 && next.live.capacity.cores == 2)
        #expect(next.live.capacity.utilisation == 0.75)
    }

    @Test("What the command line says is not kept, and wins")
    func options() {
        let (read, _) = Preferences.read("glyphs = block\n")
        let forced = model(read) { $0.glyphs = .ascii }
        #expect(forced.glyphs == .ascii && forced.preferences == read)
        #expect(model(read) { $0.isASCIIForced = true }.glyphs == .ascii)
    }

    @Test("A bad line is told with its number and kept, and the others count")
    func badLines() {
        let text =
            "# mine\nglyphs = brial\r\nwindow = 5\nclour = 3\nnothing\ncolumns = err nope\nseen = keep-alive x\n\u{1B}]0;x = 1\n"
        let (read, problems) = Preferences.read(text)
        #expect(read.windowMinutes == 5 && read.glyphs == nil && read.columns == nil)
        #expect(problems.count == 6)
        #expect(problems[0].hasPrefix("line 2: unknown glyphs 'brial'"))
        #expect(problems.contains { $0.hasPrefix("line 5: 'nothing' is not KEY = VALUE") })
        #expect(problems.allSatisfy { !$0.contains("\u{1B}") })
        for line in ["# mine", "glyphs = brial", "clour = 3", "nothing"] { #expect(read.text.contains(line + "\n")) }
        #expect(Preferences.read(read.text).preferences == read)
    }

    @Test("No text is too odd for a file of preferences or of a theme")
    func oddTexts() {
        var noise = Noise(state: 3)
        let pieces = [
            "theme", "=", " ", "\n", "columns", "err", "\u{0}", "😀", "#", "base", "demand", "99999999999999999999",
            "bold", "containers", "own-cpu",
        ]
        for _ in 0..<2000 {
            let text = (0..<noise.next(12)).map { _ in pieces[noise.next(pieces.count)] }.joined()
            let (read, _) = Preferences.read(text)
            #expect(Preferences.read(read.text).preferences == read, "\(text)")
            _ = UserTheme.read(text)
        }
    }

    @Test("A theme names roles, colours and styles")
    func theme() {
        let text =
            "# night\nbase = dark\ndemand = 80\nfresh = #d75fd7 bold\nlabel = default dim\nbad = bright-red underline bold\n"
        let (theme, problems) = UserTheme.read(text)
        #expect(problems.isEmpty && theme.base == .dark)
        #expect(theme.inks[.demand] == UserTheme.Ink(color: 80, style: []))
        #expect(theme.inks[.fresh] == UserTheme.Ink(color: 170, style: .bold))
        #expect(theme.inks[.label] == UserTheme.Ink(color: nil, style: .dim))
        #expect(theme.inks[.bad] == UserTheme.Ink(color: 9, style: [.bold, .underline]))
        #expect(theme.inks.count == 4)
    }

    @Test(
        "What is wrong with a theme is told line by line",
        arguments: [
            ("demnd = 3", "line 1: unknown role 'demnd'; did you mean 'demand'?"),
            ("demand = 256", "'256' is no colour"),
            ("demand = #12345", "is no colour"), ("demand", "is not ROLE = COLOUR"),
            ("demand =", "demand wants a colour"),
            ("demand = 3 blink", "bold, dim or underline, and not 'blink'"), ("base = mono", "unknown base 'mono'"),
        ])
    func badTheme(text: String, words: String) {
        let problems = UserTheme.read(text + "\nfresh = 5").problems
        #expect(problems.count == 1 && problems[0].contains(words), "\(problems)")
        #expect(UserTheme.read(text + "\nfresh = 5").theme.inks[.fresh]?.color == 5)
    }

    @Test("A theme's file has a plain name")
    func names() {
        for name in ["night", "solarized-dark", "a.b", "X_1"] { #expect(UserTheme.isName(name)) }
        for name in ["", ".hidden", "../x", "a b", "ä", String(repeating: "x", count: 41)] {
            #expect(!UserTheme.isName(name))
        }
    }

    @Test("Colours of 24 bits become the nearest of those that all terminals have")
    func nearest() {
        #expect(UserTheme.nearest(0, 0, 0) == 16)
        #expect(UserTheme.nearest(255, 255, 255) == 231)
        #expect(UserTheme.nearest(255, 0, 0) == 196)
        #expect(UserTheme.nearest(128, 128, 128) == 244)
    }
}
