import Foundation
import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("Clicks in menus")
struct MenuClickTests {
    private static func model(_ width: Int = 120, _ height: Int = 36) -> Model { CommandTests.model(width, height) }

    private func rows(_ model: Model) -> [String] {
        render(model, width: model.width, height: model.height).plainText()
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// A click on the first cell of a text on the screen.
    private func click(_ text: String, _ model: inout Model) throws -> [UIEffect] {
        let rows = rows(model)
        let y = try #require(rows.lastIndex { $0.contains(text) }, "\(text)")
        let range = try #require(rows[y].range(of: text))
        let x = rows[y].distance(from: rows[y].startIndex, to: range.lowerBound)
        return update(&model, .mouse(x: x, y: y, .press))
    }

    @Test("A click on a row of the menu of orders sorts", arguments: [(120, 36), (80, 24), (72, 12)])
    func sort(width: Int, height: Int) throws {
        var model = Self.model(width, height)
        _ = update(&model, .key(.function(6)))
        _ = try click("  IDLE  ", &model)
        #expect(model.sort == .column(.idle) && model.overlay == nil)
    }

    @Test("A click on a row of the chooser shows or hides the column, and the menu stays")
    func columns() throws {
        var model = Self.model()
        _ = update(&model, .key(.character("C")))
        _ = try click("[x] IDLE", &model)
        #expect(model.columns.hidden == [.idle])
        _ = try click("[ ] IDLE", &model)
        #expect(model.columns.hidden.isEmpty)
        guard case .menu(.columns, let selected) = model.overlay else {
            Issue.record("the menu has gone")
            return
        }
        #expect(model.columns.all[selected] == .idle)
    }

    @Test("A click on a row of the setup changes that row")
    func setup() throws {
        var model = Self.model()
        _ = update(&model, .key(.function(2)))
        let effects = try click("theme ", &model)
        #expect(effects.count == 1 && model.theme != "auto")
        _ = try click("window of the charts", &model)
        #expect(model.windowMinutes == 5)
    }

    @Test("A click on a fault injects it, and one on an answer answers")
    func questions() throws {
        var model = Self.model()
        let host = try #require(model.selection)
        _ = update(&model, .key(.character("f")))
        #expect("\(try click("refuse new", &model))" == "\([UIEffect.agent(.inject(.refuse, host: host))])")
        #expect(model.overlay == nil)
        _ = update(&model, .key(.character("x")))
        #expect("\(try click("a  all", &model))" == "\([UIEffect.agent(.closeIdle(host: nil))])")
        _ = update(&model, .key(.character("x")))
        #expect(try click("Requests that run", &model).isEmpty && model.overlay != nil, "no answer")
        #expect(try click("n  none", &model).isEmpty && model.overlay == nil)
    }

    @Test("A click beside a menu closes it, one on its frame or below its rows does nothing")
    func beside() throws {
        var model = Self.model()
        _ = update(&model, .key(.character("C")))
        _ = try click("A digit takes", &model)
        _ = try click(" Columns ", &model)
        #expect(model.overlay != nil && model.columns.hidden.isEmpty)
        _ = update(&model, .mouse(x: 0, y: 0, .press))
        #expect(model.overlay == nil && model.columns.hidden.isEmpty)
    }
}
