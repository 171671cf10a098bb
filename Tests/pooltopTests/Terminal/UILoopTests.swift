import Dashboard
import Foundation
import Glibc
import PoolModel
import Testing

@testable import TerminalUI

/// A model that remembers what it was told, and asks for what a key stands for.
private struct Diary {
    var lines: [String] = []

    static func update(_ diary: inout Diary, _ input: Input) -> [UIEffect] {
        switch input {
        case .key(.character("q")): return [.quit]
        case .key(.character("w")): return [.save(text: "picture", snapshot: nil)]
        case .key(.character("m")): return [.setMouse(false)]
        case .key(let key): diary.lines.append("\(key)")
        case .resize(let width, let height): diary.lines.append("\(width)x\(height)")
        case .snapshot(let snapshot, _): diary.lines.append("snapshot \(snapshot.sequence)")
        case .fleet(let picture, _): diary.lines.append("fleet at \(picture.takenAt)")
        case .instance(let news, _): diary.lines.append("instance since \(news.uptimeOffset)")
        case .picture(_, let playback): diary.lines.append("picture at \(playback.position)")
        case .tick: break
        case .mouse(let x, let y, let act): diary.lines.append("\(act) \(x),\(y)")
        case .notice(let text), .sourceFailed(let text): diary.lines.append(text)
        case .paste: diary.lines.append("paste")
        }
        return []
    }

    static func render(_ diary: Diary, _ width: Int, _ height: Int) -> Frame {
        var frame = Frame(width: width, height: height)
        for (y, line) in diary.lines.enumerated() { frame.put(line, x: 0, y: y) }
        return frame
    }

    /// A loop that ends with the first input of that kind, or with the key `q`.
    static func loop(
        quitting isLast: @escaping (Input) -> Bool = { _ in false },
        perform: @escaping (UIEffect) -> String? = { _ in nil }
    ) -> UILoop<Diary> {
        UILoop(
            update: { diary, input in
                let effects = Diary.update(&diary, input)
                return isLast(input) ? [.quit] : effects
            }, render: Diary.render, perform: perform)
    }
}

extension ScreenTests.Loop {
    typealias Common = ScreenTests

    @Test("Keys are passed on in order until one quits")
    func keysAreToldInOrderUntilOneQuits() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal)
        defer { session.close() }
        terminal.type("a\u{1B}[B\u{1B}[200~q\u{1B}[201~\u{1B}[<0;3;4Mwq")
        var diary = Diary()
        let end = Diary.loop(perform: { _ in "saved" }).run(model: &diary, session: session, slot: SnapshotSlot())
        #expect(end == .quit)
        #expect(end.exitCode == 0)
        #expect(diary.lines == ["80x24", "character(\"a\")", "down", "paste", "press 2,3", "saved"])
    }

    @Test("Escape is passed on without another key")
    func escapeIsToldWithoutAnotherKey() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal)
        defer { session.close() }
        terminal.type("\u{1B}")
        var diary = Diary()
        let loop = Diary.loop(quitting: { if case .key(.escape) = $0 { true } else { false } })
        #expect(loop.run(model: &diary, session: session, slot: SnapshotSlot()) == .quit)
    }

    @Test("Other threads can wake the loop")
    func otherThreadsWakeIt() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal)
        defer { session.close() }
        let slot = SnapshotSlot()
        let snapshot = try emptySnapshot(sequence: 8)
        Thread.detachNewThread {
            slot.post(notice: "hello")
            slot.put(snapshot)
        }
        var diary = Diary()
        let loop = Diary.loop(quitting: { if case .snapshot = $0 { true } else { false } })
        #expect(loop.run(model: &diary, session: session, slot: slot) == .quit)
        #expect(diary.lines == ["80x24", "hello", "snapshot 8"])
    }

    @Test(
        "Signals end the loop", arguments: [(TerminalSignal.interrupt, Int32(130)), (.terminate, 143), (.hangUp, 129)])
    func signalsEndIt(signal: TerminalSignal, code: Int32) throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal)
        defer { session.close() }
        kill(getpid(), signal.number)
        var diary = Diary()
        let end = Diary.loop().run(model: &diary, session: session, slot: SnapshotSlot())
        #expect(end == .signal(signal))
        #expect(end.exitCode == code)
    }

    @Test("A disconnected terminal ends the loop")
    func aTerminalThatGoesAwayEndsIt() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal)
        defer { session.close() }
        terminal.hangUp()
        var diary = Diary()
        let end = Diary.loop().run(model: &diary, session: session, slot: SnapshotSlot())
        #expect(end == .hangUp)
        #expect(end.exitCode == 129)
    }

    @Test("Changes of size and the mouse switch reach the terminal")
    func sizeAndMouseReachTheTerminal() throws {
        let terminal = try PseudoTerminal()
        let session = try Common.open(terminal)
        defer { session.close() }
        terminal.type("m")
        terminal.resize(width: 100, height: 30)
        kill(getpid(), SIGWINCH)
        var diary = Diary()
        let loop = Diary.loop(quitting: { if case .resize(100, 30) = $0 { true } else { false } })
        #expect(loop.run(model: &diary, session: session, slot: SnapshotSlot()) == .quit)
        #expect(session.width == 100 && session.height == 30)
        #expect(terminal.output().contains("\u{1B}[?1000l"))
    }
}
