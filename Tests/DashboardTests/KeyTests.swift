import Testing

@testable import Dashboard
@testable import PoolModel

@Suite struct KeyTests {
    private func press(_ model: inout Model, _ keys: Key...) -> [UIEffect] {
        keys.flatMap { update(&model, .key($0)) }
    }

    /// An effect as text, because snapshots cannot be compared.
    private func said(_ effects: [UIEffect]) -> [String] {
        effects.map { effect in
            switch effect {
            case .save(let text, let snapshot): "save \(!text.isEmpty) \(snapshot != nil)"
            case .agent(let command): "\(command)"
            default: "\(effect)"
            }
        }
    }

    @Test("Each action key has its effect")
    func acts() {
        var model = Told.at90.model
        _ = update(&model, .resize(width: 80, height: 24))
        let expected: [(Key, String)] = [
            (.character("q"), "quit"), (.ctrl("c"), "quit"), (.ctrl("l"), "redraw"), (.ctrl("z"), "suspend"),
            (.character("K"), "setKeepAlive(false, host: nil)"),
            (.character("t"), "setKeepAlive(false, host: Optional(0))"),
            (.character("d"), "setDNSCache(false)"), (.character("D"), "flushDNS"),
            (.character("["), "changeLoad(factor: 0.9)"), (.character("]"), "changeLoad(factor: 1.1)"),
            (.character("{"), "changeLoad(factor: 0.5)"), (.character("}"), "changeLoad(factor: 2.0)"),
            (.character("m"), "setMouse(false)"), (.character("w"), "save true true"),
        ]
        for (key, effect) in expected {
            var copy = model
            #expect(said(update(&copy, .key(key))) == [effect.replacing("Dashboard.", with: "")], "\(key)")
        }
    }

    @Test("Every key in the table is unique and has an effect")
    func everyKeyOfTheTableDoesSomethingAndIsUnique() {
        for (view, isReplay) in View.allCases.flatMap({ [($0, false), ($0, true)] }) {
            var seen: Set<Key> = []
            for row in keyRows(in: view, isReplay: isReplay) {
                for entry in row.keys {
                    #expect(seen.insert(entry.key).inserted, "\(entry.key) twice in \(view)")
                    var model = isReplay ? ReplayKeyTests.model : Told.at90.model
                    model.view = view
                    _ = update(&model, .resize(width: 100, height: 30))
                    _ = update(&model, .key(entry.key))
                    EverySizeTests.check(model, 100, 30)
                }
            }
        }
    }

    @Test("Views are selected by number and Tab")
    func viewsAreReachedByNumberAndTab() {
        var model = Told.at90.model
        _ = press(&model, .character("3"))
        #expect(model.view == .events)
        _ = press(&model, .tab)
        #expect(model.view == .generator)
        _ = press(&model, .tab)
        #expect(model.view == .overview)
        _ = press(&model, .shiftTab)
        #expect(model.view == .generator)
        _ = press(&model, .escape)
        #expect(model.view == .overview)
    }

    @Test("The selection follows the host and is inspected")
    func selectionIsKeptByHostAndInspected() {
        var model = Told.at90.model
        #expect(model.wantsSockets == nil)
        _ = press(&model, .down, .character("j"))
        #expect(model.selection == 2)
        _ = press(&model, .character("s"), .character("s"))
        #expect(model.selection == 2, "sorting moves rows, not the marker's host")
        _ = press(&model, .enter)
        #expect(model.view == .inspect)
        #expect(model.wantsSockets == 2)
        _ = press(&model, .escape)
        #expect(model.view == .overview && model.wantsSockets == nil)
    }

    @Test("Escape never quits the program")
    func escapeNeverQuits() {
        for view in View.allCases {
            var model = Told.at90.model
            model.view = view
            for _ in 0..<5 { #expect(press(&model, .escape, .backspace).isEmpty) }
        }
    }

    @Test("The filter receives every key except Control-C")
    func filterTakesEveryKeyButControlC() {
        var model = Told.at90.model
        #expect(press(&model, .character("/"), .character("q"), .backspace, .character("L"), .character("e")).isEmpty)
        #expect(model.visibleHosts().map(\.name) == ["legacy", "ledger"])
        #expect(press(&model, .ctrl("c")).count == 1)
        _ = press(&model, .enter)
        #expect(!model.isTypingFilter && model.filter == "Le")
        _ = press(&model, .escape)
        #expect(model.filter.isEmpty)
    }

    @Test("A paste is ignored")
    func pasteIsIgnored() {
        var model = Told.at90.model
        #expect(update(&model, .paste).isEmpty)
    }

    @Test("Only destructive actions ask for confirmation")
    func onlyDestructiveActsAsk() {
        var model = Told.at90.model
        #expect(press(&model, .character("x")).isEmpty)
        #expect(said(press(&model, .character("y"))) == ["closeIdle(host: Optional(0))"])
        #expect(press(&model, .character("x"), .character("n")).isEmpty)
        #expect(said(press(&model, .character("x"), .character("a"))) == ["closeIdle(host: nil)"])
        #expect(model.overlay == nil)
    }

    @Test("A fault is chosen from a menu")
    func faultIsChosenFromAMenu() {
        var model = Told.at90.model
        #expect(said(press(&model, .character("f"), .character("3"))).first?.contains("refuse") == true)
        #expect(said(press(&model, .character("f"), .down, .enter)).first?.contains("drain") == true)
        #expect(press(&model, .character("f"), .escape).isEmpty)
    }

    @Test("An unsupported action says why")
    func whatTheEngineCannotDoIsSaid() {
        var configuration = Configuration()
        configuration.capabilities = .replay
        var (model, _) = Story.played(until: 3, configure: { $0 = configuration })
        _ = update(&model, .resize(width: 120, height: 36))
        for key in "KtdD[]{}xf".unicodeScalars { #expect(press(&model, .character(key)).isEmpty) }
        #expect(model.notice?.text.contains("this is a recording") == true)
        _ = press(&model, .character("?"))
        #expect(render(model, width: 120, height: 36).plainText().contains("not possible: this is a recording"))
    }

    @Test("A reset requires two key presses")
    func resetWantsTwoPresses() {
        var model = Told.at90.model
        #expect(press(&model, .character("R")).isEmpty)
        #expect(said(press(&model, .character("R"))) == ["resetCounters"])
        #expect(press(&model, .character("R")).isEmpty)
        _ = update(&model, .tick(model.now + .seconds(4)))
        #expect(press(&model, .character("R")).isEmpty, "the first press is forgotten")
    }

    @Test("Pausing keeps the screen while data continues")
    func pauseKeepsThePictureAndNotTheData() {
        var (model, story) = Told.at90
        _ = press(&model, .character(" "))
        let before = render(model, width: 120, height: 36)
        story.tell(until: 95, to: &model)
        #expect(render(model, width: 120, height: 36) == before)
        #expect(model.live.snapshot?.uptimeSeconds == 95)
        _ = press(&model, .character(" "))
        #expect(model.picture.snapshot?.uptimeSeconds == 95)
    }

    @Test("While the picture is paused, a key that acts says that it did", arguments: ["K", "d", "]"])
    func pausedActs(key: String) {
        var model = Told.at90.model
        _ = press(&model, .character(" "))
        let scalar = Unicode.Scalar(key) ?? "K"
        #expect(press(&model, .character(scalar)).count == 1)
        #expect(model.notice?.text == "\(key) acted; the picture is paused: space shows what came of it")
        _ = press(&model, .character(" "))
        #expect(model.notice == nil)
        _ = press(&model, .character(scalar))
        #expect(model.notice == nil, "the live picture shows it")
    }

    @Test("What a question was answered with while paused is said as well")
    func pausedAnswers() {
        var model = Told.at90.model
        #expect(press(&model, .character(" "), .character("x"), .character("y")).count == 1)
        #expect(model.notice?.text.hasPrefix("x acted;") == true)
        #expect(press(&model, .character("f"), .character("2")).count == 1)
        #expect(model.notice?.text.hasPrefix("f acted;") == true)
    }

    @Test("The window steps and stays at its ends")
    func windowStepsAndStays() {
        var model = Told.at90.model
        for minutes in [5, 15, 60, 60] {
            _ = press(&model, .character("+"))
            #expect(model.windowMinutes == minutes)
        }
        for _ in 0..<5 { _ = press(&model, .character("-")) }
        #expect(model.windowMinutes == 1)
    }

    @Test("A message fades after a few seconds")
    func noticeFades() {
        var model = Told.at90.model
        _ = update(&model, .notice("saved to \u{1B}[31mx"))
        #expect(model.notice?.text == "saved to ␛[31mx")
        _ = update(&model, .tick(model.now + .seconds(6)))
        #expect(model.notice == nil)
    }

    @Test("Missing snapshots are noticed")
    func missingSnapshotsAreNoticed() {
        var model = Told.at90.model
        _ = update(&model, .tick(model.now + .seconds(7)))
        #expect(render(model, width: 120, height: 36).rowText(0).contains("NO DATA for 7.0 s"))
    }

    @Test("The reason for missing snapshots stays on the screen until one arrives")
    func theSourceFailed() throws {
        var model = Told.at90.model
        _ = update(&model, .resize(width: 120, height: 36))
        _ = update(&model, .sourceFailed("the loop has gone\u{1B}"))
        #expect(model.notice?.text == "no more figures: the loop has gone␛")
        _ = update(&model, .tick(model.now + .seconds(60)))
        #expect(render(model, width: 120, height: 36).rowText(0).contains("NO DATA: the loop has gone␛"))
        #expect(render(model, width: 40, height: 12).plainText().contains("NO DATA"))
        _ = update(&model, .snapshot(try #require(model.live.source), utcOffsetSeconds: 0))
        #expect(render(model, width: 120, height: 36).rowText(0).contains("live"))
    }

    @Test("The mouse selects rows and opens tabs")
    func mouseSelectsAndOpensTabs() {
        var model = Told.at90.model
        _ = update(&model, .resize(width: 120, height: 36))
        let rows = render(model, width: 120, height: 36).plainText().split(separator: "\n")
        let row = rows.firstIndex { $0.hasPrefix("  ledger") } ?? 0
        _ = update(&model, .mouse(x: 5, y: row, .press))
        #expect(model.selection == 4)
        _ = update(&model, .mouse(x: 5, y: row, .wheelUp))
        #expect(model.selection == 3)
        _ = update(&model, .mouse(x: 17, y: 1, .press))
        #expect(model.view == .inspect)
        _ = press(&model, .character("m"))
        _ = update(&model, .mouse(x: 2, y: 1, .press))
        #expect(model.view == .inspect, "the mouse is off")
    }

    /// By a column that changes under the hand some host would never be reached.
    @Test("The inspector steps through the hosts in the given order")
    func theInspectorGoesThroughTheHostsAsGiven() {
        var model = Told.at90.model
        model.sort = .column(.active)
        _ = press(&model, .character("2"))
        while model.selection != 0 { _ = press(&model, .left) }
        var seen: [Int?] = []
        for _ in Story.names {
            seen.append(model.selection)
            _ = press(&model, .right)
        }
        #expect(seen == Story.names.indices.map { $0 })
    }

    @Test("The key table can be written as Markdown")
    func keyTableBecomesMarkdown() {
        let text = keyTableMarkdown()
        #expect(text.hasPrefix("| key |"))
        #expect(text.contains("| `K` | HTTP keep-alive, all hosts | all |"))
        #expect(text.split(separator: "\n").count == keyTable.count + 2)
    }

    /// Words are wrapped and not cut, and what is below the box's edge can be scrolled to.
    @Test("The help can be scrolled to its end", arguments: [(120, 36), (80, 24), (60, 20), (40, 12)])
    func helpCanBeReadToItsEnd(_ width: Int, _ height: Int) {
        var model = Told.at90.model
        _ = update(&model, .resize(width: width, height: height))
        var seen = Set<String>()
        _ = press(&model, .character("?"))
        for _ in 0..<200 {
            for line in render(model, width: width, height: height).plainText().split(separator: "\n") {
                seen.formUnion(line.split(separator: " ").map(String.init))
            }
            _ = press(&model, .down)
        }
        let text = render(model, width: width, height: height).plainText()
        #expect(seen.isSuperset(of: ["rounded", "up.", "percentiles", "change;", "now.", "CLOSED", "about."]))
        #expect(text.contains("about."), "the last line is where scrolling ends")
    }
}
