import AgentCore
import Dashboard
import Foundation
import Synchronization

/// The terminal interface over a session: traffic on its loops, snapshots through a slot, the screen on this thread.
struct Screen {
    let plan: SessionPlan

    /// At most this often a new picture: no eye sees more, and the agent's loop has better to do.
    private static let pictureInterval = Duration.milliseconds(100)

    func show() throws -> ScreenEnd {
        let terminal = try openTerminal()
        defer { terminal.close() }
        let session = try blocking { [plan] in try await Session.make(plan) }
        let slot = SnapshotSlot()
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
        var model = Dashboard.Model(configuration: configuration(session, isUTF8: terminal.isUTF8))
        let tasks = try start(session, slot, wanted)
        let end = loop.run(model: &model, session: terminal, slot: slot)
        for task in tasks { task.cancel() }
        // The terminal comes back first: a person who quits does not wait for sockets to close.
        terminal.close()
        try blocking { try await session.shutdown() }
        return end
    }

    private func openTerminal() throws -> TerminalSession {
        var options = TerminalOptions(noColor: !plan.screen.color)
        options.theme = ThemeChoice(rawValue: plan.screen.theme.rawValue) ?? .auto
        do {
            return try TerminalSession(options: options)
        } catch {
            throw CommandLineError(.cannotRun, "\(error)")
        }
    }

    private func configuration(_ session: Session, isUTF8: Bool) -> Dashboard.Configuration {
        var configuration = Dashboard.Configuration()
        configuration.version = ProductVersion.current
        configuration.source = session.fleet == nil ? "targets" : "demo"
        configuration.isInsecure = plan.tls.insecure
        configuration.glyphs = plan.screen.ascii || !isUTF8 ? .ascii : .braille
        configuration.isASCIIForced = !isUTF8
        configuration.theme = plan.screen.theme.rawValue
        if session.fleet == nil { configuration.capabilities.faults = "the targets are not the bundled ones" }
        return configuration
    }

    /// Begins the traffic, and brings snapshots to the slot from now on.
    private func start(_ session: Session, _ slot: SnapshotSlot, _ wanted: WantedSockets) throws -> [Task<Void, Never>]
    {
        try blocking { try await session.begin() }
        let pump = Task {
            while !Task.isCancelled {
                guard let snapshot = try? await session.snapshot(socketsFor: wanted.hosts) else { return }
                slot.put(snapshot)
                try? await Task.sleep(for: Self.pictureInterval)
            }
        }
        let end = Task {
            guard (try? await session.trafficEnded()) != nil, !Task.isCancelled else { return }
            slot.post(notice: "the load has run its time; q quits")
        }
        return [pump, end]
    }
}

/// The host whose connections the screen lists: written by the main thread, read by the pump.
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
