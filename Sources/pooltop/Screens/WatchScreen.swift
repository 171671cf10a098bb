import Dashboard
import NIOConcurrencyHelpers
import PoolModel
import Recordings
import SessionConfig
import Sessions
import TerminalUI
import Watch
import WatchCore

/// The terminal interface for processes that are watched: the views of a session, and before them a list of processes.
struct WatchScreen {
    let plan: WatchPlan

    func show() throws -> ScreenEnd {
        let notes = EarlyNotes()
        // A wrong process is told of before the screen comes up.
        let watched = try blocking { [plan] in try await Watched.begin(plan) { notes.add($0) } }
        let source = MarkedSource(source: watched.source)
        let (opened, files, first) = try opening(watched, source)
        defer { opened.terminal.close() }
        notes.go(to: opened.slot)
        var model = Dashboard.Model(configuration: configuration(opened))
        return try LiveScreen(source: source, opened: opened, files: files).show(
            &model, first: first, perform: { perform($0, watched, source) })
    }

    /// - Throws: why there is no screen, or no file, or no first snapshot; nothing is watched any more then.
    private func opening(
        _ watched: Watched, _ source: MarkedSource
    ) throws -> (OpenScreen, SessionFiles, first: AgentSnapshot) {
        do {
            let first = try blocking { try await source.snapshot(socketsFor: []) }
            let opened = try OpenScreen(
                plan.screen, instead: "`pooltop watch --format text|json|ndjson` needs no terminal")
            do {
                let files = try watched.files(
                    interval: ReportPlan().interval,
                    onFailure: { [slot = opened.slot] in slot.post(notice: $0.message) })
                return (opened, files, first)
            } catch {
                opened.terminal.close()
                throw error
            }
        } catch {
            try blocking { try await source.shutdown() }
            throw error
        }
    }

    private func configuration(_ opened: OpenScreen) -> Dashboard.Configuration {
        var configuration = opened.configuration
        configuration.source = "watch"
        configuration.isWatch = true
        configuration.beginsWithProcesses = plan.listsProcesses
        configuration.capabilities = .watch
        return configuration
    }

    private func perform(_ effect: UIEffect, _ watched: Watched, _ source: MarkedSource) -> String? {
        switch effect {
        case .watch(let pid):
            watched.source.choose(pid.map { .processes([$0]) } ?? watched.selection.scope)
        case .showNames(let names): watched.source.show(names: names)
        case .agent(.resetCounters):
            source.mark(ProgramNotice(.totalsReset))
        case .agent: return "not possible: pooltop only watches here and changes nothing"
        case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
        case .setMouse, .redraw, .suspend, .quit, .play, .setTheme, .copy, .open: break
        }
        return nil
    }
}

/// Messages for the screen, kept until it is there.
private final class EarlyNotes: Sendable {
    private let state = NIOLockedValueBox<(slot: SnapshotSlot?, texts: [String])>((nil, []))

    func add(_ text: String) {
        state.withLockedValue { state in
            if let slot = state.slot { slot.post(notice: text) } else { state.texts.append(text) }
        }
    }

    func go(to slot: SnapshotSlot) {
        state.withLockedValue { state in
            state.slot = slot
            for text in state.texts { slot.post(notice: text) }
        }
    }
}

/// A source whose snapshots have the person's marks, which no watched process knows of.
private final class MarkedSource: SnapshotSource {
    private let source: any WatchedSource
    private let marks = NIOLockedValueBox<[ProgramNotice]>([])

    init(source: any WatchedSource) { self.source = source }

    /// Any thread. The mark is in the next snapshot.
    func mark(_ notice: ProgramNotice) { marks.withLockedValue { $0.append(notice) } }

    func snapshot(socketsFor: Set<Int>) async throws -> AgentSnapshot {
        var snapshot = try await source.snapshot(socketsFor: socketsFor)
        let new = marks.withLockedValue { marks in
            defer { marks = [] }
            return marks
        }
        snapshot.events += new.map { notice in
            AgentNotice(level: .mark, uptimeSeconds: snapshot.uptimeSeconds, hostID: nil, kind: .program(notice))
        }
        return snapshot
    }

    func shutdown() async throws { try await source.shutdown() }
}
