import Foundation
import Testing
import Wording

@testable import Dashboard
@testable import PoolModel

@Suite("Menus, columns and explanations")
struct ComfortTests {
    private static func model(_ width: Int = 120, _ height: Int = 36) -> Model { CommandTests.model(width, height) }

    private func press(_ model: inout Model, _ keys: Key...) { for key in keys { _ = update(&model, .key(key)) } }

    private func text(_ model: Model) -> String { render(model, width: model.width, height: model.height).plainText() }

    @Test(
        "A press on a heading sorts by its column, a second one the other way round", arguments: [(120, 36), (80, 24)])
    func headings(width: Int, height: Int) throws {
        var model = Self.model(width, height)
        let rows = text(model).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let y = try #require(rows.firstIndex { $0.hasPrefix("  HOST") })
        func x(_ heading: String) throws -> Int {
            let range = try #require(rows[y].range(of: heading))
            return rows[y].distance(from: rows[y].startIndex, to: range.lowerBound) + 1
        }
        _ = update(&model, .mouse(x: try x("NEW/s"), y: y, .press))
        #expect(model.sort == .column(.opened) && !model.sortReversed && model.pointedColumn == .opened)
        _ = update(&model, .mouse(x: try x("NEW/s"), y: y, .press))
        #expect(model.sort == .column(.opened) && model.sortReversed)
        _ = update(&model, .mouse(x: try x("CLOSED BY"), y: y, .press))
        #expect(
            model.sort == .column(.opened) && model.pointedColumn == .closedBy, "no order, but something to explain")
        _ = update(&model, .mouse(x: try x("HOST"), y: y, .press))
        #expect(model.sort == .name)
        _ = update(&model, .mouse(x: 4, y: y + 1, .press))
        #expect(model.sort == .name && model.selection == 0)
    }

    @Test("The menu of orders sorts, and reverses the one there is")
    func sortMenu() {
        var model = Self.model()
        press(&model, .function(6))
        #expect(text(model).contains("Sort by"))
        for _ in 0..<(HostSort.all.firstIndex(of: .column(.opened)) ?? 0) { press(&model, .down) }
        press(&model, .enter)
        #expect(model.sort == .column(.opened) && model.overlay == nil)
        press(&model, .function(6), .enter)
        #expect(model.sort == .column(.opened) && model.sortReversed)
    }

    @Test("The chooser hides columns, moves them, and knows the sets")
    func chooser() {
        var model = Self.model()
        press(&model, .character("C"), .character(" "))
        #expect(!text(model).contains("  KA "))
        #expect(model.columns.hidden == [.keepAlive])
        press(&model, .down, .right)
        #expect(model.columns.onScreen.prefix(2) == [.idle, .active])
        #expect(model.overlay == .menu(.columns, selected: 2), "the marker goes with the column")
        press(&model, .left)
        #expect(model.columns.onScreen.prefix(2) == [.active, .idle])
        press(&model, .character("4"))
        #expect(model.columns == ColumnChoice(set: .churn))
        press(&model, .character("1"), .escape)
        #expect(model.columns == ColumnChoice() && model.overlay == nil)
        press(&model, .character("C"))
        for _ in HostColumn.allCases { press(&model, .character(" "), .down) }
        #expect(model.columns.onScreen.isEmpty)
        EverySizeTests.check(model, 120, 36)
    }

    @Test("Setup steps through what the screen looks like, and all of it is kept")
    func setup() {
        var model = Self.model()
        press(&model, .function(2))
        #expect(text(model).contains("Not kept: --no-preferences."))
        let effects = update(&model, .key(.right))
        #expect(effects.map { "\($0)" } == ["setTheme(\"dark\")"] && model.preferences.theme == "dark")
        for (row, expected) in [(1, "block"), (4, "5 min"), (5, "two"), (6, "many")] {
            model.overlay = .menu(.setup, selected: row)
            press(&model, .right)
            #expect(text(model).contains(expected))
        }
        model.overlay = .menu(.setup, selected: 2)
        press(&model, .enter)
        #expect(model.overlay == .menu(.columns, selected: 0))
        model.overlay = .menu(.setup, selected: 8)
        press(&model, .right)
        #expect(model.live.capacity.ownCPUSecondsPerRequest == 0.001)
    }

    /// As much of a text as stands in one line wherever it is wrapped.
    private static func beginning(_ text: String) -> String {
        text.split(separator: " ").prefix(4).joined(separator: " ")
    }

    @Test("A column explains its value for the selected host after ?", arguments: HostColumn.allCases)
    func explanations(column: HostColumn) throws {
        var model = Self.model()
        press(&model, .down, .down)
        model.pointedColumn = column
        press(&model, .character("?"))
        let shown = text(model)
        #expect(shown.contains("of payments") && shown.contains(Self.beginning(column.meaning)))
        let host = try #require(model.picture.host(2))
        for line in column.explanation(host, model.picture) {
            #expect(!line.contains("nil") && !line.contains("Optional"))
            #expect(line.hasSuffix("."), "\(line)")
        }
        press(&model, .right)
        #expect(model.pointedColumn != column)
        press(&model, .down)
        #expect(text(model).contains("of legacy"))
        press(&model, .character("?"))
        #expect(model.overlay == .help(scroll: 0))
        press(&model, .character("?"), .escape, .character("?"))
        #expect(model.overlay == .help(scroll: 0), "esc forgot the column")
    }

    @Test("The explanation of reuse has the figures that the share is made of")
    func reuse() throws {
        let model = Self.model()
        let host = try #require(model.picture.host(2))
        let window = model.picture.window(2)
        let line = HostColumn.reuse.explanation(host, model.picture)[0]
        #expect(
            line
                == "\(Numbers.percent(window.reuse)): \(Numbers.count(window.reused)) of \(Numbers.count(window.exchanges)) requests in the last 10 s found a used connection."
        )
    }

    @Test("Help explains every column of the view", arguments: View.allCases)
    func help(view: View) {
        var model = Self.model(120, 80)
        model.view = view
        press(&model, .character("h"))
        let shown = text(model)
        for row in ColumnHelp.rows(view, columns: model.columns) {
            #expect(shown.contains(row.name) && shown.contains(Self.beginning(row.text)), "\(row)")
        }
    }

    @Test("Another own CPU per request changes the containers of the whole history at once")
    func ownCPU() throws {
        var model = Self.model()
        let before = try #require(model.picture.containers.value)
        press(&model, .character("o"))
        #expect(text(model).contains(":own-cpu") && text(model).contains("CPU of your service per request"))
        for scalar in "5ms".unicodeScalars { press(&model, .character(scalar)) }
        press(&model, .enter)
        let after = try #require(model.picture.containers.value)
        #expect(after > before * 8 && after < before * 10)
        let history = model.picture.history.seconds
        let early = try #require(history[20]?.containers)
        #expect(early > 25, "before the mark, too")
        _ = update(&model, .snapshot(try #require(model.live.source), utcOffsetSeconds: 0))
        #expect(model.picture.containers.value == after)
        press(&model, .character("?"))
        #expect(text(model).contains("(5 ms + agent's CPU per request)"))
    }

    private static func fresh(_ width: Int, _ height: Int, _ preferences: Preferences = Preferences()) -> Model {
        var (model, _) = Story.played(until: 20, configure: { $0.preferences = preferences })
        _ = update(&model, .resize(width: width, height: height))
        return model
    }

    @Test(
        "A new person is told of K and of o, until they were used",
        arguments: [(120, 36), (80, 24), (60, 20), (40, 18)])
    func firstRun(width: Int, height: Int) {
        var model = Self.fresh(width, height)
        let line = width >= 80 ? "Press K to see this load with keep-alive, K again" : "K: "
        #expect(text(model).contains(line))
        if width == 120 { #expect(text(model).contains("at 0.5 ms own CPU each: o changes that")) }
        press(&model, .character("K"))
        #expect(!text(model).contains(line))
        #expect(
            !render(Self.fresh(width, height, model.preferences), width: width, height: height).plainText().contains(
                line))
        press(&model, .character("o"), .escape)
        #expect(!text(model).contains("own CPU each"))
    }

    @Test("Where K cannot act nobody is told of it")
    func firstRunOfARecording() {
        #expect(!render(ReplayKeyTests.model, width: 120, height: 36).plainText().contains("Press K"))
    }
}
