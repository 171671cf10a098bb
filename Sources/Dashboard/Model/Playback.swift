/// The playback position of a recording. Pure: the player passes the time that has elapsed.
package struct Playback: Sendable, Equatable {
    /// The speeds that `<` and `>` step through; 1 is real time.
    package static let speeds = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64]
    /// The step of `,` and `.` in seconds.
    package static let step = 10.0
    /// The maximum number of marks that can be jumped to.
    package static let markLimit = 10_000

    /// Seconds from the beginning of the recording, 0 to `length`.
    package private(set) var position: Double
    /// Seconds.
    package let length: Double
    package private(set) var speed: Double
    package private(set) var isPlaying = true
    /// The positions of the user's changes, ascending.
    package let marks: [Double]

    /// - Parameters:
    ///   - length: the length in seconds.
    ///   - position: the starting position.
    ///   - speed: the speed, above zero.
    ///   - marks: the positions of the marks, ascending.
    package init(length: Double, position: Double = 0, speed: Double = 1, marks: [Double] = []) {
        self.length = max(0, length)
        self.position = min(max(0, position), self.length)
        self.speed = speed
        self.marks = Array(marks.prefix(Self.markLimit))
    }

    package var isAtEnd: Bool { position >= length }

    /// Advances the position by the elapsed real time in seconds.
    package mutating func advance(by elapsed: Double) {
        guard isPlaying else { return }
        move(to: position + elapsed * speed)
        if isAtEnd { isPlaying = false }
    }

    package mutating func perform(_ act: PlayerCommand) {
        switch act {
        case .toggle:
            // Starts over from the beginning.
            if !isPlaying, isAtEnd { position = 0 }
            isPlaying.toggle()
        case .seek(let seconds): move(to: position + seconds)
        case .start: move(to: 0)
        case .end: move(to: length)
        case .slower: speed = Self.speeds.last { $0 < speed } ?? speed
        case .faster: speed = Self.speeds.first { $0 > speed } ?? speed
        case .nextMark: if let mark = marks.first(where: { $0 > position }) { move(to: mark) }
        case .previousMark:
            // While playing, the mark that was just passed is skipped.
            let before = isPlaying ? position - speed : position
            move(to: marks.last { $0 < before } ?? 0)
        case .window: break
        }
        if isAtEnd { isPlaying = false }
    }

    private mutating func move(to place: Double) { position = min(max(0, place), length) }
}

/// A command to the player of a recording.
package enum PlayerCommand: Sendable, Hashable {
    /// Plays or pauses.
    case toggle
    case seek(seconds: Double)
    case start, end
    case slower, faster
    case nextMark, previousMark
    /// The time span that the charts show from now on, in seconds.
    case window(seconds: Int)
}
