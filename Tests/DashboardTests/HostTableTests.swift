import Testing
import Wording

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
    @Test("Each column set puts its own columns first")
    func otherColumnsComeFirst() {
        let words = (0...3).map { heading($0).split(separator: " ").prefix(4).joined(separator: " ") }
        #expect(
            words == [
                "HOST KA ACT IDLE", "HOST REQ/s ACT IDLE", "HOST REQ/s p50 ms", "HOST REQ/s NEW/s REUSE",
            ])
        for set in 0...3 { #expect(heading(set).contains("CLOSED BY"), "all columns fit") }
    }

    /// The narrow table has no row for the sum: its last row is a host, and a press on it selects that host.
    @Test("The last row of the table can be clicked", arguments: [60, 120]) func theLastRowCanBePressed(width: Int) {
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

    @Test("Why a host fails is never cut", arguments: [80, 120]) func causesAreWhole(width: Int) {
        var (model, story) = Told.at90
        _ = update(&model, .resize(width: width, height: 36))
        let causes: [(seconds: Double, inBody: Int, text: String)] = [
            (3.9, 0, "! no response 3.9 s"), (3900, 0, "! no response 65 min"), (9.9, 1, "! body stalls 9.9 s"),
        ]
        for cause in causes {
            story.step()
            story.hosts[0].silentSeconds = cause.seconds
            story.hosts[0].inFlightAges = [
                InFlightAge(atLeastSeconds: cause.seconds, requests: 1, inBody: cause.inBody)
            ]
            story.give(to: &model)
            let rows = render(model, width: width, height: 36).plainText().split(separator: "\n")
            #expect(rows.contains { $0.contains("!catalog") && $0.hasSuffix(cause.text) }, "\(cause.text)")
        }
    }

    @Test("Axis labels have no superfluous decimals")
    func axisLabelsHaveNoDecimalThatSaysNothing() {
        func top(_ value: Double) -> String { AxisLabels.linear(top: value, rows: 5, unit: "/s")[0].text }
        #expect([5, 2.5, 5000, 10_000, 25_000].map(top) == ["5/s", "2.5/s", "5,000/s", "10k/s", "25k/s"])
    }

    /// Names cut to the same beginning would be the same name: these keep their ends.
    @Test("Host names in the strips are distinguishable")
    func namesInTheStripsDiffer() {
        var (model, story) = Story.played(until: 2)
        story.hosts[0].name = "127.0.0.1:8001"
        story.hosts[1].name = "127.0.0.1:8002"
        story.give(to: &model)
        let screen = render(model, width: 120, height: 36).plainText()
        #expect(screen.contains("12…:8001 ") && screen.contains("12…:8002 "))
    }
}

@Suite("Thousands") struct ThousandsTests {
    @Test("A rate has the same digits in the headline, the charts and the table")
    func everywhere() {
        for (width, height) in [(120, 36), (80, 24)] {
            let screen = render(Told.at90.model, width: width, height: height).plainText()
            #expect(screen.contains("HTTP 3,344/s") && !screen.contains("3.3k"), "\(width)")
            #expect(screen.split(separator: "\n").contains { $0.hasSuffix(" 3,344") || $0.contains(" 3,344 ") })
        }
        #expect(render(Told.at90.model, width: 60, height: 20).plainText().contains("HTTP 3,344/s"))
    }

    @Test("Axes write thousands as figures do")
    func axes() {
        let labels = AxisLabels.logarithmic(decades: 4, rows: 9, unit: "/s").map(\.text)
        #expect(labels == ["10k/s", "100", "1"])
        #expect(AxisLabels.logarithmic(decades: 3, rows: 9, unit: "/s").first?.text == "1,000/s")
        #expect(AxisLabels.linear(top: 2000, rows: 9, unit: "/s").map(\.text) == ["2,000/s", "1,000", "0"])
    }

    @Test("An estimate at the end of a line has its sign and fits", arguments: [3333.0, 33_333, 333_333, 7, 0.4])
    func tails(rate: Double) {
        let text = Numbers.tail(.estimate(rate))
        #expect(text.hasPrefix("~") && text.count <= 5, "\(text)")
    }

    @Test("Five thousand sockets have a comma, whatever says it")
    func sockets() {
        #expect(Numbers.count(.exact(5000)) == "5,000" && Numbers.shortCount(.exact(5000)) == "5,000")
    }
}

@Suite("Figures at the ends of lines") struct EndLabelTests {
    @Test(
        "They stand in the order of their lines, wherever those end",
        arguments: [
            ([0.9, 0.5, 0.1], [0, 2, 4]), ([0.02, 0.01, 0], [2, 3, 4]), ([1, 1, 1], [0, 1, 2]),
            ([0.5, 0.5, 0.5], [2, 3, 4]), ([0.3, 0.25, 0.2, 0.1, 0.05, 0], [0, 1, 2, 3, 4]),
        ])
    func order(heights: [Double], rows: [Int]) { #expect(Canvas.endRows(heights: heights, rows: 5) == rows) }

    @Test("A chart without rows has none") func none() { #expect(Canvas.endRows(heights: [0.5], rows: 0).isEmpty) }
}
