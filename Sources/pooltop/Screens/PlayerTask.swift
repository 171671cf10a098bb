import Dashboard
import NIOConcurrencyHelpers
import PoolModel
import Recordings
import Reporting
import TerminalUI

/// Plays a recording beside the screen: the user's actions go in, and states come out through the slot.
final class PlayerTask: Sendable {
    private static let beat = Duration.milliseconds(50)
    /// The longest time to advance at once. A longer interval means that the process was stopped or the machine
    /// suspended.
    private static let longestBeat = 0.5
    /// The interval between states that only advance the time, to match how often the screen draws.
    private static let pictureSeconds = 0.12

    private let acts = NIOLockedValueBox<[PlayerCommand]>([])
    private let wakes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let tasks = NIOLockedValueBox<[Task<Void, Never>]>([])

    init() {
        (wakes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Any thread.
    func perform(_ act: PlayerCommand) {
        acts.withLockedValue { $0.append(act) }
        continuation.yield()
    }

    func start(_ player: Player, slot: SnapshotSlot) {
        let clock = Task { [continuation] in
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.beat) } catch { return }
                continuation.yield()
            }
        }
        let play = Task { [self] in await run(player, slot) }
        tasks.withLockedValue { $0 = [clock, play] }
    }

    func stop() {
        for task in tasks.withLockedValue({ $0 }) { task.cancel() }
        continuation.finish()
    }

    private func run(_ first: Player, _ slot: SnapshotSlot) async {
        var player = first
        var last = ContinuousClock.now
        var shownAt = last
        var shown = player.playback
        var isStale = false
        slot.put(player.picture, shown)
        for await _ in wakes {
            let now = ContinuousClock.now
            let asked = acts.withLockedValue { acts in
                defer { acts = [] }
                return acts
            }
            isStale = player.go(asked, elapsed: min((now - last).asSeconds, Self.longestBeat)) || isStale
            last = now
            let isNews = isStale || Self.looksDifferent(player.playback, shown)
            guard !asked.isEmpty || isNews && (now - shownAt).asSeconds >= Self.pictureSeconds else { continue }
            slot.put(player.picture, player.playback)
            if player.playback.isAtEnd, !shown.isAtEnd { slot.post(notice: Self.endNotice(player.recording)) }
            (shown, shownAt, isStale) = (player.playback, now, false)
        }
    }

    /// The title shows whole seconds only.
    private static func looksDifferent(_ one: Playback, _ other: Playback) -> Bool {
        one.position.rounded(.down) != other.position.rounded(.down) || one.isPlaying != other.isPlaying
            || one.speed != other.speed || one.isAtEnd != other.isAtEnd
    }

    private static func endNotice(_ recording: Recording) -> String {
        guard recording.isComplete else { return "the recording was cut short here; space plays it again" }
        let fault = recording.faults.sentences.first.map { " (\($0))" } ?? ""
        return "the recording ends here\(fault); space plays it again"
    }
}
