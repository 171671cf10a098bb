package import Dashboard
import PlainDocuments
package import PoolModel

/// Plays a recording: keeps the picture that belongs to where the playing stands.
///
/// A picture is made of every snapshot before it, so one of an earlier time is made by feeding them from the beginning,
/// or from one of the places that were kept. It is the picture that the screen showed then.
package struct Player: Sendable {
    package let recording: Recording
    package private(set) var playback: Playback
    private var current: PlayerPlace
    private var places: PlayerPlaces

    /// - Parameters:
    ///   - recording: what to play.
    ///   - places: those that were kept when it was read.
    ///   - position: where to begin, in seconds.
    ///   - speed: as many times as fast as it happened.
    package init(_ recording: Recording, places: PlayerPlaces = PlayerPlaces(), position: Double = 0, speed: Double = 1)
    {
        self.recording = recording
        self.places = places
        playback = Playback(length: recording.length, position: position, speed: speed, marks: recording.marks)
        current = PlayerPlace()
        _ = show()
    }

    package var picture: DashboardState { current.picture }

    /// Does what a person asked for, in order, and lets time go by. True where the picture has changed.
    package mutating func go(_ acts: [PlayAct], elapsed: Double) -> Bool {
        playback.advance(by: elapsed)
        for act in acts {
            playback.perform(act)
            if case .window(let seconds) = act { current.rescale(windowSeconds: seconds) }
        }
        return show()
    }

    /// Brings the picture to where the playing stands.
    private mutating func show() -> Bool {
        let end = recording.index(at: playback.position) + 1
        guard current.cursor.index != end else { return false }
        let window = current.windowSeconds
        if current.cursor.index > end { current = PlayerPlace() }
        if let place = places.last(notAfter: end), place.cursor.index > current.cursor.index { current = place }
        if current.windowSeconds != window { current.rescale(windowSeconds: window) }
        while current.cursor.index < end, let snapshot = current.cursor.next(of: recording) {
            current.take(snapshot)
            places.keep(current)
        }
        return true
    }
}

/// A picture, and where its recording goes on.
package struct PlayerPlace: Sendable {
    package var cursor = RecordingCursor()
    package private(set) var picture = DashboardState()
    /// What its charts show.
    package private(set) var windowSeconds = 60

    package mutating func take(_ snapshot: AgentSnapshot) {
        picture.take(snapshot, utcOffsetSeconds: utcOffset(at: snapshot.takenAt), windowSeconds: windowSeconds)
    }

    /// What it keeps that others need not keep too, at the most.
    var byteCount: Int { picture.byteCount + cursor.budget.memory }

    mutating func rescale(windowSeconds seconds: Int) {
        windowSeconds = seconds
        picture.rescale(windowSeconds: seconds)
    }
}

/// Pictures kept on the way, evenly spaced: what goes back or far forward has at most one of these stretches to go.
package struct PlayerPlaces: Sendable {
    private static let most = 48
    /// Bytes that all of them together may take: so many, and so many for each byte of the recording.
    private static let freeBytes = 64 << 20
    private static let bytesPerByte = 10
    /// In order; each holds all snapshots before `cursor.index`.
    private var places: [PlayerPlace] = []
    /// Snapshots between two places.
    private var spacing = 60

    private(set) var byteCount = 0

    /// The last one that holds no snapshot from number `index` on.
    package func last(notAfter index: Int) -> PlayerPlace? { places.last { $0.cursor.index <= index } }

    /// Whether a place after so many snapshots is worth keeping.
    package func wants(_ index: Int) -> Bool { index.isMultiple(of: spacing) && index > places.last?.cursor.index ?? 0 }

    package mutating func keep(_ place: PlayerPlace) {
        guard wants(place.cursor.index) else { return }
        places.append(place)
        byteCount += place.byteCount
        let most = Self.freeBytes + Self.bytesPerByte * place.cursor.budget.bytes
        while places.count > Self.most || byteCount > most {
            spacing *= 2
            places.removeAll { !$0.cursor.index.isMultiple(of: spacing) }
            byteCount = places.reduce(0) { $0 + $1.byteCount }
        }
    }
}
