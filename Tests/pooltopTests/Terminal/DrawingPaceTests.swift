import AgentCore
import Testing

@testable import pooltop

@Suite struct DrawingPaceTests {
    @Test func theFirstPictureIsDrawnAtOnce() {
        #expect(DrawingPace().delay(at(0)) == 0)
    }

    @Test func nothingNewIsNeverDrawn() {
        var pace = DrawingPace()
        pace.drawn(at: at(0))
        #expect(pace.delay(at(0)) == nil)
        #expect(pace.delay(at(1_000_000)) == nil)
    }

    @Test func newsWaitForTheirTurn() {
        var pace = DrawingPace()
        pace.drawn(at: at(0))
        pace.changed(urgently: false)
        #expect(pace.delay(at(30)) == .milliseconds(70))
        pace.changed(urgently: false)
        #expect(pace.delay(at(99)) == .milliseconds(1))
        #expect(pace.delay(at(100)) == 0)
        #expect(pace.delay(at(500)) == 0)
    }

    @Test func aKeyDoesNotWait() {
        var pace = DrawingPace()
        pace.drawn(at: at(0))
        pace.changed(urgently: false)
        pace.changed(urgently: true)
        #expect(pace.delay(at(1)) == 0)
        pace.drawn(at: at(1))
        pace.changed(urgently: false)
        #expect(pace.delay(at(2)) == .milliseconds(99))
    }

    /// Snapshots every 10 ms for a minute give 10 pictures a second, and never more.
    @Test func tenASecondAtMost() {
        var pace = DrawingPace()
        var drawn = 0
        for time in stride(from: Int64(0), to: 60_000, by: 10) {
            pace.changed(urgently: false)
            if pace.delay(at(time)) == 0 {
                pace.drawn(at: at(time))
                drawn += 1
            }
        }
        #expect(drawn == 600)
    }

    private func at(_ milliseconds: Int64) -> Moment { Moment(nanoseconds: .milliseconds(milliseconds)) }
}
