import Dashboard
import Glibc
import Testing

@testable import TerminalUI
@testable import pooltop

@Suite struct ThemeTests {
    static let all = ColorDepth.allCases.flatMap { depth in
        [false, true].map { Theme(depth: depth, isLight: $0) }
    }

    @Test("All colours exist at their depth", arguments: all) func coloursExistAtTheirDepth(theme: Theme) {
        for role in Role.allCases {
            guard let color = theme[role].color else { continue }
            #expect((0..<theme.depth.rawValue).contains(color), "\(role)")
        }
    }

    /// With any palette, no role uses a colour that may be the background: black, white, or bright black.
    @Test("Nothing is drawn in black or white", arguments: all) func nothingIsBlackOrWhite(theme: Theme) {
        for role in Role.allCases {
            #expect(![0, 7, 8, 15, 16, 231].contains(theme[role].color ?? -1), "\(role)")
        }
        #expect(theme[.text] == Ink(color: nil, style: []))
    }

    @Test("Without colours only bold, underline and reverse are used", arguments: [false, true])
    func withoutColourOnlyBoldUnderlineAndReverse(isLight: Bool) {
        let theme = Theme(depth: .mono, isLight: isLight)
        for role in Role.allCases {
            #expect(theme[role].color == nil)
            let everything = Cell("x", role: role, style: [.bold, .dim, .underline, .reverse])
            #expect(theme.style(everything) == [.bold, .underline, .reverse])
            #expect(theme.style(Cell("x", role: role)).isDisjoint(with: .dim))
        }
    }

    /// Elements of one picture must be distinguishable: the three series, the change, and good from bad.
    @Test("The series differ in their style", arguments: all.filter { $0.depth != .mono }) func seriesDiffer(
        theme: Theme
    ) {
        let series = [Role.demand, .fresh, .lookup].map { theme[$0] }
        #expect(Set(series.map(\.color)).count == 3)
        #expect(theme[.good] != theme[.bad])
        #expect(theme[.warn] != theme[.bad])
        #expect(theme[.mark] != theme[.demand])
        #expect(theme[.mark] != theme[.fresh])
    }

    /// WCAG contrast against pure black or white: 4.5 for words, 3 for lines and fills.
    @Test("Colours are readable with many colours", arguments: [false, true]) func manyColoursCanBeRead(isLight: Bool) {
        let theme = Theme(depth: .many, isLight: isLight)
        for role in Role.allCases {
            guard let color = theme[role].color else { continue }
            let needed = role == .axis || role == .fresh ? 3.0 : 4.5
            #expect(contrast(color, onWhite: isLight) >= needed, "\(role)")
        }
    }

    @Test("A theme of one's own changes the roles that it names, as far as the terminal has its colours")
    func ownTheme() {
        let own = UserTheme.read("base = light\ndemand = 80\nfresh = red bold\nlabel = default dim\n").theme
        let many = Theme(depth: .many, isLight: false, user: own)
        #expect(many[.demand] == Ink(color: 80, style: []) && many[.fresh] == Ink(color: 1, style: .bold))
        #expect(many[.label] == Ink(color: nil, style: .dim))
        #expect(many[.bad] == Theme(depth: .many, isLight: true)[.bad])
        let eight = Theme(depth: .eight, isLight: false, user: own)
        #expect(eight[.demand] == Theme(depth: .eight, isLight: true)[.demand] && eight[.fresh].color == 1)
        let mono = Theme(depth: .mono, isLight: false, user: own)
        for role in Role.allCases { #expect(mono[role].color == nil) }
        #expect(mono[.fresh].style == .bold)
        #expect(Theme(named: "night", (.many, false), ["night": own]) == many)
        #expect(Theme(named: "day", (.many, false), ["night": own]) == nil)
        #expect(Theme(named: "mono", (.many, false), [:])?.depth == .mono)
    }

    @Test(
        "Text for the clipboard is in Base64 as in RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
            ("\u{FF}\u{FE}>?", "w7/Dvj4/"),
        ])
    func base64(text: String, expected: String) {
        #expect(Modes.copy(text) == "\u{1B}]52;c;\(expected)\u{7}")
    }

    @Test(
        "The colour depth follows from the number of colours",
        arguments: [
            (0, ColorDepth.mono), (1, .mono), (8, .eight), (16, .sixteen), (88, .sixteen), (256, .many),
            (1 << 24, .eight),
        ]) func depthForACountOfColours(colors: Int, depth: ColorDepth)
    {
        #expect(ColorDepth(colors: colors) == depth)
    }

    @Test("Light and dark backgrounds are recognised")
    func backgrounds() {
        #expect(Background.isLight(red: 1, green: 1, blue: 1))
        #expect(!Background.isLight(red: 0, green: 0, blue: 0))
        #expect(Background.isLight(red: 0.99, green: 0.96, blue: 0.89))  // Solarized light
        #expect(!Background.isLight(red: 0, green: 0.17, blue: 0.21))  // and dark
        #expect(Background.isLight(colorFGBG: "0;15") == true)
        #expect(Background.isLight(colorFGBG: "0;default;7") == true)
        #expect(Background.isLight(colorFGBG: "15;0") == false)
        #expect(Background.isLight(colorFGBG: "7;8") == false)
        for nothing in [nil, "", "x", "15;default", "1;99"] { #expect(Background.isLight(colorFGBG: nothing) == nil) }
        #expect(Background.canBeAsked(term: "xterm-256color"))
        #expect(!Background.canBeAsked(term: "linux"))
    }

    @Test(
        "NO_COLOR counts unless it is empty",
        arguments: [(nil, false), ("", false), ("1", true), ("0", true)] as [(String?, Bool)])
    func noColorCountsUnlessEmpty(value: String?, expected: Bool) {
        #expect(TerminalOptions(environment: { $0 == "NO_COLOR" ? value : nil }).noColor == expected)
        #expect(TerminalOptions(noColor: true, environment: { _ in nil }).noColor)
    }

    private func contrast(_ color: Int, onWhite: Bool) -> Double {
        let ink = luminance(color)
        return onWhite ? 1.05 / (ink + 0.05) : (ink + 0.05) / 0.05
    }

    /// The luminance in the 6×6×6 cube and the greys, which are the same in all terminals.
    private func luminance(_ color: Int) -> Double {
        let levels = [0, 95, 135, 175, 215, 255]
        let parts: [Int]
        if color >= 232 {
            parts = Array(repeating: 8 + 10 * (color - 232), count: 3)
        } else {
            parts = [levels[(color - 16) / 36], levels[(color - 16) / 6 % 6], levels[(color - 16) % 6]]
        }
        let linear = parts.map { part -> Double in
            let value = Double(part) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
}
