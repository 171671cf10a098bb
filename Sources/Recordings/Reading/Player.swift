package import Dashboard
import PlainDocuments
package import PoolModel

/// Plays a recording and keeps the dashboard's state at the current position.
///
/// The state depends on every earlier snapshot, so going back means replaying them from the beginning or from a stored
/// checkpoint. The result equals the state that the screen showed at that time.
package struct Player: Sendable {
    package let recording: Recording
    package private(set) var playback: Playback
    private var current: PlayerCheckpoint
    private var checkpoints: PlayerCheckpoints

    /// - Parameters:
    ///   - recording: the recording to play.
    ///   - checkpoints: the checkpoints stored while it was read.
    ///   - position: the starting position in seconds.
    ///   - speed: the factor relative to real time.
    package init(
        _ recording: Recording, checkpoints: PlayerCheckpoints = PlayerCheckpoints(), position: Double = 0,
        speed: Double = 1
    ) {
        self.recording = recording
        self.checkpoints = checkpoints
        playback = Playback(length: recording.length, position: position, speed: speed, marks: recording.marks)
        current = PlayerCheckpoint()
        _ = show()
    }

    package var picture: DashboardState { current.picture }

    /// Performs the user's actions in order and advances the time. Returns true if the state has changed.
    package mutating func go(_ acts: [PlayerCommand], elapsed: Double) -> Bool {
        playback.advance(by: elapsed)
        for act in acts {
            playback.perform(act)
            if case .window(let seconds) = act { current.rescale(windowSeconds: seconds) }
        }
        return show()
    }

    /// Updates the state to the current position.
    private mutating func show() -> Bool {
        let end = recording.index(at: playback.position) + 1
        guard current.cursor.index != end else { return false }
        let window = current.windowSeconds
        if current.cursor.index > end { current = PlayerCheckpoint() }
        if let checkpoint = checkpoints.last(notAfter: end), checkpoint.cursor.index > current.cursor.index {
            current = checkpoint
        }
        if current.windowSeconds != window { current.rescale(windowSeconds: window) }
        while current.cursor.index < end, let snapshot = current.cursor.next(of: recording) {
            current.take(snapshot)
            checkpoints.keep(current)
        }
        return true
    }
}

/// A checkpoint: a dashboard state, and the cursor at which its recording continues.
package struct PlayerCheckpoint: Sendable {
    package var cursor = RecordingCursor()
    package private(set) var picture = DashboardState()
    /// The time span shown by its charts.
    package private(set) var windowSeconds = 60

    package mutating func take(_ snapshot: AgentSnapshot) {
        picture.take(snapshot, utcOffsetSeconds: utcOffset(at: snapshot.takenAt), windowSeconds: windowSeconds)
    }

    /// The memory that it holds exclusively, at most.
    var byteCount: Int { picture.byteCount + cursor.budget.memory }

    mutating func rescale(windowSeconds seconds: Int) {
        windowSeconds = seconds
        picture.rescale(windowSeconds: seconds)
    }
}

/// Checkpoints at regular intervals. Jumping back or far forward replays at most one interval.
package struct PlayerCheckpoints: Sendable {
    private static let most = 48
    /// The memory limit of all checkpoints together: a fixed part, and a part per byte of the recording.
    private static let freeBytes = 64 << 20
    private static let bytesPerByte = 10
    /// In ascending order; each includes all snapshots before `cursor.index`.
    private var checkpoints: [PlayerCheckpoint] = []
    /// The number of snapshots between two checkpoints.
    private var spacing = 60

    private(set) var byteCount = 0

    /// The last checkpoint that includes no snapshot with number `index` or higher.
    package func last(notAfter index: Int) -> PlayerCheckpoint? { checkpoints.last { $0.cursor.index <= index } }

    /// Whether to store a checkpoint after this many snapshots.
    package func wants(_ index: Int) -> Bool {
        index.isMultiple(of: spacing) && index > checkpoints.last?.cursor.index ?? 0
    }

    package mutating func keep(_ checkpoint: PlayerCheckpoint) {
        guard wants(checkpoint.cursor.index) else { return }
        checkpoints.append(checkpoint)
        byteCount += checkpoint.byteCount
        let most = Self.freeBytes + Self.bytesPerByte * checkpoint.cursor.budget.bytes
        while checkpoints.count > Self.most || byteCount > most {
            spacing *= 2
            checkpoints.removeAll { !$0.cursor.index.isMultiple(of: spacing) }
            byteCount = checkpoints.reduce(0) { $0 + $1.byteCount }
        }
    }
}
