import Dashboard
import Testing

@testable import TerminalUI

@Suite struct KeyDecoderTests {
    static let single: [(String, Key)] = [
        ("a", .character("a")), ("G", .character("G")), (" ", .character(" ")), ("~", .character("~")),
        ("é", .character("é")), ("語", .character("語")), ("🙂", .character("🙂")),
        ("\r", .enter), ("\n", .enter), ("\t", .tab), ("\u{7F}", .backspace), ("\u{8}", .backspace),
        ("\u{1}", .ctrl("a")), ("\u{3}", .ctrl("c")), ("\u{C}", .ctrl("l")), ("\u{1A}", .ctrl("z")),
        ("\u{1B}[A", .up), ("\u{1B}OA", .up), ("\u{1B}[B", .down), ("\u{1B}OB", .down),
        ("\u{1B}[C", .right), ("\u{1B}OC", .right), ("\u{1B}[D", .left), ("\u{1B}OD", .left),
        ("\u{1B}[1;5A", .up), ("\u{1B}[1;2D", .left),
        ("\u{1B}[H", .home), ("\u{1B}OH", .home), ("\u{1B}[1~", .home), ("\u{1B}[7~", .home),
        ("\u{1B}[F", .end), ("\u{1B}OF", .end), ("\u{1B}[4~", .end), ("\u{1B}[8~", .end),
        ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown), ("\u{1B}[5;3~", .pageUp),
        ("\u{1B}OP", .function(1)), ("\u{1B}[11~", .function(1)), ("\u{1B}[[A", .function(1)),
        ("\u{1B}[1;2P", .function(1)), ("\u{1B}OQ", .function(2)), ("\u{1B}[12~", .function(2)),
        ("\u{1B}[[B", .function(2)), ("\u{1B}OR", .function(3)), ("\u{1B}[17~", .function(6)),
        ("\u{1B}[21~", .function(10)), ("\u{1B}[24;5~", .function(12)),
        ("\u{1B}[Z", .shiftTab), ("\u{1B}[27u", .escape), ("\u{1B}[13;2u", .enter),
        ("\u{1B}OM", .enter), ("\u{1B}Op", .character("0")), ("\u{1B}Oy", .character("9")),
        ("\u{1B}Ok", .character("+")),
    ]

    @Test("Each sequence is one key", arguments: single) func oneSequenceIsOneKey(bytes: String, key: Key) {
        var decoder = KeyDecoder()
        #expect(decoder.feed(bytes.utf8) == [.key(key)])
        #expect(decoder.patience == nil)
    }

    @Test("Each sequence can arrive byte by byte", arguments: single) func theSameByteByByte(bytes: String, key: Key) {
        var decoder = KeyDecoder()
        #expect(bytes.utf8.flatMap { decoder.feed([$0]) } == [.key(key)])
    }

    /// None of these may be taken for a key; the `x` after each has to be.
    @Test(
        "Other sequences are not keys",
        arguments: [
            "\u{1B}[1;1R", "\u{1B}[12;40R", "\u{1B}[16~", "\u{1B}[22~", "\u{1B}[[F",
            "\u{1B}[2~", "\u{1B}[3~", "\u{1B}[I", "\u{1B}[O", "\u{1B}[?1;2$y", "\u{1B}[3;7R", "\u{1B}[99999999999;1~",
            "\u{1B}[<0;5;7m", "\u{1B}[<2;5;7M", "\u{1B}[<35;5;7M", "\u{1B}[<;M", "\u{1B}]0;quit\u{7}",
            "\u{1B}]52;c;cQ==\u{1B}\\", "\u{1B}Pq#0\u{1B}\\", "\u{1B}_q\u{1B}\\", "\u{0}", "\u{1C}", "\u{9B}",
            "\u{1B}[" + String(repeating: "1;", count: 500) + "A" + "\u{1B}[2~",
        ]) func notAKey(bytes: String)
    {
        var decoder = KeyDecoder()
        let events = decoder.feed((bytes + "x").utf8).filter { $0 != .key(.up) }
        #expect(events == [.key(.character("x"))])
    }

    @Test(
        "Invalid characters are dropped",
        arguments: [
            [0xC3, 0x28], [0x80, 0x28], [0xFF, 0x28], [0xC0, 0xAF, 0x28], [0xE0, 0x80, 0x80, 0x28],
            [0xED, 0xA0, 0x80, 0x28], [0xF4, 0x90, 0x80, 0x80, 0x28], [0xF0, 0x9F, 0x28],
        ] as [[UInt8]]) func brokenCharactersAreDropped(bytes: [UInt8])
    {
        var decoder = KeyDecoder()
        #expect(decoder.feed(bytes) == [.key(.character("("))])
    }

    @Test("Escape alone is a key after a pause")
    func escapeAloneIsAKeyAfterSilence() {
        var decoder = KeyDecoder()
        #expect(decoder.feed([0x1B]) == [])
        #expect(decoder.patience == .milliseconds(25))
        #expect(decoder.silence() == [.key(.escape)])
        #expect(decoder.patience == nil)
        #expect(decoder.silence() == [])
    }

    @Test("Escape before a key is not lost")
    func escapeBeforeAKeyIsNotLost() {
        var decoder = KeyDecoder()
        #expect(decoder.feed("\u{1B}q".utf8) == [.key(.escape), .key(.character("q"))])
        #expect(decoder.feed("\u{1B}\u{1B}[A".utf8) == [.key(.escape), .key(.up)])
        #expect(decoder.feed("\u{1B}é".utf8) == [.key(.escape), .key(.character("é"))])
    }

    @Test("A control byte interrupts a sequence")
    func aControlByteCutsASequenceOff() {
        var decoder = KeyDecoder()
        #expect(decoder.feed("\u{1B}[12\u{3}".utf8) == [.key(.ctrl("c"))])
        #expect(decoder.feed("\u{1B}[1\u{1B}[B".utf8) == [.key(.down)])
        #expect(decoder.feed("\u{1B}]0;x\u{1B}[B".utf8) == [.key(.down)])
    }

    @Test(
        "An incomplete sequence is dropped after a pause",
        arguments: ["\u{1B}[", "\u{1B}[1;", "\u{1B}O", "\u{1B}]11;", "\u{1B}[[", "\u{1B}[M!"])
    func aBeginningLeadsNowhereAfterSilence(bytes: String) {
        var decoder = KeyDecoder()
        #expect(decoder.feed(bytes.utf8) == [])
        #expect(decoder.patience == .milliseconds(100))
        #expect(decoder.silence() == [])
        #expect(decoder.feed("j".utf8) == [.key(.character("j"))])
    }

    @Test(
        "A paste is discarded",
        arguments: [
            "q", "", "q\u{3}\r\nq", "\u{1B}[A", "\u{1B}[20", "\u{1B}\u{1B}[201", "\u{1B}[200~q", "é\u{1B}[201;",
        ]) func aPasteIsSwallowed(text: String)
    {
        var decoder = KeyDecoder()
        #expect(decoder.feed(("\u{1B}[200~" + text + "\u{1B}[201~j").utf8) == [.paste, .key(.character("j"))])
    }

    @Test("A paste without an end is abandoned")
    func aPasteWithoutEndIsGivenUp() {
        var decoder = KeyDecoder()
        #expect(decoder.feed("\u{1B}[200~qqq".utf8) == [])
        #expect(decoder.patience == .seconds(1))
        #expect(decoder.silence() == [.paste])
        #expect(decoder.feed("j".utf8) == [.key(.character("j"))])
    }

    @Test("Mouse reports are decoded")
    func mouse() {
        var decoder = KeyDecoder()
        #expect(decoder.feed("\u{1B}[<0;5;7M\u{1B}[<0;5;7m".utf8) == [.mouse(x: 4, y: 6, .press)])
        #expect(decoder.feed("\u{1B}[<64;300;1M".utf8) == [.mouse(x: 299, y: 0, .wheelUp)])
        #expect(decoder.feed("\u{1B}[<81;1;1M".utf8) == [.mouse(x: 0, y: 0, .wheelDown)])
        #expect(decoder.feed([0x1B, 0x5B, 0x4D, 32, 33, 34]) == [.mouse(x: 0, y: 1, .press)])
        #expect(decoder.feed("\u{1B}[<0;0;0M".utf8) == [.mouse(x: 0, y: 0, .press)])
    }

    @Test("Query responses are decoded")
    func answersToQuestions() {
        var decoder = KeyDecoder()
        #expect(
            decoder.feed("\u{1B}]11;rgb:ffff/8000/0000\u{1B}\\k\u{1B}[?64;1;22c".utf8) == [
                .background(red: 1, green: Double(0x8000) / 65535, blue: 0), .key(.character("k")), .attributes,
            ])
        #expect(decoder.feed("\u{1B}]11;rgba:f/0/f/f\u{7}".utf8) == [.background(red: 1, green: 0, blue: 1)])
        for wrong in ["11;rgb:", "11;rgb:fffff/0/0", "11;rgb:x/y/z", "11;rgb:ff/ff", "10;rgb:f/f/f", "11;rgb:f//f"] {
            #expect(decoder.feed("\u{1B}]\(wrong)\u{7}".utf8) == [], "\(wrong)")
        }
    }

    /// On any input the decoder neither traps nor gets stuck: after a pause a key is a key again.
    @Test("Random input does not trap", arguments: 0..<64) func noiseIsSurvived(seed: UInt64) {
        var random = SplitMix(state: seed)
        var decoder = KeyDecoder()
        let alphabet = Array("\u{1B}\u{1B}\u{1B}[[O]PM<?;~0129ABZu\u{7}\\q".utf8)
        for _ in 0..<2000 {
            let pick = random.next()
            let byte = pick & 7 == 0 ? UInt8(truncatingIfNeeded: pick >> 8) : alphabet[Int(pick >> 8) % alphabet.count]
            _ = decoder.feed([byte])
        }
        _ = decoder.silence()
        #expect(decoder.feed("j".utf8) == [.key(.character("j"))])
    }
}

private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return (value ^ (value >> 31)) >> 1
    }
}
