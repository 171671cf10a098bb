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

    package func read() throws(CommandLineError) -> (recording: Recording, places: PlayerPlaces) {
        var place = PlayerPlace()
        var places = PlayerPlaces()
        let start = ContinuousClock.now
        var isSaid = isatty(STDERR_FILENO) == 0
        let mustClear = !isSaid
        defer { if mustClear, isSaid { StandardStreams.writeError("\r\u{1B}[K") } }
        let recording = try Recording(path: path) { snapshot, cursor in
            place.take(snapshot)
            if places.wants(cursor.index) {
                place.cursor = cursor
                places.keep(place)
                // Releases the shared copy, because the cursor is mutated next and would be copied completely.
                place.cursor = RecordingCursor()
            }
            guard !isSaid, ContinuousClock.now - start > Self.patience else { return }
            isSaid = true
            StandardStreams.writeError("reading \(PlainText.clean(path)) ...")
        }
        return (recording, places)
    }

    package init(path: String) {
        self.path = path
    }
}
