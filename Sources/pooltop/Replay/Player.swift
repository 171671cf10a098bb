import AgentCore
import Dashboard

/// Plays a recording: keeps the picture that belongs to where the playing stands.
///
/// A picture is made of every snapshot before it, so one of an earlier time is made by feeding them from the beginning,
/// or from one of the places that were kept. It is the picture that the screen showed then.
struct Player: Sendable {
    /// Pictures kept on the way, evenly spaced: what goes back has at most one of these stretches to go forward again.
    private static let mostPlaces = 48

    private struct Place: Sendable {
        var cursor: RecordingCursor
        var picture: Picture
        var windowSeconds: Int
    }

    let recording: Recording
    private(set) var playback: Playback
    private var current: Place
    /// In order; each holds all snapshots before `cursor.index`.
    private var places: [Place] = []
    /// Snapshots between two places.
    private var spacing = 60

    /// - Parameters:
    ///   - recording: what to play.
    ///   - position: where to begin, in seconds.
    ///   - speed: as many times as fast as it happened.
    init(_ recording: Recording, position: Double = 0, speed: Double = 1) {
        self.recording = recording
        playback = Playback(length: recording.length, position: position, speed: speed, marks: recording.marks)
        current = Place(cursor: RecordingCursor(), picture: Picture(), windowSeconds: 60)
        _ = show()
    }

    var picture: Picture { current.picture }

    /// Does what a person asked for, in order, and lets time go by. True where the picture has changed.
    mutating func go(_ acts: [PlayAct], elapsed: Double) -> Bool {
        playback.advance(by: elapsed)
        for act in acts {
            playback.perform(act)
            if case .window(let seconds) = act {
                current.windowSeconds = seconds
                current.picture.rescale(windowSeconds: seconds)
            }
        }
        return show()
    }

    /// Brings the picture to where the playing stands.
    private mutating func show() -> Bool {
        let last = recording.index(at: playback.position)
        guard current.cursor.index != last + 1 else { return false }
        if current.cursor.index > last + 1 { goBack(before: last + 1) }
        if let ahead = places.last(where: { $0.cursor.index <= last + 1 }), ahead.cursor.index > current.cursor.index {
            take(ahead)
        }
        while current.cursor.index <= last, let snapshot = current.cursor.next(of: recording) {
            current.picture.take(
                snapshot, utcOffsetSeconds: utcOffset(at: snapshot.takenAt), windowSeconds: current.windowSeconds)
            keep()
        }
        return true
    }

    private mutating func goBack(before index: Int) {
        let earlier = places.last { $0.cursor.index <= index }
        take(earlier ?? Place(cursor: RecordingCursor(), picture: Picture(), windowSeconds: current.windowSeconds))
    }

    private mutating func take(_ place: Place) {
        let window = current.windowSeconds
        current = place
        guard place.windowSeconds != window else { return }
        current.windowSeconds = window
        current.picture.rescale(windowSeconds: window)
    }

    private mutating func keep() {
        let index = current.cursor.index
        guard index.isMultiple(of: spacing), index > places.last?.cursor.index ?? 0 else { return }
        places.append(current)
        guard places.count > Self.mostPlaces else { return }
        spacing *= 2
        places.removeAll { !$0.cursor.index.isMultiple(of: spacing) }
    }
}
