import Testing

@testable import Dashboard
@testable import PoolModel

@Suite struct VisibleTextTests {
    /// Every scalar there is, one by one and in company.
    @Test func noScalarGetsThroughThatCouldMoveTheCursor() {
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

    @Test func standInsAreSeen() {
        #expect(visibleText("a\u{1B}[2Jb\u{7F}\n") == "a␛[2Jb␡␊")
        #expect(visibleText("\u{202E}evil\u{200D}\u{9B}") == "\u{FFFD}evil\u{FFFD}\u{FFFD}")
        #expect(visibleText("plain, 名前, é") == "plain, 名前, é")
    }

    @Test func longTextIsCut() {
        let shown = visibleText(String(repeating: "x", count: 300))
        #expect(shown.unicodeScalars.count == 256 && shown.hasSuffix("x…"))
        #expect(visibleText("abc", limit: 2) == "a…")
    }

    @Test func brokenUTF8IsRepaired() {
        #expect(visibleText(decoding: [0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
        #expect(visibleText(decoding: Array(repeating: UInt8(0x1B), count: 5000)).unicodeScalars.count == 256)
    }

    @Test func hostileNamesDoNotReachTheScreen() {
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
