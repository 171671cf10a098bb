import Glibc
import PlainDocuments
import PoolModel
import Reporting
package import SessionConfig

/// Reads a recording for the screen. The same pass stores checkpoints, so that every position can be reached quickly.
/// If it takes long, the user is informed.
package struct RecordingReading {
    /// The time after which the user is informed.
    private static let patience = Duration.seconds(1)
    package let path: String

    package func read() throws(CommandLineError) -> (recording: Recording, checkpoints: PlayerCheckpoints) {
        var checkpoint = PlayerCheckpoint()
        var checkpoints = PlayerCheckpoints()
        let start = ContinuousClock.now
        var isSaid = isatty(STDERR_FILENO) == 0
        let mustClear = !isSaid
        defer { if mustClear, isSaid { StandardStreams.writeError("\r\u{1B}[K") } }
        let recording = try Recording(path: path) { snapshot, cursor in
            checkpoint.take(snapshot)
            if checkpoints.wants(cursor.index) {
                checkpoint.cursor = cursor
                checkpoints.keep(checkpoint)
                // Releases the shared copy, because the cursor is mutated next and would be copied completely.
                checkpoint.cursor = RecordingCursor()
            }
            guard !isSaid, ContinuousClock.now - start > Self.patience else { return }
            isSaid = true
            StandardStreams.writeError("reading \(PlainText.clean(path)) ...")
        }
        return (recording, checkpoints)
    }

    package init(path: String) {
        self.path = path
    }
}
