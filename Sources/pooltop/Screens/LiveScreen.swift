import Dashboard
import PoolModel
import Recordings
import SessionConfig
import Sessions
import Synchronization
import TerminalUI

/// The screen over a source that goes on: snapshots come through a slot, and go to the session's files too.
struct LiveScreen {
    let source: any SnapshotSource
    let opened: OpenScreen
    let files: SessionFiles

    /// The minimum interval between snapshots: faster updates are invisible and cost the source's time.
    private static let pictureInterval = Duration.milliseconds(100)
    /// The time limits at the end for the last snapshot and for closing sockets, each.
    private static let endLimit = Duration.seconds(2)

    /// Shows the model until the person leaves, and ends the source. Work that takes longer ends with the process.
    ///
    /// - Parameters:
    ///   - model: the state of the screen.
    ///   - first: the snapshot that the screen begins with.
    ///   - perform: performs an effect, and returns a message if there is one.
    ///   - whileStopped: calls its argument, which stops this process.
    /// - Returns: how the person left.
    /// - Throws: why the source failed, or a file.
    func show(
        _ model: inout Dashboard.Model, first: AgentSnapshot, perform: @escaping (UIEffect) -> String?,
        whileStopped: @escaping (() -> Void) -> Void = { $0() }
    ) throws -> ScreenEnd {
        let wanted = WantedSockets()
        let loop = UILoop<Dashboard.Model>(
            update: { model, input in
                let effects = Dashboard.update(&model, input)
                wanted.host = model.wantsSockets
                return effects
            },
            render: { Dashboard.render($0, width: $1, height: $2) }, perform: perform, whileStopped: whileStopped)
        files.begin(first)
        opened.slot.put(first)
        let pump = pump(wanted)
        let end = opened.show(&model, loop)
        pump.cancel()
        let last = try blocking(atMost: Self.endLimit) { [source, wanted = files.socketHosts] in
            try await source.snapshot(socketsFor: wanted)
        }
        let problems = files.finish(last, measuredSeconds: nil)
        _ = try blocking(atMost: Self.endLimit) { [source] in try await source.shutdown() }
        if let problem = problems.first { throw problem }
        return end
    }

    /// Sends snapshots to the slot and to the files from now on.
    private func pump(_ wanted: WantedSockets) -> Task<Void, Never> {
        Task { [source, files, slot = opened.slot] in
            await slot.reportingFailure {
                while !Task.isCancelled {
                    let shown = wanted.hosts
                    let recorded = files.socketHosts(inSeconds: 2 * Self.pictureInterval.asSeconds)
                    let snapshot = try await source.snapshot(socketsFor: shown.union(recorded))
                    files.take(snapshot)
                    slot.put(snapshot.listing(socketsOf: shown))
                    try await Task.sleep(for: Self.pictureInterval)
                }
            }
        }
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
