import Foundation
import NIOConcurrencyHelpers
package import PoolModel
package import SessionConfig

/// The files that a session is written to. Takes every snapshot that is made of it, because events are handed out once,
/// and writes those that are due, on threads of its own: the agent, the screen and the report never wait for a disk.
package final class SessionFiles: Sendable {
    /// Between two snapshots of a recording, in seconds: short enough to see at which age idle connections go.
    package static let pace = 0.5
    /// Hosts with more connections than this have none listed: to walk over them all takes the agent's time.
    static let mostListed = 1024
    private static let firstHosts = 64
    private static let limit = Duration.seconds(5)

    private struct State {
        /// Of the last snapshot recorded; nil before the first.
        var recordedAt: Double?
        /// Since then.
        var events: [AgentNotice] = []
        /// Of the last snapshot logged; nil before measuring began.
        var loggedAt: Double?
        var newest: AgentSnapshot?
    }

    private let state = NIOLockedValueBox(State())
    private let recorder: BackgroundWriter<RecordingSink>?
    private let log: BackgroundWriter<HdrLogSink>?
    private let interval: Double

    /// Opens the files of a session's plan.
    ///
    /// - Parameters:
    ///   - plan: which files, and where.
    ///   - header: what a recording says of the session.
    ///   - interval: of the log.
    ///   - onFailure: told, on any thread, why a file ends; the session goes on.
    /// - Throws: why a file cannot be written.
    package init(
        _ plan: FilesPlan, header: RecordingHeader, interval: Duration,
        onFailure: @escaping @Sendable (CommandLineError) -> Void
    ) throws(CommandLineError) {
        self.interval = interval.asSeconds
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

    /// The hosts whose sockets a snapshot that is taken now has to list to be recorded.
    package var socketHosts: Set<Int> {
        guard recorder != nil else { return [] }
        return state.withLockedValue { state in
            // Before the first snapshot nobody knows how many there are; the first ones have few sockets.
            guard let newest = state.newest else { return Set(0..<Self.firstHosts) }
            return Set(newest.hosts.filter { $0.metrics.connections.open <= Self.mostListed }.map(\.id))
        }
    }

    /// The same, and nothing where a snapshot taken within `seconds` of the newest is not going to be recorded.
    package func socketHosts(inSeconds seconds: Double) -> Set<Int> {
        let isDue = state.withLockedValue { state in
            guard let recordedAt = state.recordedAt, let newest = state.newest else { return true }
            return Self.isDue(newest.uptimeSeconds + seconds, after: recordedAt)
        }
        return isDue ? socketHosts : []
    }

    /// The first snapshot of every second is recorded, because that is the one that charts are made of: those of a replay
    /// are those of the session.
    private static func isDue(_ uptime: Double, after recordedAt: Double) -> Bool {
        uptime - recordedAt >= pace * 1.5 || (uptime / pace).rounded(.down) > (recordedAt / pace).rounded(.down)
    }

    /// Measuring begins with this snapshot.
    package func begin(_ snapshot: AgentSnapshot) {
        record(snapshot, startsMeasuring: true)
        guard let log, log.offer(snapshot) else { return }
        state.withLockedValue { $0.loggedAt = snapshot.uptimeSeconds }
    }

    /// Takes in a snapshot and has it written where it is due. Due is a little early, because clocks do not beat alike.
    package func take(_ snapshot: AgentSnapshot) {
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

    /// `finish` without holding up a thread that others need.
    package func close(_ last: AgentSnapshot?, measuredSeconds: Double?) async -> [CommandLineError] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                continuation.resume(returning: finish(last, measuredSeconds: measuredSeconds))
            }
        }
    }

    /// Writes the end and closes the files, which takes no longer than the limit.
    ///
    /// - Parameters:
    ///   - last: the last snapshot, which no one has taken; nil: the newest one taken.
    ///   - measuredSeconds: what rates are over, where that is not the time between the snapshots.
    /// - Returns: what went wrong with each, now or before.
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
