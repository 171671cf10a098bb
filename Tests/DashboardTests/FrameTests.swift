import Testing
import Wording

@testable import Dashboard

@Suite struct FrameTests {
    @Test("Writes are clipped to the frame")
    func writesClip() {
        var frame = Frame(width: 4, height: 1)
        frame.put("abcdef", x: 2, y: 0)
        frame.put("zz", x: -1, y: 0)
        frame.put("no", x: 0, y: 1)
        frame[9, 9] = Cell("x")
        #expect(frame.rowText(0) == "z ab")
        #expect(frame[9, 9] == .blank)
    }

    @Test("Wide scalars take two cells")
    func wideScalarsTakeTwoCells() {
        var frame = Frame(width: 5, height: 1)
        #expect(frame.put("寿司寿", x: 0, y: 0) == 4)
        #expect(frame[1, 0].isFiller && frame[3, 0].isFiller && !frame[4, 0].isFiller)
        frame.put("x", x: 1, y: 0)
        #expect(frame.rowText(0) == " x司", "half of a wide scalar is none")
        frame.put("y", x: 2, y: 0)
        #expect(!frame[3, 0].isFiller)
    }

    @Test("ASCII frames contain only ASCII")
    func asciiFramesHoldOnlyASCII() {
        var frame = Frame(width: 8, height: 1, asciiOnly: true)
        frame.put("a▸寿…ü", x: 0, y: 0)
        #expect(frame.rowText(0) == "a>??~?")
    }

    @Test("The golden form contains the roles")
    func goldenFormNamesRoles() {
        var frame = Frame(width: 6, height: 1)
        frame.put("ab", x: 0, y: 0, role: .bad)
        frame[3, 0] = Cell(" ", role: .fresh, style: .reverse)
        #expect(frame.goldenText() == "6x1\nab █\n--\nbb f\n")
    }

    @Test("Every role has its own letter")
    func everyRoleHasItsOwnLetter() {
        #expect(Set(Role.allCases.map(\.letter)).count == Role.allCases.count)
    }
}

@Suite struct NumbersTests {
    @Test(
        "Rates fit their columns",
        arguments: [
            (0, "0"), (0.01, "<0.1"), (0.3, "0.3"), (9.96, "10"), (14.2, "14"), (999.6, "1,000"), (3333.3, "3,333"),
            (9999, "9,999"), (33_333, "33.3k"), (1_234_567, "1.2M"),
        ]) func rates(_ value: Double, _ text: String)
    { #expect(Numbers.rate(value) == text) }

    @Test(
        "Short figures fit four columns",
        arguments: [
            (0.04, "0"), (3.24, "3.2"), (14, "14"), (3333, "3.3k"), (9949, "9.9k"), (9951, "10k"), (999_600, "1.0M"),
        ]) func shortFiguresFitFourColumns(_ value: Double, _ text: String)
    {
        #expect(Numbers.short(value) == text && text.count <= 4)
    }

    @Test(
        "Waiting times fit five columns",
        arguments: [(0.000_3, "<1ms"), (0.0094, "9ms"), (0.9, "900ms"), (1.84, "1.8s"), (3700, "62min")])
    func waitsFitFiveColumns(_ seconds: Double, _ text: String) {
        #expect(Numbers.wait(seconds) == text && text.count <= 5)
    }

    @Test(
        "Counts of things are whole below ten thousand",
        arguments: [(3, "3"), (952, "952"), (1024, "1,024"), (9999, "9,999"), (12_010, "12.0k")]) func thingsAreWhole(
            _ count: Int, _ text: String
        )
    {
        #expect(Numbers.shortCount(count) == text)
    }

    @Test(
        "Low numbers of containers have a decimal",
        arguments: [(2.94, "2.9"), (3.02, "3.0"), (9.96, "10"), (40.1, "41")])
    func fewContainersHaveADecimal(_ value: Double, _ text: String) { #expect(Numbers.containers(value) == text) }

    @Test("Shares are never rounded to all or nothing")
    func sharesAreNotRoundedIntoAllOrNothing() {
        #expect(Numbers.percent(0.99999) == "99.9%")
        #expect(Numbers.percent(1) == "100%")
        #expect(Numbers.percent(0.00001) == "0.1%")
        #expect(Numbers.percent(0) == "0%")
        #expect(Numbers.percent(nil) == "-" && Numbers.percent(.nan) == "-")
    }

    @Test(
        "A change is a percentage, and from three times as much on a factor",
        arguments: [
            (3333.0, 12.0, "−99.6%"), (100, 45, "−55%"), (100, 110, "+10%"), (0, 5, nil), (9, 0, "−100%"),
            (100, 300, "+200%"), (100, 310, "×3.1"), (115, 3333, "×29"), (1, 20_000, "×20.0k"), (100, 100.2, "+0%"),
        ] as [(Double, Double, String?)]) func changes(_ before: Double, _ after: Double, _ text: String?)
    {
        #expect(Numbers.change(from: before, to: after, minus: "−", times: "×") == text)
    }

    @Test("Extreme figures do not trap")
    func extremesDoNotTrap() {
        for value in [Double.nan, .infinity, -.infinity, 1e300, -1e300, .leastNonzeroMagnitude] {
            _ = [
                Numbers.rate(value), Numbers.short(value), Numbers.percent(value), Numbers.milliseconds(value),
                Numbers.duration(value), Numbers.age(value), Numbers.timeOfDay(value), Numbers.fixed(value, 2),
                Numbers.runningSeconds(value), AxisLabels.figure(value),
            ]
        }
    }
}
