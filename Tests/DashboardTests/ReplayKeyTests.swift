import Testing

@testable import Dashboard
@testable import PoolModel

/// A recording on the screen: its keys, and what says that it is one.
@Suite struct ReplayKeyTests {
    static let model: Model = {
        var configuration = Configuration()
        configuration.isReplay = true
        configuration.capabilities = .replay
        configuration.source = "replay of x.rec"
        var (model, story) = Story.played(until: 90, configure: { $0 = configuration })
        _ = update(&model, .resize(width: 120, height: 36))
        _ = update(&model, .picture(model.live, Playback(length: 610, position: 90)))
        return model
    }()

    private func title(_ playback: Playback, width: Int = 120) -> String {
        var model = Self.model
        _ = update(&model, .picture(model.live, playback))
        return render(model, width: width, height: 36).rowText(0)
    }

    @Test("The keys of the player have their effects")
    func keysOfAPlayer() {
        let expected: [(Key, PlayerCommand)] = [
            (.character(" "), .toggle), (.character(","), .seek(seconds: -10)), (.character("."), .seek(seconds: 10)),
            (.character("n"), .nextMark), (.character("N"), .previousMark), (.character("<"), .slower),
            (.character(">"), .faster), (.character("^"), .start), (.character("$"), .end),
            (.character("+"), .window(seconds: 300)),
        ]
        for view in View.allCases {
            for (key, act) in expected {
                var model = Self.model
                model.view = view
                let acts = update(&model, .key(key)).map { effect -> PlayerCommand? in
                    if case .play(let act) = effect { act } else { nil }
                }
                #expect(acts == [act], "\(key)")
                #expect(!model.isPaused)
            }
        }
        var live = Told.at90.model
        for (key, _) in expected.dropFirst() { #expect(update(&live, .key(key)).isEmpty, "\(key)") }
    }

    @Test("Keys that would change traffic say why they cannot")
    func whatWouldActOnTrafficSaysWhyItCannot() {
        for key in "KtdD[]{}xfR".unicodeScalars {
            var model = Self.model
            #expect(update(&model, .key(.character(key))).isEmpty)
            #expect(model.notice?.text.hasSuffix("not possible, this is a recording") == true, "\(key)")
        }
    }

    @Test("The title shows the playback position")
    func theTitleSaysWhereThePlayingStands() {
        #expect(title(Playback(length: 610, position: 90.9)).contains(" REPLAY 1:30 of 10:10  "))
        #expect(title(Playback(length: 610, speed: 4)).contains(" REPLAY 0:00 of 10:10 x4  "))
        #expect(title(Playback(length: 7325, position: 3600, speed: 0.25)).contains("1:00:00 of 2:02:05 x0.25  "))
        #expect(title(Playback(length: 7325)).contains("replay of x.rec"))
        var playback = Playback(length: 610, position: 5)
        playback.perform(.toggle)
        #expect(title(playback).contains("REPLAY PAUSED 0:05 of 10:10"))
        playback.perform(.end)
        for width in [120, 80, 60] { #expect(title(playback, width: width).contains("REPLAY END 10:10 of 10:10")) }
    }

    @Test("Small screens show the playback position too")
    func smallScreensSayItToo() {
        #expect(render(Self.model, width: 40, height: 2).plainText().contains("REPLAY"))
        #expect(render(Self.model, width: 30, height: 8).plainText().contains("REPLAY"))
    }

    @Test("A recording is never reported as without data")
    func aRecordingIsNeverWithoutData() {
        var model = Self.model
        _ = update(&model, .tick(model.now + .seconds(60)))
        #expect(!render(model, width: 120, height: 36).rowText(0).contains("NO DATA"))
    }

    @Test("Sockets that were not recorded are not reported as none")
    func socketsThatWereNotRecordedAreNotSaidToBeNone() {
        var model = Self.model
        _ = update(&model, .key(.character("2")))
        #expect(render(model, width: 120, height: 36).plainText().contains("the list was not recorded here"))
    }

    @Test("A truncated list of sockets says so")
    func aListThatWasCutSaysSo() {
        var (_, story) = Told.at90
        var snapshot = story.snapshot(socketsOf: 1)
        snapshot.hosts[1].sockets?.removeLast(20)
        story.step()
        var model = Self.model
        _ = update(&model, .key(.down))
        _ = update(&model, .key(.character("2")))
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        #expect(render(model, width: 120, height: 36).plainText().contains("Sockets 59, the oldest 39 recorded"))
    }

    @Test("A replay can be drawn at every size", arguments: View.allCases) func everySize(_ view: View) {
        for keys in [[], [Key.character("?")], [.character("i")]] {
            var model = Self.model
            model.view = view
            for key in keys { _ = update(&model, .key(key)) }
            for height in stride(from: 1, through: 80, by: 9) {
                for width in stride(from: 1 + height % 7, through: 250, by: 41) {
                    EverySizeTests.check(model, width, height)
                }
            }
        }
    }
}

@Suite struct PlaybackTests {
    @Test("Time advances at the chosen speed")
    func timeGoesByAsFastAsWanted() {
        var playback = Playback(length: 100, speed: 4)
        playback.advance(by: 2)
        #expect(playback.position == 8)
        playback.perform(.toggle)
        playback.advance(by: 2)
        #expect(playback.position == 8 && !playback.isPlaying)
    }

    @Test("Playback stops at the end and can restart")
    func itStopsAtTheEndAndBeginsAgain() {
        var playback = Playback(length: 100, position: 99)
        playback.advance(by: 5)
        #expect(playback.position == 100 && playback.isAtEnd && !playback.isPlaying)
        playback.perform(.toggle)
        #expect(playback.position == 0 && playback.isPlaying)
    }

    @Test("Seeking stays within the recording")
    func seekingStaysInside() {
        var playback = Playback(length: 15, position: 3)
        playback.perform(.seek(seconds: -10))
        #expect(playback.position == 0)
        playback.perform(.seek(seconds: 10))
        #expect(playback.position == 10 && playback.isPlaying)
        playback.perform(.seek(seconds: 10))
        #expect(playback.position == 15 && !playback.isPlaying)
        playback.perform(.start)
        #expect(playback.position == 0)
    }

    @Test("The speed has limits")
    func speedsHaveEnds() {
        var playback = Playback(length: 1, speed: 3)
        playback.perform(.faster)
        #expect(playback.speed == 4)
        for _ in 0..<20 { playback.perform(.faster) }
        #expect(playback.speed == 64)
        for _ in 0..<20 { playback.perform(.slower) }
        #expect(playback.speed == 0.25)
    }

    @Test("Playback can jump to marks")
    func marksAreGoneTo() {
        var playback = Playback(length: 100, marks: [10, 20])
        playback.perform(.toggle)
        playback.perform(.nextMark)
        playback.perform(.nextMark)
        #expect(playback.position == 20)
        playback.perform(.nextMark)
        #expect(playback.position == 20, "there is none after it")
        playback.perform(.previousMark)
        #expect(playback.position == 10)
        playback.perform(.previousMark)
        #expect(playback.position == 0)
    }

    /// While playing, the one just passed is not the one that is meant.
    @Test("Jumping back skips a mark that was just passed")
    func aMarkJustPassedIsGoneBackOver() {
        var playback = Playback(length: 100, position: 20, marks: [10, 20])
        playback.advance(by: 0.3)
        playback.perform(.previousMark)
        #expect(playback.position == 10)
    }

    @Test("A recording without length can be played")
    func nothingIsPlayedInNoTime() {
        var playback = Playback(length: -1, position: .nan)
        #expect(playback.position == 0 && playback.length == 0 && playback.isAtEnd)
        playback.advance(by: 1)
        for act in [PlayerCommand.toggle, .end, .nextMark, .previousMark, .seek(seconds: 1)] { playback.perform(act) }
        #expect(playback.position == 0)
    }
}
