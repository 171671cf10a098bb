import Testing

@testable import Dashboard
@testable import PoolModel

@Suite struct HostTableTests {
    /// With a set of columns that the chooser has under a digit.
    private func heading(_ set: Int) -> String {
        var model = Told.at90.model
        _ = update(&model, .resize(width: 120, height: 36))
        let digit = Unicode.Scalar(UInt8(ascii: "1") + UInt8(set))
        for key in [Key.character("C"), .character(digit), .escape] { _ = update(&model, .key(key)) }
        let rows = render(model, width: 120, height: 36).plainText().split(separator: "\n")
        return rows.first { $0.hasPrefix("  HOST") }.map { String($0) } ?? ""
    }

    /// Where all columns fit the key still does something: those asked for come first.
    @Test func otherColumnsComeFirst() {
        let words = (0...3).map { heading($0).split(separator: " ").prefix(4).joined(separator: " ") }
        #expect(
            words == [
                "HOST KA ACT IDLE", "HOST REQ/s ACT IDLE", "HOST REQ/s p50 ms", "HOST REQ/s NEW/s REUSE",
            ])
        for set in 0...3 { #expect(heading(set).contains("CLOSED BY"), "all columns fit") }
    }

    /// The narrow table has no row for the sum: its last row is a host, and a press on it selects that host.
    @Test(arguments: [60, 120]) func theLastRowCanBePressed(width: Int) {
        var model = Told.at90.model
        _ = update(&model, .resize(width: width, height: 36))
        let rows = render(model, width: width, height: 36).plainText().split(separator: "\n")
        guard let row = rows.lastIndex(where: { $0.hasPrefix("  flaky") }) else {
            Issue.record("flaky is not in the table")
            return
        }
        _ = update(&model, .mouse(x: 4, y: row, .press))
        #expect(model.selection == 6)
    }

    @Test func axisLabelsHaveNoDecimalThatSaysNothing() {
        func top(_ value: Double) -> String { AxisLabels.linear(top: value, rows: 5, unit: "/s")[0].text }
        #expect([5, 2.5, 5000, 10_000, 25_000].map(top) == ["5/s", "2.5/s", "5,000/s", "10k/s", "25k/s"])
    }

    /// Names cut to the same beginning would be the same name: these keep their ends.
    @Test func namesInTheStripsDiffer() {
        var (model, story) = Story.played(until: 2)
        story.hosts[0].name = "127.0.0.1:8001"
        story.hosts[1].name = "127.0.0.1:8002"
        story.give(to: &model)
        let screen = render(model, width: 120, height: 36).plainText()
        #expect(screen.contains("….1:8001 ") && screen.contains("….1:8002 "))
    }
}
