import PoolModel
import Testing

@testable import Traffic

@Suite struct AnswerWatchTests {
    /// Looks ten times a second for three seconds at a target that answers a hundred requests a second.
    private func busy() -> (watch: AnswerWatch, now: Moment) {
        var watch = AnswerWatch()
        var now = Moment.zero
        for tick in 0..<30 {
            now = now + .milliseconds(100)
            #expect(watch.look(sent: tick * 10 + 2, answered: tick * 10, now: now) == nil)
        }
        return (watch, now)
    }

    @Test("A target that stops answering is silent until its next answer")
    func silence() throws {
        var (watch, now) = busy()
        let beginning = now
        for tick in 1...12 as ClosedRange<Int> {
            now = now + .milliseconds(100)
            #expect(watch.look(sent: 292 + tick * 10, answered: 290, now: now) == nil)
        }
        #expect(try #require(watch.silence(now)).length == .milliseconds(1100))
        let silence = watch.look(sent: 420, answered: 400, now: now + .milliseconds(100))
        let ended = try #require(silence)
        #expect(ended.since == beginning + .milliseconds(100) && ended.length == .milliseconds(1200))
        #expect(watch.silence(now + .milliseconds(100)) == nil)
    }

    @Test("A target that is not asked is not silent")
    func notAsked() {
        var (watch, now) = busy()
        #expect(watch.look(sent: 292, answered: 292, now: now) == nil)
        for _ in 0..<40 {
            now = now + .milliseconds(100)
            #expect(watch.look(sent: 292, answered: 292, now: now) == nil && watch.silence(now) == nil)
        }
    }

    @Test("A target that always takes long is not silent")
    func alwaysSlow() {
        var watch = AnswerWatch()
        for tick in 0..<200 {
            let now = Moment.zero + .milliseconds(Int64(tick) * 100)
            #expect(watch.look(sent: 1 + tick / 50, answered: tick / 50, now: now) == nil)
        }
    }

    @Test("A time in which the program itself did not run is no silence")
    func ownGap() {
        var (watch, now) = busy()
        now = now + .seconds(3.0)
        watch.passOver()
        #expect(watch.look(sent: 302, answered: 300, now: now) == nil)
    }
}
