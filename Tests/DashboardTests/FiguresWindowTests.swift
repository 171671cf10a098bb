import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("The stretch that figures are over") struct FiguresWindowTests {
    private func mark(at uptime: Double) -> Mark { Mark(uptimeSeconds: uptime, label: "K off", localSeconds: 0) }

    @Test("Without a mark it is all there is")
    func noMark() throws {
        let window = try #require(FiguresWindow([0, 1, 2, 3], mark: nil))
        #expect(window.first == 0 && window.seconds == 3 && window.words == "last 10 s")
        #expect(FiguresWindow([], mark: nil) == nil)
    }

    @Test("A mark of before it changes nothing")
    func oldMark() { #expect(FiguresWindow([20, 21, 22], mark: mark(at: 5))?.mark == nil) }

    @Test("It never reaches across a mark, and two seconds after it holds nothing of the first half second")
    func fromTheMark() throws {
        let markAt = 29.1
        let times = Array(stride(from: 20.0, through: 29, by: 1)) + [29.2]
        #expect(FiguresWindow(times, mark: mark(at: markAt)) == nil, "the figures of before stay")
        let first = try #require(FiguresWindow(times + [30], mark: mark(at: markAt)))
        #expect(first.startUptime == 29.2 && first.words == "1 s since K off")
        let second = try #require(FiguresWindow(times + [30, 31], mark: mark(at: markAt)))
        #expect(second.startUptime == 30 && second.seconds == 1)
        let later = try #require(FiguresWindow(times + [30, 31, 32, 33, 34], mark: mark(at: markAt)))
        #expect(later.startUptime == 30 && later.words == "4 s since K off")
    }

    /// Ten snapshots a second, as the screen gets them.
    @Test("Two seconds after K every figure of the headline and the table is the new one's", arguments: [true, false])
    func twoSecondsAfterK(isOn: Bool) throws {
        var (model, story) = Story.played(until: isOn ? 39 : 80)
        let before = story
        let markAt = story.uptime + 0.5
        if !isOn { story.switchKeepAlive(false) }
        story.step()
        var notice = try #require(story.events.last { $0.level == .mark })
        notice.uptimeSeconds = markAt
        for tenth in 1...20 {
            // The mark comes with the first snapshot after it, and the counts with the next second.
            var snapshot = (tenth < 10 ? before : story).snapshot(socketsOf: nil)
            snapshot.sequence = 1000 + tenth
            snapshot.uptimeSeconds = markAt + Double(tenth) / 10
            snapshot.events = tenth == 1 ? [notice] : []
            _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        }
        let total = model.live.total
        let reuse = try #require(total.reuse.value)
        #expect(isOn ? reuse > 0.55 : reuse < 0.01, "\(reuse)")
        #expect(model.live.figuresWindow.seconds <= 2)
        #expect(model.live.figuresWindow.mark == (isOn ? "K on" : "K off"))
    }

    @Test("The inspector says since when")
    func words() {
        var (model, story) = Story.played(until: 44)
        _ = update(&model, .resize(width: 120, height: 36))
        _ = update(&model, .key(.character("2")))
        story.give(to: &model)
        let screen = render(model, width: 120, height: 36).plainText()
        #expect(screen.contains("Response time, 4 s since K on"))
    }
}
