/// Where the playing of a recording stands. Pure: whoever plays says how much time went by.
package struct Playback: Sendable, Equatable {
    /// What `<` and `>` step through; 1 is as fast as it happened.
    package static let speeds = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64]
    /// What `,` and `.` move by, in seconds.
    package static let step = 10.0
    /// Beyond this many, marks are not gone to.
    package static let markLimit = 10_000

    /// Seconds from the recording's beginning, 0 to `length`.
    package private(set) var position: Double
    /// Seconds.
    package let length: Double
    package private(set) var speed: Double
    package private(set) var isPlaying = true
    /// Positions of the changes that a person made, rising.
    package let marks: [Double]

    /// - Parameters:
    ///   - length: in seconds.
    ///   - position: where it begins.
    ///   - speed: any above zero.
    ///   - marks: positions, rising.
    package init(length: Double, position: Double = 0, speed: Double = 1, marks: [Double] = []) {
        self.length = max(0, length)
        self.position = min(max(0, position), self.length)
        self.speed = speed
        self.marks = Array(marks.prefix(Self.markLimit))
    }

    package var isAtEnd: Bool { position >= length }

    /// Time went by, in seconds of the person's.
    package mutating func advance(by elapsed: Double) {
        guard isPlaying else { return }
        move(to: position + elapsed * speed)
        if isAtEnd { isPlaying = false }
    }

    package mutating func perform(_ act: PlayAct) {
        switch act {
        case .toggle:
            // Once more from the beginning.
            if !isPlaying, isAtEnd { position = 0 }
            isPlaying.toggle()
        case .seek(let seconds): move(to: position + seconds)
        case .start: move(to: 0)
        case .end: move(to: length)
        case .slower: speed = Self.speeds.last { $0 < speed } ?? speed
        case .faster: speed = Self.speeds.first { $0 > speed } ?? speed
        case .nextMark: if let mark = marks.first(where: { $0 > position }) { move(to: mark) }
        case .previousMark:
            // The one just passed while playing is not the one that is meant.
            let before = isPlaying ? position - speed : position
            move(to: marks.last { $0 < before } ?? 0)
        case .window: break
        }
        if isAtEnd { isPlaying = false }
    }

    private mutating func move(to place: Double) { position = min(max(0, place), length) }
}

/// A command to the player of a recording.
package enum PlayAct: Sendable, Hashable {
    /// Plays or pauses.
    case toggle
    case seek(seconds: Double)
    case start, end
    case slower, faster
    case nextMark, previousMark
    /// Charts show this many seconds from now on.
    case window(seconds: Int)
}
