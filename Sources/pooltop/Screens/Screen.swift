import Dashboard
import PoolModel
import Recordings
import SessionConfig
import Sessions
import TerminalUI

/// The terminal interface for a session: traffic on its event loops, snapshots through a slot, the screen on this
/// thread.
struct Screen {
    let plan: SessionPlan

    /// The interval between lines of `--hdr-log` for one host and phase.
    private static let logInterval = Duration.seconds(1)

    func show() throws -> ScreenEnd {
        let opened = try OpenScreen(plan.screen)
        defer { opened.terminal.close() }
        let session = try blocking { [plan] in try await Session.make(plan) }
        let live = LiveScreen(source: session, opened: opened, files: try openFiles(session, opened.slot))
        let actions = ScreenActions(session: session, slot: opened.slot)
        var model = Dashboard.Model(configuration: configuration(session, opened))
        let first = try blocking {
            let first = try await session.snapshot()
            try await session.begin()
            return first
        }
        let end = tellingOfTheEnd(session, opened.slot)
        defer { end.cancel() }
        return try live.show(
            &model, first: first, perform: { actions.perform($0) }, whileStopped: { session.stopped(by: $0) })
    }

    /// If a file cannot be written, this is reported on the screen, and again after the screen was closed.
    private func openFiles(_ session: Session, _ slot: SnapshotSlot) throws -> SessionFiles {
        do {
            return try SessionFiles(
                session, command: "monitor", interval: Self.logInterval,
                onFailure: { slot.post(notice: $0.message) })
        } catch {
            try blocking { try await session.shutdown() }
            throw error
        }
    }

    private func configuration(_ session: Session, _ opened: OpenScreen) -> Dashboard.Configuration {
        var configuration = opened.configuration
        configuration.settings = SettingCatalog(session)
        configuration.source = session.fleet == nil ? "targets" : "demo"
        configuration.isInsecure = plan.tls.insecure
        configuration.oldTLS = TLSWeakness(plan.tls).oldVersion
        if session.fleet == nil { configuration.capabilities.faults = "the targets are not the bundled ones" }
        return configuration
    }

    private func tellingOfTheEnd(_ session: Session, _ slot: SnapshotSlot) -> Task<Void, Never> {
        Task {
            await slot.reportingFailure {
                try await session.trafficEnded()
                if !Task.isCancelled { slot.post(notice: "the load has run its time; q quits") }
            }
        }
    }
}
