import Dashboard
import PlainDocuments
import PoolModel
import Recordings
import SessionConfig
import Sessions
import Synchronization
import TerminalUI

/// The terminal interface for a session: traffic on its event loops, snapshots through a slot, the screen on this
/// thread.
struct Screen {
    let plan: SessionPlan

    /// The minimum interval between snapshots: faster updates are invisible and cost the agent's loop time.
    private static let pictureInterval = Duration.milliseconds(100)
    /// The interval between lines of `--hdr-log` for one host and phase.
    private static let logInterval = Duration.seconds(1)
    /// The time limits at the end for the last snapshot and for closing sockets, each.
    private static let endLimit = Duration.seconds(2)

    func show() throws -> ScreenEnd {
        let kept = KeptPreferences.load(plan.screen)
        let terminal = try openTerminal(kept)
        defer { terminal.close() }
        let session = try blocking { [plan] in try await Session.make(plan) }
        let slot = SnapshotSlot()
        let files = try openFiles(session, slot)
        let wanted = WantedSockets()
        let actions = ScreenActions(session: session, slot: slot)
        let loop = UILoop<Dashboard.Model>(
            update: { model, input in
                let effects = Dashboard.update(&model, input)
                wanted.host = model.wantsSockets
                return effects
            },
            render: { Dashboard.render($0, width: $1, height: $2) },
            perform: { actions.perform($0) },
            whileStopped: { session.stopped(by: $0) })
        var model = Dashboard.Model(configuration: configuration(session, kept, isUTF8: terminal.isUTF8))
        let tasks = try start(session, slot, wanted, files)
        kept.tell(slot)
        let end = loop.run(model: &model, session: terminal, slot: slot)
        for task in tasks { task.cancel() }
        // The terminal is restored first, so that a user who quits does not wait for sockets to close. Work that takes
        // longer ends with the process.
        terminal.close()
        kept.save(model.preferences)
        let last = try blocking(atMost: Self.endLimit) { [wanted = files.socketHosts] in
            try await session.snapshot(socketsFor: wanted)
        }
        let problems = files.finish(last, measuredSeconds: nil)
        _ = try blocking(atMost: Self.endLimit) { try await session.shutdown() }
        if let problem = problems.first { throw problem }
        return end
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

    private func openTerminal(_ kept: KeptPreferences) throws -> TerminalSession {
        do {
            return try TerminalSession(options: TerminalOptions(plan.screen, kept))
        } catch {
            throw CommandLineError(.cannotRun, "\(error)")
        }
    }

    private func configuration(
        _ session: Session, _ kept: KeptPreferences, isUTF8: Bool
    ) -> Dashboard.Configuration {
        var configuration = Dashboard.Configuration(screen: plan.screen, kept, isUTF8: isUTF8)
        configuration.settings = SettingCatalog(session)
        configuration.source = session.fleet == nil ? "targets" : "demo"
        configuration.isInsecure = plan.tls.insecure
        configuration.oldTLS = TLSWeakness(plan.tls).oldVersion
        if session.fleet == nil { configuration.capabilities.faults = "the targets are not the bundled ones" }
        return configuration
    }

    /// Starts the traffic, and sends snapshots to the slot from now on.
    private func start(
        _ session: Session, _ slot: SnapshotSlot, _ wanted: WantedSockets, _ files: SessionFiles
    ) throws -> [Task<Void, Never>] {
        let first = try blocking {
            let first = try await session.snapshot()
            try await session.begin()
            return first
        }
        files.begin(first)
        slot.put(first)
        let pump = Task {
            await slot.reportingFailure {
                while !Task.isCancelled {
                    let shown = wanted.hosts
                    let recorded = files.socketHosts(inSeconds: 2 * Self.pictureInterval.asSeconds)
                    let snapshot = try await session.snapshot(socketsFor: shown.union(recorded))
                    files.take(snapshot)
                    slot.put(snapshot.listing(socketsOf: shown))
                    try await Task.sleep(for: Self.pictureInterval)
                }
            }
        }
        let end = Task {
            await slot.reportingFailure {
                try await session.trafficEnded()
                if !Task.isCancelled { slot.post(notice: "the load has run its time; q quits") }
            }
        }
        return [pump, end]
    }
}

extension SnapshotSlot {
    /// Reports the error on the screen, unless the task was cancelled.
    func reportingFailure(_ operation: () async throws -> Void) async {
        do {
            try await operation()
        } catch {
            if !Task.isCancelled { fail("\(error)") }
        }
    }
}

extension Dashboard.Configuration {
    /// The part of the configuration that every screen takes from the command line and the terminal.
    init(screen: ScreenPlan, _ kept: KeptPreferences, isUTF8: Bool) {
        self.init()
        version = ProductVersion.current
        glyphs = screen.ascii || !isUTF8 ? .ascii : nil
        isASCIIForced = !isUTF8
        theme = kept.theme(screen)
        themes += kept.themes.keys.sorted()
        preferences = kept.preferences
        preferencesAt = kept.path
        clipboardOff = screen.usesClipboard ? nil : "--no-clipboard"
    }
}

extension TerminalOptions {
    init(_ screen: ScreenPlan, _ kept: KeptPreferences) {
        self.init(noColor: !screen.color)
        mouse = kept.preferences.mouse ?? true
        userThemes = kept.themes
        let name = kept.theme(screen)
        theme = ThemeChoice(rawValue: name) ?? .auto
        userTheme = kept.themes[name] == nil ? nil : name
    }
}

/// The host for which the screen lists connections: written by the main thread, read by the snapshot loop.
private final class WantedSockets: Sendable {
    private static let none = -1
    private let wanted = Atomic(WantedSockets.none)

    var host: Int? {
        get {
            let host = wanted.load(ordering: .relaxed)
            return host == Self.none ? nil : host
        }
        set { wanted.store(newValue ?? Self.none, ordering: .relaxed) }
    }

    var hosts: Set<Int> { host.map { [$0] } ?? [] }
}

extension AgentSnapshot {
    /// The same snapshot with sockets and names for these hosts only, because a recording may list more than the screen
    /// asked for.
    fileprivate func listing(socketsOf wanted: Set<Int>) -> AgentSnapshot {
        var copy = self
        for index in copy.hosts.indices where !wanted.contains(copy.hosts[index].id) {
            copy.hosts[index].sockets = nil
            copy.hosts[index].oldestActiveSeconds = nil
        }
        copy.dnsRecords.removeAll { !wanted.contains($0.hostID) }
        return copy
    }
}
