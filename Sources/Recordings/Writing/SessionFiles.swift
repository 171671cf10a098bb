import Dispatch
import NIOConcurrencyHelpers
package import PoolModel
package import SessionConfig

/// The files that a session is written to. It receives every snapshot, because each notice is handed out only once, and
/// writes those that are due on threads of its own, so that the agent, the screen and the report never wait for a disk.
package final class SessionFiles: Sendable {
    /// The interval between snapshots in a recording, in seconds: short enough to see at which age idle connections are
    /// closed.
    package static let pace = 0.5
    /// Hosts with more connections are recorded without a list of them, because listing them takes too much of the
    /// agent's time.
    static let maxListed = 1024
    private static let firstHosts = 64
    private static let limit = Duration.seconds(5)

    private struct State {
        /// The uptime of the last recorded snapshot; nil before the first.
        var recordedAt: Double?
        /// The notices since the last recorded snapshot.
        var events: [AgentNotice] = []
        /// The uptime of the last logged snapshot; nil before the start of measuring.
        var loggedAt: Double?
        var newest: AgentSnapshot?
    }

    private let state = NIOLockedValueBox(State())
    private let recorder: BackgroundWriter<RecordingSink>?
    private let log: BackgroundWriter<HdrLogSink>?
    private let interval: Double
    private let publish: @Sendable (AgentSnapshot) -> Void

    /// Opens the files requested by a session's plan.
    ///
    /// - Parameters:
    ///   - plan: which files, and where.
    ///   - header: the header of the recording.
    ///   - interval: the interval of the log.
    ///   - publish: takes every snapshot, to be shown elsewhere too.
    ///   - onFailure: called on any thread with the reason if a file ends early; the session continues.
    /// - Throws: why a file cannot be written.
    package init(
        _ plan: FilesPlan, header: RecordingHeader, interval: Duration,
        publish: @escaping @Sendable (AgentSnapshot) -> Void = { _ in },
        onFailure: @escaping @Sendable (CommandLineError) -> Void
    ) throws(CommandLineError) {
        self.interval = interval.asSeconds
        self.publish = publish
        let recording = try plan.recording.map { path throws(CommandLineError) in
            try RecordingSink(path: path, header: header)
        }
        do {
            log = try plan.hdrLog.map { path throws(CommandLineError) in
                BackgroundWriter(try HdrLogSink(path: path), option: "--hdr-log", onFailure: onFailure)
            }
        } catch {
            recording?.abandon()
            throw error
        }
        recorder = recording.map { BackgroundWriter($0, option: "--record", onFailure: onFailure) }
    }

    /// The hosts for which a snapshot taken now must list sockets, for the recording.
    package var socketHosts: Set<Int> {
        guard recorder != nil else { return [] }
        return state.withLockedValue { state in
            // Before the first snapshot the number of connections is unknown, but new hosts have few.
            guard let newest = state.newest else { return Set(0..<Self.firstHosts) }
            return Set(newest.hosts.filter { $0.metrics.connections.open <= Self.maxListed }.map(\.id))
        }
    }

    /// The same, but empty if a snapshot taken within `seconds` of the newest one would not be recorded.
    package func socketHosts(inSeconds seconds: Double) -> Set<Int> {
        let isDue = state.withLockedValue { state in
            guard let recordedAt = state.recordedAt, let newest = state.newest else { return true }
            return Self.isDue(newest.uptimeSeconds + seconds, after: recordedAt)
        }
        return isDue ? socketHosts : []
    }

    /// The first snapshot of every second is recorded, because the charts are based on it; a replay then shows the same
    /// charts as the session.
    static func isDue(_ uptime: Double, after recordedAt: Double) -> Bool {
        uptime - recordedAt >= pace * 1.5 || (uptime / pace).rounded(.down) > (recordedAt / pace).rounded(.down)
    }

    /// Called with the snapshot at which measuring begins.
    package func begin(_ snapshot: AgentSnapshot) {
        publish(snapshot)
        record(snapshot, startsMeasuring: true)
        guard let log, log.offer(snapshot) else { return }
        state.withLockedValue { $0.loggedAt = snapshot.uptimeSeconds }
    }

    /// Takes a snapshot and queues it if it is due. A small tolerance allows for differences between timers.
    package func take(_ snapshot: AgentSnapshot) {
        publish(snapshot)
        let (mustRecord, mustLog) = state.withLockedValue { state in
            state.newest = snapshot
            let mustRecord = state.recordedAt.map { Self.isDue(snapshot.uptimeSeconds, after: $0) } ?? true
            let sinceLog = state.loggedAt.map { snapshot.uptimeSeconds - $0 } ?? 0
            return (mustRecord, sinceLog >= interval * 0.95)
        }
        if mustRecord { record(snapshot, startsMeasuring: false) } else { keep(snapshot.events) }
        guard mustLog, let log, log.offer(snapshot) else { return }
        state.withLockedValue { $0.loggedAt = snapshot.uptimeSeconds }
    }

    /// `finish` without blocking a thread of the concurrency pool.
    package func close(_ last: AgentSnapshot?, measuredSeconds: Double?) async -> [CommandLineError] {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "pooltop-files-end").async { [self] in
                continuation.resume(returning: finish(last, measuredSeconds: measuredSeconds))
            }
        }
    }

    /// Writes the rest and closes the files, within a time limit.
    ///
    /// - Parameters:
    ///   - last: the last snapshot, if it was not passed to `take`; nil for the newest one taken.
    ///   - measuredSeconds: the time to use for rates, if it is not the time between the snapshots.
    /// - Returns: all errors, including earlier ones.
    package func finish(_ last: AgentSnapshot?, measuredSeconds: Double?) -> [CommandLineError] {
        let (rest, newest, isMeasuring) = state.withLockedValue { state in
            let newest = last ?? state.newest
            var rest: [RecordingSink.Item] = []
            if var snapshot = newest, snapshot.uptimeSeconds > state.recordedAt ?? -1 || last != nil {
                snapshot.events = state.events + (last?.events ?? [])
                rest.append(.snapshot(snapshot, startsMeasuring: false))
            }
            return (rest + [.end(measuredSeconds: measuredSeconds)], newest, state.loggedAt != nil)
        }
        return [
            recorder?.finish(rest, limit: Self.limit),
            log?.finish(isMeasuring ? [newest].compactMap { $0 } : [], limit: Self.limit),
        ].compactMap { $0 }
    }

    private func keep(_ events: [AgentNotice]) {
        guard recorder != nil, !events.isEmpty else { return }
        state.withLockedValue { $0.events = Array(($0.events + events).suffix(AgentSnapshot.eventLimit)) }
    }

    private func record(_ snapshot: AgentSnapshot, startsMeasuring: Bool) {
        guard let recorder else { return }
        var whole = snapshot
        whole.events = state.withLockedValue { state in
            state.newest = snapshot
            return Array((state.events + snapshot.events).suffix(AgentSnapshot.eventLimit))
        }
        guard recorder.offer(.snapshot(whole, startsMeasuring: startsMeasuring)) else { return keep(snapshot.events) }
        state.withLockedValue { state in
            state.events = []
            state.recordedAt = snapshot.uptimeSeconds
        }
    }
}
