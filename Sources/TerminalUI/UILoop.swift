package import Dashboard
import Glibc
import PlainDocuments
package import PoolModel

/// Why the screen ended.
package enum ScreenEnd: Equatable, Sendable {
    /// The user quit.
    case quit
    case signal(TerminalSignal)
    /// The terminal was disconnected.
    case hangUp

    /// The exit status of the process: 128 plus the signal's number.
    package var exitCode: Int32 {
        switch self {
        case .quit: 0
        case .signal(let signal): 128 + signal.number
        case .hangUp: 128 + SIGHUP
        }
    }
}

/// Runs on the main thread while the screen is shown: waits for the user, signals and other threads, updates the model,
/// and draws.
///
/// It makes no decisions, draws nothing itself and holds no lock. All events of one turn are drawn together.
package struct UILoop<State> {
    package var update: (inout State, Input) -> [UIEffect]
    package var render: (State, _ width: Int, _ height: Int) -> Frame
    /// Performs an effect that the loop cannot, and returns a message for the user if there is one. Must not block;
    /// results that take longer are reported later with `SnapshotSlot.post`.
    package var perform: (UIEffect) -> String?
    /// Calls its argument, which stops this process and returns when it continues (^Z).
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

    /// Returns when the screen must be closed; the caller closes the session.
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
            // If the terminal has not accepted the last frame, no other is drawn; the wait ends when it has.
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

    /// Collects all events in this order: keys, signals, other threads.
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
        if let fleet = contents.fleet {
            inputs.append(.fleet(fleet, utcOffsetSeconds: utcOffset(at: fleet.takenAt)))
        }
        if let news = contents.instance {
            inputs.append(.instance(news, utcOffsetSeconds: news.newestTime.map { utcOffset(at: $0) } ?? 0))
        }
        if let reason = contents.failure { inputs.append(.sourceFailed(reason)) }
        if let shown = contents.picture { inputs.append(.picture(shown.picture, shown.playback)) }
        pace.changed(urgently: false)
    }

    /// Passes an event to the model and performs the resulting effects. Returns true to quit. Results of effects are
    /// passed to the model in turn. The number of rounds is limited, because a model that always answers with another
    /// effect would be a bug.
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
                case .agent, .save, .play, .watch, .showNames, .open:
                    if let answer = perform(effect) { waiting = [.notice(answer)] + waiting }
                }
                pace.changed(urgently: true)
            }
        }
        return false
    }
}

extension UILoop where State == Dashboard.Model {
    /// Creates the loop of the program.
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
