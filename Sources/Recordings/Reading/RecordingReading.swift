import Glibc
import PlainDocuments
import PoolModel
import Reporting
package import SessionConfig

/// Reads a recording for the screen: in the same pass its pictures are made, so that any place is soon reached. Where
/// that takes long, a person is told what they wait for.
package struct RecordingReading {
    /// Longer than this, and it is said.
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
                // What is read next is changed in place, which a second owner would make a copy of everything.
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
