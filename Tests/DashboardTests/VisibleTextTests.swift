import Testing
import Wording

@testable import Dashboard
@testable import PoolModel

@Suite struct VisibleTextTests {
    /// Every scalar there is, one by one and in company.
    @Test("No scalar that could move the cursor is passed through")
    func noScalarGetsThroughThatCouldMoveTheCursor() {
        var batch = ""
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            batch.unicodeScalars.append(scalar)
            if batch.unicodeScalars.count == 250 {
                check(batch)
                batch = ""
            }
        }
        check(batch)
    }

    private func check(_ text: String) {
        let shown = visibleText(text)
        let count = text.unicodeScalars.count
        #expect(shown.unicodeScalars.count == count)
        let isSafe = shown.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
                .nonspacingMark, .enclosingMark, .spacingMark:
                false
            case .spaceSeparator: scalar == " "
            default: true
            }
        }
        #expect(isSafe, "after U+\(String(text.unicodeScalars.first?.value ?? 0, radix: 16))")
    }

    @Test("Placeholders are visible")
    func standInsAreSeen() {
        #expect(visibleText("a\u{1B}[2Jb\u{7F}\n") == "a␛[2Jb␡␊")
        #expect(visibleText("\u{202E}evil\u{200D}\u{9B}") == "\u{FFFD}evil\u{FFFD}\u{FFFD}")
        #expect(visibleText("plain, 名前, é") == "plain, 名前, é")
    }

    @Test(
        "A screen has a cell per scalar, a report keeps combining marks, and neither joins, reorders or hides text",
        arguments: [
            // CJK, kana and Hangul
            ("寿司 スシ 스시", "寿司 スシ 스시", "寿司 スシ 스시"),
            // emoji joined by ZWJ, with a skin tone, with a variation selector; a flag
            ("👩\u{200D}💻", "👩\u{FFFD}💻", "👩?💻"), ("👍🏽", "👍🏽", "👍🏽"), ("❤\u{FE0F}", "❤\u{FFFD}", "❤?"), ("🇩🇪", "🇩🇪", "🇩🇪"),
            // combining marks, on a letter and without one; vowels of Hangul
            ("e\u{301}", "e\u{FFFD}", "e\u{301}"), ("\u{301}e \u{301}", "\u{FFFD}e \u{FFFD}", "?e ?"),
            ("\u{1B}\u{301}", "␛\u{FFFD}", "??"), ("\u{1112}\u{1161}", "\u{1112}\u{FFFD}", "\u{1112}\u{1161}"),
            // overrides and isolates of direction; the letters themselves stay
            ("a\u{202E}b\u{2066}c\u{2069}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}", "a?b?c?"), ("שלום", "שלום", "שלום"),
            // C0, DEL, C1
            ("a\u{7}\u{7F}\u{9B}31m\u{85}", "a␇␡\u{FFFD}31m\u{FFFD}", "a???31m?"),
            // blanks that are none, and fillers
            ("a\u{A0}b\u{3000}c\u{3164}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}", "a?b?c?"),
            // lines, private use, not assigned
            ("a\u{2028}\u{E000}\u{378}", "a\u{FFFD}\u{FFFD}\u{FFFD}", "a???"),
        ])
    func bothForms(text: String, onScreens: String, inReports: String) {
        #expect(visibleText(text).unicodeScalars.elementsEqual(onScreens.unicodeScalars))
        #expect(visibleText(text, placeholders: .ascii).unicodeScalars.elementsEqual(inReports.unicodeScalars))
    }

    @Test(
        "Width counts columns: two for East Asian and emoji, none for marks",
        arguments: [
            ("abc", 3), ("é", 1), ("e\u{301}", 1), ("寿司", 4), ("ｱ", 1), ("ＡＢ", 4), ("한", 2),
            ("\u{1112}\u{1161}\u{11AB}", 2),
            ("か\u{3099}", 2), ("👩💻", 4), ("👍🏽", 4), ("🇩🇪", 2), ("❤", 1), ("✅", 2), ("\u{1FAE9}", 2), ("\u{1F6D8}", 2),
            ("\u{1FAEA}", 2), ("\u{18D80}", 2), ("שלום", 4), ("─█⣿▸", 4), ("①㉈", 2), ("हिन्दी", 5),
        ])
    func columns(text: String, columns: Int) { #expect(displayWidth(of: text) == columns) }

    @Test("A combining mark that was not removed does not move the cells after it")
    func marksTakeNoCell() {
        var frame = Frame(width: 5, height: 1)
        #expect(frame.put("e\u{301}寿a", x: 0, y: 0) == 4)
        #expect(frame.rowText(0) == "e寿a")
    }

    @Test("Long text is truncated")
    func longTextIsCut() {
        let shown = visibleText(String(repeating: "x", count: 300))
        #expect(shown.unicodeScalars.count == 256 && shown.hasSuffix("x…"))
        #expect(visibleText("abc", limit: 2) == "a…")
        let reported = visibleText(String(repeating: "x", count: 300), placeholders: .ascii)
        #expect(reported.unicodeScalars.count == 256 && reported.hasSuffix("x..."))
        #expect(visibleText("abcd", limit: 2, placeholders: .ascii) == "..")
    }

    @Test("Invalid UTF-8 is repaired")
    func brokenUTF8IsRepaired() {
        #expect(visibleText(decoding: [0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
        #expect(visibleText(decoding: Array(repeating: UInt8(0x1B), count: 5000)).unicodeScalars.count == 256)
    }

    @Test("Malicious names do not reach the screen")
    func hostileNamesDoNotReachTheScreen() {
        var (model, story) = Story.played(until: 2)
        story.hosts[0].name = "evil\u{1B}]0;x\u{07}\u{202E}"
        story.hosts[1].name = "寿司寿司寿司寿司寿司寿司"
        story.step()
        story.give(to: &model)
        for (width, height) in [(120, 36), (80, 24), (41, 11), (25, 5), (7, 1)] {
            EverySizeTests.check(model, width, height)
        }
    }
}
