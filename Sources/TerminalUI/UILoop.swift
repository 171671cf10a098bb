package import Dashboard
import Glibc
import PlainDocuments
package import PoolModel

/// How the screen came to its end.
package enum ScreenEnd: Equatable, Sendable {
    /// The person quit.
    case quit
    case signal(TerminalSignal)
    /// The terminal went away.
    case hangUp

    /// What the process exits with: 128 and the signal's number.
    package var exitCode: Int32 {
        switch self {
        case .quit: 0
        case .signal(let signal): 128 + signal.number
        case .hangUp: 128 + SIGHUP
        }
    }
}

/// The main thread while the screen is up: waits for the person, signals and other threads, tells the model, and draws.
///
/// It neither decides nor draws anything itself, and it holds no lock. All that it is told in one turn is drawn at once.
package struct UILoop<State> {
    package var update: (inout State, Input) -> [UIEffect]
    package var render: (State, _ width: Int, _ height: Int) -> Frame
    /// Does what the loop cannot do itself, and answers with a line for the person, if there is one. Must not block;
    /// what takes long is answered later, by `SnapshotSlot.post`.
    package var perform: (UIEffect) -> String?
    /// Calls its argument, which stops this process and returns when it goes on (^Z).
    package var whileStopped: (() -> Void) -> Void
    package var now: () -> Moment

    private static var tickInterval: Nanoseconds { .seconds(1) }

    package init(
        update: @escaping (inout State, Input) -> [UIEffect], render: @escaping (State, Int, Int) -> Frame,
        perform: @escaping (UIEffect) -> String?, whileStopped: @escaping (() -> Void) -> Void = { $0() },
        now: @escaping () -> Moment = monotonicNow
    ) {
        self.update = update
        self.render = render
        self.perform = perform
        self.whileStopped = whileStopped
        self.now = now
    }

    /// Returns when the screen has to come down; the caller closes the session.
    package func run(model: inout State, session: TerminalSession, slot: SnapshotSlot) -> ScreenEnd {
        var pace = DrawingPace()
        var nextTick = now()
        var inputs: [Input] = [.resize(width: session.width, height: session.height)]
        var wakeup = Wakeup()
        while true {
            collect(wakeup, session, slot, &inputs, &pace)
            if now() >= nextTick {
                inputs.append(.tick(now()))
                nextTick = now() + Self.tickInterval
                session.trimCapturedErrors()
                pace.changed(urgently: false)
            }
            let mustQuit = tell(&model, inputs, session, &pace)
            inputs = []
            if let end = end(wakeup, mustQuit) { return end }
            // A terminal that has not taken the last frame gets no other: the wait ends when it has.
            if !session.isBlocked, pace.delay(now()) == 0 {
                session.draw(render(model, session.width, session.height))
                pace.drawn(at: now())
            }
            let drawing = session.isBlocked ? .max : pace.delay(now()) ?? .max
            let wait = min(drawing, max(0, nextTick - now()))
            wakeup = session.wait(alsoFor: slot.wakeDescriptor, atMost: .nanoseconds(wait))
        }
    }

    private func end(_ wakeup: Wakeup, _ mustQuit: Bool) -> ScreenEnd? {
        for signal in wakeup.signals {
            switch signal {
            case .interrupt, .terminate, .hangUp: return .signal(signal)
            case .resize, .stop, .resume: continue
            }
        }
        if wakeup.isHungUp { return .hangUp }
        return mustQuit ? .quit : nil
    }

    /// Everything that came, in the order: keys, signals, other threads.
    private func collect(
        _ wakeup: Wakeup, _ session: TerminalSession, _ slot: SnapshotSlot, _ inputs: inout [Input],
        _ pace: inout DrawingPace
    ) {
        for event in wakeup.events {
            switch event {
            case .key(let key): inputs.append(.key(key))
            case .mouse(let x, let y, let act): inputs.append(.mouse(x: x, y: y, act))
            case .paste: inputs.append(.paste)
            }
            pace.changed(urgently: true)
        }
        for signal in wakeup.signals {
            switch signal {
            case .interrupt, .terminate, .hangUp: continue
            case .resize: session.refreshSize()
            case .stop: whileStopped { session.suspend() }
            case .resume: session.comeBack()
            }
            inputs.append(.resize(width: session.width, height: session.height))
            pace.changed(urgently: true)
        }
        guard wakeup.isWoken else { return }
        let contents = slot.take()
        for notice in contents.notices { inputs.append(.notice(notice)) }
        if let snapshot = contents.snapshot {
            inputs.append(.snapshot(snapshot, utcOffsetSeconds: utcOffset(at: snapshot.takenAt)))
        }
        if let reason = contents.failure { inputs.append(.sourceFailed(reason)) }
        if let shown = contents.picture { inputs.append(.picture(shown.picture, shown.playback)) }
        pace.changed(urgently: false)
    }

    /// Tells the model and does what it asks for. True: quit. Answers are told in turn; they are lines of text, and a model
    /// that asked for something on each of them for ever would be a bug, so there is an end to it.
    private func tell(
        _ model: inout State, _ inputs: [Input], _ session: TerminalSession, _ pace: inout DrawingPace
    ) -> Bool {
        var waiting = inputs[...]
        var told = 0
        while let input = waiting.popFirst(), told < inputs.count + 64 {
            told += 1
            for effect in update(&model, input) {
                switch effect {
                case .quit: return true
                case .redraw:
                    session.invalidate()
                case .suspend:
                    whileStopped { session.suspend() }
                    waiting = [.resize(width: session.width, height: session.height)] + waiting
                case .setMouse(let isOn):
                    session.setMouse(isOn)
                case .copy(let text):
                    session.copy(text)
                case .setTheme(let name):
                    session.setTheme(name)
                case .setKeepAlive, .setDNSCache, .flushDNS, .changeLoad, .closeIdle, .inject, .save, .resetCounters,
                    .play, .changeSetting:
                    if let answer = perform(effect) { waiting = [.notice(answer)] + waiting }
                }
                pace.changed(urgently: true)
            }
        }
        return false
    }
}

extension UILoop where State == Dashboard.Model {
    /// The loop of the program.
    package init(perform: @escaping (UIEffect) -> String?) {
        self.init(
            update: Dashboard.update, render: { Dashboard.render($0, width: $1, height: $2) }, perform: perform)
    }
}

/// The monotonic clock.
package func monotonicNow() -> Moment {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}
