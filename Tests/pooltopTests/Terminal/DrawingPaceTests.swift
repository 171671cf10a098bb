import PoolModel
import Testing

@testable import TerminalUI

@Suite struct DrawingPaceTests {
    @Test("The first frame is drawn at once")
    func theFirstPictureIsDrawnAtOnce() {
        #expect(DrawingPace().delay(at(0)) == 0)
    }

    @Test("Without changes nothing is drawn")
    func nothingNewIsNeverDrawn() {
        var pace = DrawingPace()
        pace.drawn(at: at(0))
        #expect(pace.delay(at(0)) == nil)
        #expect(pace.delay(at(1_000_000)) == nil)
    }

    @Test("New snapshots wait for their turn")
    func newsWaitForTheirTurn() {
        var pace = DrawingPace()
        pace.drawn(at: at(0))
        pace.changed(urgently: false)
        #expect(pace.delay(at(30)) == .milliseconds(95))
        pace.changed(urgently: false)
        #expect(pace.delay(at(124)) == .milliseconds(1))
        #expect(pace.delay(at(125)) == 0)
        #expect(pace.delay(at(500)) == 0)
    }

    @Test("A key does not wait")
    func aKeyDoesNotWait() {
        var pace = DrawingPace()
        pace.drawn(at: at(0))
        pace.changed(urgently: false)
        pace.changed(urgently: true)
        #expect(pace.delay(at(1)) == 0)
        pace.drawn(at: at(1))
        pace.changed(urgently: false)
        #expect(pace.delay(at(2)) == .milliseconds(124))
    }

    /// Snapshots every 10 ms for a minute give 8 pictures a second: two turns are left for keys.
    @Test("New snapshots leave frames for keys")
    func newsLeaveTurnsForKeys() {
        #expect(drawn(seconds: 60, newsEvery: 10, keyEvery: nil).count == 480)
    }

    /// A key that is held down, and news at the same time: still no eleventh picture in any second.
    @Test("At most ten frames are drawn per second", arguments: [1, 33, 70, 101]) func tenASecondAtMost(keyEvery: Int64)
    {
        let times = drawn(seconds: 60, newsEvery: 10, keyEvery: keyEvery)
        for (index, time) in times.enumerated().dropFirst(10) { #expect(time - times[index - 10] >= 1000) }
        #expect(times.count >= 590)
    }

    /// One key in a second full of news is on the screen at once.
    @Test("A key among snapshots is drawn at once")
    func aKeyAmongNewsIsDrawnAtOnce() {
        var pace = DrawingPace()
        for time in stride(from: Int64(0), to: 5000, by: 10) {
            pace.changed(urgently: time % 1000 == 500)
            let delay = pace.delay(at(time))
            if time % 1000 == 500 { #expect(delay == 0) }
            if delay == 0 { pace.drawn(at: at(time)) }
        }
    }

    /// The times of the pictures, looked at every millisecond.
    private func drawn(seconds: Int64, newsEvery news: Int64, keyEvery key: Int64?) -> [Int64] {
        var pace = DrawingPace()
        var times: [Int64] = []
        for time in 0..<seconds * 1000 {
            if time % news == 0 { pace.changed(urgently: false) }
            if let key, time % key == 0 { pace.changed(urgently: true) }
            guard pace.delay(at(time)) == 0 else { continue }
            pace.drawn(at: at(time))
            times.append(time)
        }
        return times
    }

    private func at(_ milliseconds: Int64) -> Moment { Moment(nanoseconds: .milliseconds(milliseconds)) }
}
