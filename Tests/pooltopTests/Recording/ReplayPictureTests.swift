import TestSupport
import Testing

@testable import Dashboard
@testable import PlainDocuments
@testable import PoolModel
@testable import Recordings

/// A replay shows the states that the session showed.
@Suite(.busyCore) struct ReplayPictureTests {
    private static let story = RecordedStory.told(seconds: 45)
    private static let recording = Result {
        let file = try TemporaryFile(try RecordedStory.recording(story))
        return try Recording(path: file.path)
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.isReplay = true
        configuration.source = "replay of x"
        return configuration
    }

    /// A model that saw the snapshots one by one as they were, up to a time; its title is that of a replay, so that
    /// whole pictures can be compared.
    private func live(until time: Double, _ playback: Playback, keys: [Key]) -> Model {
        var model = Model(configuration: Self.configuration)
        for snapshot in Self.story where snapshot.uptimeSeconds <= time {
            _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: utcOffset(at: snapshot.takenAt)))
        }
        _ = update(&model, .picture(model.live, playback))
        for key in keys { _ = update(&model, .key(key)) }
        return model
    }

    private func replayed(_ player: Player, keys: [Key]) -> Model {
        var model = Model(configuration: Self.configuration)
        _ = update(&model, .picture(player.picture, player.playback))
        for key in keys { _ = update(&model, .key(key)) }
        return model
    }

    private static let views: [[Key]] = [
        [], [.down, .character("2")], [.down, .down, .enter], [.character("3")], [.character("4")], [.character("i")],
    ]

    private func expectSame(_ player: Player, at time: Double) {
        for keys in Self.views {
            let then = live(until: time, player.playback, keys: keys)
            let now = replayed(player, keys: keys)
            for (width, height) in [(120, 36), (80, 24), (40, 12)] {
                let isSame = render(now, width: width, height: height) == render(then, width: width, height: height)
                #expect(isSame, "\(keys) at \(time) s, \(width)x\(height)")
            }
        }
    }

    @Test("At the end a replay shows the last state")
    func playedToItsEndItShowsTheLastPicture() throws {
        var player = Player(try Self.recording.get())
        var time = 0.0
        while !player.playback.isAtEnd {
            _ = player.go([], elapsed: 0.05)
            time += 0.05
        }
        #expect(time >= 45)
        expectSame(player, at: 45)
    }

    /// Forth and back, in any order and at any speed: the picture is that of the time.
    @Test("After seeking a replay shows the state of that time")
    func soughtItShowsThePictureOfThen() throws {
        var player = Player(try Self.recording.get(), position: 40, speed: 4)
        expectSame(player, at: 40)
        let acts: [(PlayerCommand, Double)] = [
            (.toggle, 40), (.seek(seconds: -10), 30), (.start, 0), (.nextMark, 9.875), (.seek(seconds: 31), 40.875),
            (.seek(seconds: -40.625), 0.25), (.end, 45), (.previousMark, 9.875), (.seek(seconds: 25), 34.875),
        ]
        for (act, time) in acts {
            _ = player.go([act], elapsed: 0)
            #expect(player.playback.position == time)
            expectSame(player, at: time)
        }
    }

    /// Places kept on the way are no other pictures than those made from the beginning.
    @Test("Seeking back from a checkpoint gives the same state")
    func goingBackFromAFarPlaceIsTheSame() throws {
        let long = RecordedStory.told(seconds: 120)
        let file = try TemporaryFile(try RecordedStory.recording(long))
        let recording = try Recording(path: file.path)
        var walked = Player(recording, position: 120)
        for position in stride(from: 115.0, through: 0, by: -17.5) {
            _ = walked.go([.seek(seconds: position - walked.playback.position)], elapsed: 0)
            let direct = Player(recording, position: position)
            let one = replayed(walked, keys: [])
            let other = replayed(direct, keys: [])
            #expect(one.live.snapshot?.uptimeSeconds == position.rounded(.down) || position != position.rounded(.down))
            let isSame =
                render(one, width: 120, height: 36).plainText().split(separator: "\n").dropFirst()
                == render(other, width: 120, height: 36).plainText().split(separator: "\n").dropFirst()
            #expect(isSame, "at \(position)")
        }
    }

    @Test("A different time span is the user's choice")
    func anotherWindowIsThatOfThePerson() throws {
        var player = Player(try Self.recording.get(), position: 30)
        _ = player.go([.toggle, .window(seconds: 300)], elapsed: 0)
        var there = replayed(player, keys: [])
        _ = player.go([.seek(seconds: -20), .seek(seconds: 20)], elapsed: 0)
        there.windowMinutes = 5
        var back = replayed(player, keys: [])
        back.windowMinutes = 5
        let isSame = render(there, width: 120, height: 36) == render(back, width: 120, height: 36)
        #expect(isSame)
    }
}
