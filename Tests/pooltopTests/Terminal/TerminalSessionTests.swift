import Dashboard
import Glibc
import Testing

@testable import Sessions
@testable import TerminalUI
@testable import pooltop

/// curses, signals and stderr are one per process, so all tests that put up a screen run one after another.
@Suite(.serialized) struct ScreenTests {
    @Suite struct Session {}
    @Suite struct Loop {}
}

extension ScreenTests {
    static func options(
        _ theme: ThemeChoice = .dark, noColor: Bool = false, mouse: Bool = true, term: String = "xterm-256color",
        locale: String = "C.UTF-8"
    ) -> TerminalOptions {
        var options = TerminalOptions(theme: theme, noColor: noColor, mouse: mouse) { $0 == "TERM" ? term : nil }
        options.locale = locale
        return options
    }

    static func open(_ terminal: PseudoTerminal, _ options: TerminalOptions = options()) throws -> TerminalSession {
        try TerminalSession(options: options, standardInput: terminal.slave, standardOutput: terminal.slave)
    }

    static func frame(_ session: TerminalSession, _ rows: [String], role: Role = .text) -> Frame {
        var frame = Frame(width: session.width, height: session.height)
        for (y, text) in rows.enumerated() { frame.put(text, x: 0, y: y, role: role) }
        return frame
    }
}

extension ScreenTests.Session {
    typealias Common = ScreenTests

    @Test("What is copied goes to the terminal as OSC 52, and another theme repaints")
    func copyAndTheme() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal)
        defer { session.close() }
        session.draw(Common.frame(session, ["hello"], role: .fresh))
        _ = terminal.output()
        session.copy("a;\u{7}b")
        #expect(terminal.output() == "\u{1B}]52;c;YTsHYg==\u{7}")
        session.setTheme("nothing")
        session.draw(Common.frame(session, ["hello"], role: .fresh))
        #expect(terminal.output() == "", "a name that is none changes nothing")
        let before = session.theme
        session.setTheme("light")
        #expect(session.theme != before)
        session.draw(Common.frame(session, ["hello"], role: .fresh))
        #expect(terminal.output().contains("hello"))
    }

    @Test("The terminal is restored completely")
    func everythingIsGivenBack() throws {
        let terminal = try PseudoTerminal()
        let before = terminal.modes()
        let session = try Common.open(terminal)
        let during = terminal.modes()
        #expect(during.c_lflag & tcflag_t(ICANON | ECHO) == 0)
        #expect(during.c_oflag & tcflag_t(OPOST) == 0)
        session.draw(Common.frame(session, ["hello"]))
        let shown = terminal.output()
        #expect(shown.contains("hello"))
        for mode in ["?1049h", "?2004h", "?1000h", "?1006h", "?25l"] {
            #expect(shown.contains("\u{1B}[" + mode), "\(mode)")
        }
        session.close()
        let last = terminal.output()
        for mode in ["?1049l", "?2004l", "?1000l", "?1006l", "?25h", "?2026l"] {
            #expect(last.contains("\u{1B}[" + mode), "\(mode)")
        }
        let after = terminal.modes()
        #expect(after.c_lflag == before.c_lflag && after.c_iflag == before.c_iflag && after.c_oflag == before.c_oflag)
        session.close()
        #expect(terminal.output() == "")
    }

    @Test("A released session is restored too")
    func aForgottenSessionIsGivenBackToo() throws {
        let terminal = try PseudoTerminal()
        let before = terminal.modes()
        do { _ = try Common.open(terminal) }
        #expect(terminal.output().contains("\u{1B}[?2004l"))
        #expect(terminal.modes().c_lflag == before.c_lflag)
    }

    @Test("If there can be no screen, nothing is written")
    func nothingIsWrittenWhereThereCanBeNoScreen() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let terminal = try PseudoTerminal()
        let pipeEnd = ends[1]
        #expect(throws: TerminalError.notATerminal(stream: "standard output")) {
            try TerminalSession(
                options: Common.options(), standardInput: terminal.slave, standardOutput: pipeEnd)
        }
        #expect(throws: TerminalError.notATerminal(stream: "standard input")) {
            try TerminalSession(options: Common.options(), standardInput: pipeEnd, standardOutput: terminal.slave)
        }
        for (term, error) in [
            ("dumb", TerminalError.dumbTerminal(name: "dumb")), ("", .unknownTerminal(name: "")),
            ("no-such", .unknownTerminal(name: "no-such")),
        ] {
            let before = terminal.modes()
            #expect(throws: error) { try Common.open(terminal, Common.options(term: term)) }
            #expect(terminal.modes().c_lflag == before.c_lflag)
            #expect(error.description.contains("pooltop run --format text|json|ndjson"))
            #expect(!error.description.contains("\n"))
        }
        #expect(terminal.output() == "")
    }

    @Test("A frame is one write between its marks")
    func aFrameIsOneWriteBetweenMarks() throws {
        let terminal = try PseudoTerminal(width: 120, height: 40)
        let session = try Common.open(terminal)
        defer { session.close() }
        session.draw(Common.frame(session, ["one", "two 10", "three"]))
        _ = terminal.output()
        let before = session.bytesWritten
        session.draw(Common.frame(session, ["one", "two 11", "three"]))
        let change = terminal.output()
        #expect(change.hasPrefix("\u{1B}[?2026h") && change.hasSuffix("\u{1B}[?2026l"))
        #expect(change.contains("1") && !change.contains("two") && !change.contains("three"))
        #expect(session.bytesWritten - before < 40)
        session.draw(Common.frame(session, ["one", "two 11", "three"]))
        #expect(terminal.output() == "")
        session.invalidate()
        session.draw(Common.frame(session, ["one", "two 11", "three"]))
        #expect(terminal.output().contains("two 11"))
    }

    /// Its entry resets everything to take a colour back, and has no way to hide the cursor.
    @Test("A terminal of an old entry keeps bold beside colours, and its cursor is hidden")
    func oldEntries() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal, Common.options(term: "xterm-color"))
        var frame = Frame(width: session.width, height: session.height)
        for (x, role) in [Role.title, .fresh, .title].enumerated() {
            frame[x, 0] = Cell("x", role: role, style: .bold)
        }
        session.draw(frame)
        let shown = terminal.output()
        #expect(shown.contains("\u{1B}[?25l") && shown.contains("\u{1B}[39mx"), "\(shown.debugDescription)")
        session.close()
        #expect(terminal.output().contains("\u{1B}[?25h"))
    }

    /// Fonts draw shades and blocks a little wider than their cell.
    @Test("Where a bar shrinks its whole row is painted, and no other is")
    func shrinkingBars() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal)
        session.draw(Common.frame(session, ["name ▒▒▒▒ end", "other"]))
        _ = terminal.output()
        session.draw(Common.frame(session, ["name ▒▒   end", "other"]))
        let shown = terminal.output()
        #expect(shown.contains("name ▒▒") && !shown.contains("other"))
        session.draw(Common.frame(session, ["game ▒▒   end", "other"]))
        #expect(!terminal.output().contains("end"), "nothing shrank")
    }

    @Test("Wide characters keep their place")
    func wideCharactersKeepTheirPlace() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal)
        defer { session.close() }
        #expect(session.isUTF8)
        session.draw(Common.frame(session, ["日本語|é⠒▄●"]))
        #expect(terminal.output().contains("日本語|é⠒▄●"))
    }

    /// The grid is not supposed to hold these, but if it does they must not reach the terminal.
    @Test("Unprintable characters are replaced")
    func whatCannotBePrintedIsReplaced() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal, Common.options(.mono))
        defer { session.close() }
        var frame = Frame(width: session.width, height: session.height)
        let bad: [Unicode.Scalar] = ["\u{1B}", "\u{7}", "\u{9B}", "\u{200B}", "\u{301}", "\u{202E}", "日"]
        for (x, scalar) in bad.enumerated() { frame[x, 1] = Cell(scalar) }
        frame[0, 0] = Cell("x", isFiller: true)
        for y in 0..<session.height { frame[session.width - 1, y] = Cell("語") }
        session.draw(frame)
        let output = terminal.output()
        #expect(output.contains("???????"))
        for scalar in bad.dropFirst() { #expect(!output.unicodeScalars.contains(scalar), "\(scalar.value)") }
        #expect(!output.unicodeScalars.contains("語"))
    }

    @Test("Without UTF-8 only ASCII is output")
    func withoutUTF8OnlyASCIILeaves() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal, Common.options(locale: "C"))
        defer { session.close() }
        #expect(!session.isUTF8)
        session.draw(Common.frame(session, ["a日b⠒c"]))
        let output = terminal.output()
        #expect(output.contains("a??b?c"))
        #expect(output.utf8.allSatisfy { $0 < 0x7F })
    }

    @Test("Colours follow the theme")
    func coloursComeFromTheTheme() throws {
        let terminal = try PseudoTerminal()
        for (options, code) in [
            (Common.options(.dark), "38;5;170"), (Common.options(.light), "38;5;127"),
            (Common.options(term: "xterm"), "35m"),
        ] {
            let session = try Common.open(terminal, options)
            session.draw(Common.frame(session, ["fill"], role: .fresh))
            session.close()
            let output = terminal.output()
            #expect(output.contains(code), "\(options.term) \(code)")
            #expect(!output.contains("\u{1B}]"), "the palette is the person's own")
        }
        for options in [Common.options(noColor: true), Common.options(.mono), Common.options(term: "vt100")] {
            let session = try Common.open(terminal, options)
            #expect(session.theme.depth == .mono)
            session.draw(Common.frame(session, ["fill"], role: .bad))
            session.close()
            let output = terminal.output()
            #expect(!output.contains("[38;") && !output.contains("[31m"))
        }
    }

    @Test(
        "The background is queried and no key is lost",
        arguments: [("ffff/ffff/ffff", true), ("0000/0000/0000", false)])
    func theBackgroundIsAskedForAndNoKeyIsLost(color: String, isLight: Bool) throws {
        let terminal = try PseudoTerminal()
        terminal.answer("\u{1B}[c", with: "j\u{1B}]11;rgb:\(color)\u{1B}\\k\u{1B}[?62;22c")
        let session = try Common.open(terminal, Common.options(.auto))
        defer { session.close() }
        #expect(session.theme.isLight == isLight)
        let slot = SnapshotSlot()
        let wakeup = session.wait(alsoFor: slot.wakeDescriptor, atMost: .seconds(5))
        #expect(wakeup.events == [.key(.character("j")), .key(.character("k"))])
    }

    @Test("A terminal that does not answer counts as dark")
    func aTerminalThatDoesNotAnswerIsDark() throws {
        let terminal = try PseudoTerminal()
        let begun = ContinuousClock.now
        let session = try Common.open(terminal, Common.options(.auto))
        defer { session.close() }
        #expect(.now - begun >= .milliseconds(100))
        #expect(!session.theme.isLight)
        terminal.type("\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\j")
        let slot = SnapshotSlot()
        let wakeup = session.wait(alsoFor: slot.wakeDescriptor, atMost: .seconds(5))
        #expect(wakeup.events == [.key(.character("j"))])
    }

    @Test("Changes of size are signalled")
    func sizeChangesAreSignalled() throws {
        let terminal = try PseudoTerminal(width: 80, height: 24)
        let session = try Common.open(terminal)
        defer { session.close() }
        let slot = SnapshotSlot()
        for (width, height) in [(250, 80), (30, 8), (1, 1), (120, 36)] {
            terminal.resize(width: width, height: height)
            kill(getpid(), SIGWINCH)
            #expect(session.wait(alsoFor: slot.wakeDescriptor, atMost: .seconds(5)).signals == [.resize])
            session.refreshSize()
            #expect(session.width == width && session.height == height)
            session.draw(Common.frame(session, ["row of text"]))
            #expect(terminal.output().contains("row of text".prefix(width)))
        }
    }

    @Test("A terminal that does not read blocks nothing")
    func aTerminalThatDoesNotReadBlocksNothing() throws {
        let terminal = try PseudoTerminal(width: 250, height: 80)
        let session = try Common.open(terminal)
        var drawn = 0
        while !session.isBlocked, drawn < 1000 {
            let text = String(repeating: drawn % 2 == 0 ? "a" : "b", count: 250)
            session.draw(Common.frame(session, Array(repeating: text, count: 80)))
            drawn += 1
        }
        #expect(session.isBlocked)
        let written = session.bytesWritten
        session.draw(Common.frame(session, ["too early"]))
        #expect(session.bytesWritten == written)
        _ = terminal.output()
        let slot = SnapshotSlot()
        while session.isBlocked {
            _ = session.wait(alsoFor: slot.wakeDescriptor, atMost: .seconds(5))
            _ = terminal.output()
        }
        session.draw(Common.frame(session, ["later"]))
        #expect(terminal.output().contains("later"))
        session.close()
    }
}
