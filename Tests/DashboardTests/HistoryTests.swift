import Testing

@testable import Dashboard
@testable import PoolModel

@Suite struct TimelineTests {
    @Test("A skipped second is a gap and not a zero")
    func aPassedSecondIsAGapAndNotAZero() {
        var timeline = Timeline<Int>(capacity: 10)
        timeline.append(5, at: 100)
        timeline.append(7, at: 103)
        timeline.append(9, at: 103)
        #expect(timeline[100] == 5 && timeline[101] == nil && timeline[103] == 7 && timeline[99] == nil)
        #expect(timeline.mean(100..<104) { Double($0) } == 6)
        #expect(timeline.mean(101..<103) { Double($0) } == nil)
        #expect(timeline.count(in: 0..<1000) == 2)
    }

    @Test("The ring drops the oldest seconds")
    func theRingForgetsTheOldest() {
        var timeline = Timeline<Int>(capacity: 10)
        for second in 0..<25 { timeline.append(second, at: second) }
        #expect(timeline[14] == nil && timeline[15] == 15 && timeline[24] == 24)
        timeline.append(1, at: 1000)
        #expect(timeline.count(in: 0..<2000) == 1)
        #expect(timeline.peak(0..<2000) { Double($0) } == 1)
    }
}

@Suite struct TimeAxisTests {
    @Test(
        "Charts move by whole columns, and marks stay with their second",
        arguments: [(45, 60), (45, 300), (25, 60), (106, 60), (45, 3600), (1, 60), (230, 900)])
    func columnsMoveWholeAndMarksStayWithTheirSecond(_ columns: Int, _ window: Int) {
        for newest in stride(from: 0, through: 4000, by: 97) {
            let axis = TimeAxis(columns: columns, windowSeconds: window, newest: newest)
            #expect(axis.seconds(columns - 1).contains(newest))
            #expect(axis.column(of: newest).map { axis.seconds($0).contains(newest) } == true)
            let next = TimeAxis(columns: columns, windowSeconds: window, newest: newest + 1)
            let moved = next.absoluteColumn(0) - axis.absoluteColumn(0)
            for column in moved..<max(moved, columns) {
                #expect(axis.seconds(column) == next.seconds(column - moved))
            }
            for second in axis.allSeconds {
                let column = axis.column(of: second)
                #expect(column.map { axis.seconds($0).contains(second) } == true)
            }
        }
    }

    @Test("The halves of a column cover its seconds")
    func halvesOfAColumnAreInIt() {
        let axis = TimeAxis(columns: 45, windowSeconds: 300, newest: 1234)
        for column in 0..<45 {
            let whole = axis.seconds(column)
            #expect(axis.doubled.seconds(column * 2).lowerBound == whole.lowerBound)
            #expect(axis.doubled.seconds(column * 2 + 1).upperBound <= max(whole.upperBound, whole.lowerBound + 1))
        }
    }
}

@Suite struct AxisScaleTests {
    @Test(
        "The axis ends at the next step above the peak",
        arguments: [
            (0, 1), (0.4, 1), (1, 2), (1.9, 2), (2, 5), (4.9, 5), (5, 10), (220, 500), (3333, 5000), (5001, 10_000),
        ]) func nextStepAboveThePeak(_ peak: Double, _ top: Double)
    { #expect(AxisScale.step(above: peak) == top) }

    @Test("Invalid peaks do not trap")
    func oddPeaksDoNotTrap() {
        #expect(AxisScale.step(above: .nan) == 1 && AxisScale.step(above: -4) == 1)
        #expect(AxisScale.step(above: 1e300) >= 1e15)
        #expect(AxisScale.decades(above: 1e300) == 15)
    }

    @Test("The axis rises at once and falls after thirty seconds")
    func risesAtOnceAndFallsAfterThirtySeconds() {
        var scale = AxisScale()
        scale.update(peak: 3000, uptimeSeconds: 10)
        #expect(scale.top == 5000)
        scale.update(peak: 20, uptimeSeconds: 20)
        scale.update(peak: 20, uptimeSeconds: 49)
        #expect(scale.top == 5000)
        scale.update(peak: 20, uptimeSeconds: 50)
        #expect(scale.top == 50)
        scale.update(peak: 4000, uptimeSeconds: 51)
        #expect(scale.top == 5000)
    }

    @Test("A peak in between restarts the wait")
    func aPeakInBetweenStartsTheWaitAnew() {
        var scale = AxisScale()
        scale.update(peak: 3000, uptimeSeconds: 0)
        scale.update(peak: 20, uptimeSeconds: 10)
        scale.update(peak: 3000, uptimeSeconds: 30)
        scale.update(peak: 20, uptimeSeconds: 45)
        #expect(scale.top == 5000)
    }
}

@Suite struct LogScaleTests {
    @Test("The logarithm is accurate enough for charts")
    func logarithmIsExactEnough() {
        for (value, expected) in [(1.0, 0.0), (10, 1), (100, 2), (3333, 3.52283), (0.1, -1), (1.999, 0.300813)] {
            #expect(abs(LogChart.logarithm(value) - expected) < 0.001)
        }
    }
}

@Suite struct SamplingTests {
    @Test("Rates are differences, and a long interval is a gap")
    func ratesAreDifferencesAndALongSilenceIsAGap() {
        var (model, story) = Story.played(until: 20)
        story.uptime += 30
        story.step()
        story.give(to: &model)
        story.tell(until: 60, to: &model)
        let seconds = model.live.history.seconds
        #expect(seconds[10]?.http.map { abs($0 - 3333) < 300 } == true)
        #expect(seconds[30] == nil && seconds[45] == nil && seconds[55] != nil)
    }

    @Test("Many snapshots per second make one sample")
    func manySnapshotsASecondMakeOneSample() {
        var (model, story) = Story.played(until: 20)
        story.uptime += 0.5
        story.give(to: &model)
        story.uptime += 0.3
        story.give(to: &model)
        #expect(model.live.history.newest == 19)
        story.uptime += 0.2
        story.step()
        story.give(to: &model)
        #expect(model.live.history.newest == 21)
    }

    @Test("The window covers the last ten seconds")
    func windowIsTheLastTenSeconds() {
        let window = Told.at90.model.live.window(0)
        #expect(window.reuse == .exact(1) && window.opened == .exact(0))
        #expect(window.requestsPerSecond.value.map { abs($0 - 1200) < 60 } == true)
        #expect(Told.at30.model.live.window(0).reuse == .exact(0))
        #expect(Told.at90.model.live.window(1).p50.value.map { abs($0 - 0.038) < 0.003 } == true)
        #expect(HostColumn.perConnection(window).hasPrefix(">"))
    }

    @Test("Another agent restarts the history")
    func anotherAgentStartsAnew() {
        var (model, _) = Told.at90
        var fresh = Story()
        fresh.tell(until: 2, to: &model)
        #expect(model.live.history.newest == 1)
        #expect(model.live.marks.isEmpty)
        #expect(model.live.events.total > 4, "what was said stays said")
    }

    @Test("A reset restarts the totals")
    func resetCountsTotalsFromHere() throws {
        var (model, story) = Told.at90
        for _ in 0..<2 { _ = update(&model, .key(.character("R"))) }
        story.tell(until: 92, to: &model)
        let host = try #require(model.live.host(0))
        #expect(host.metrics.opened.value ?? 0 > 40_000)
        #expect(model.live.closes(of: host).opened.value ?? .max < 100)
    }
}
