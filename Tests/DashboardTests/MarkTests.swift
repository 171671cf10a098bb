import Testing

@testable import Dashboard
@testable import PoolModel

@Suite struct MarkTests {
    /// The columns, counted from each chart's own left edge, where a row has the sign of a mark.
    @Test("A mark has the same column in all charts", arguments: [(120, 36), (80, 24), (132, 43), (160, 50)])
    func theSameColumnInAllCharts(_ width: Int, _ height: Int) {
        var model = Told.at90.model
        _ = update(&model, .resize(width: width, height: height))
        let layout = OverviewLayout(model: model, width: width, height: height)
        let frame = render(model, width: width, height: height)
        #expect(layout.charts.count == 4)
        var places: [Int: Set<Int>] = [:]
        for (kind, rect, _) in layout.charts {
            for y in rect.y + 1..<rect.y + rect.height {
                for x in rect.x..<rect.x + rect.width
                where frame[x, y].role == .mark && (frame[x, y].scalar == "▲" || frame[x, y].scalar == "┊") {
                    places[kind, default: []].insert(x - rect.x)
                }
            }
        }
        // A chart without an axis of its own and full of dots may have no free cell for the line.
        let columns = Set(places.values.flatMap { $0 })
        #expect(columns.count == 1, "\(places)")
        #expect(places[2] != nil && places[3] != nil)
    }

    @Test("Marks that are close together are merged")
    func closeMarksMerge() {
        let axis = TimeAxis(columns: 50, windowSeconds: 300, newest: 299)
        let marks = [(100.0, "K on"), (103, "K off"), (200, "load +10%")].map { second, label in
            Mark(uptimeSeconds: second, label: label, localSeconds: second)
        }
        let groups = MarkGroup.groups(marks, on: axis, times: "×")
        #expect(groups.map(\.label) == ["K ×2", "load +10%"])
        let mixed = [marks[0], Mark(uptimeSeconds: 101, label: "t off", localSeconds: 101)]
        #expect(MarkGroup.groups(mixed, on: axis, times: "×").map(\.label) == ["×2"])
        #expect(MarkGroup.groups([Mark(uptimeSeconds: -50, label: "K", localSeconds: 0)], on: axis, times: "×").isEmpty)
    }

    @Test("A new mark is labelled at the right edge")
    func aNewMarkIsLabelledAtTheRightEdge() {
        var (model, _) = Story.played(until: 41)
        _ = update(&model, .resize(width: 120, height: 36))
        let text = render(model, width: 120, height: 36).plainText()
        #expect(text.contains("K on 11:00:39▲"))
    }
}

@Suite struct SinceMarkTests {
    @Test("The comparison appears once there is enough data on both sides")
    func shownOnceThereIsEnoughOnBothSides() {
        var (model, story) = Story.played(until: 40)
        #expect(model.live.sinceMark == nil)
        story.tell(until: 41, to: &model)
        #expect(model.live.sinceMark == nil)
        story.tell(until: 42, to: &model)
        #expect(model.live.sinceMark != nil)
    }

    /// Nobody changed anything, so there is nothing to compare the time after it with.
    @Test("A time without answers is marked, and the comparison stays with the last change")
    func silenceIsNoChange() throws {
        var (model, story) = Story.played(until: 60)
        story.events.append(
            AgentNotice(
                level: .mark, uptimeSeconds: 59.5, hostID: 0, hostName: "catalog",
                kind: .program(ProgramNotice(.silent(seconds: 4.5)))))
        story.tell(until: 70, to: &model)
        #expect(model.live.marks.map(\.label) == ["K on", "no answer 4.5 s"])
        #expect(try #require(model.live.sinceMark).label == "K on")
    }

    @Test("The comparison excludes the seconds of the change")
    func comparesWithoutTheSecondsOfTheSwitch() throws {
        let since = try #require(Told.at90.model.live.sinceMark)
        #expect(since.label == "K on")
        #expect(since.before.tcp > 3200)
        let parts = since.parts(Glyphs(kind: .braille))
        #expect(parts.map(\.name) == ["TCP", "DNS", "CPU/req", "containers"])
        #expect(parts.last?.change == "3.7 ▸ 2.9")
        let cpu = try #require(since.after.cpuPerRequest)
        #expect(abs(cpu - 0.000_021) < 0.000_002)
    }

    /// A handful of DNS queries on either side says nothing about what the mark did.
    @Test("Random differences are not shown as percentages")
    func chanceIsNoPercentage() throws {
        var since = try #require(Told.at90.model.live.sinceMark)
        since.before.dns = 0.3
        since.after.dns = 0.4
        let names = since.parts(Glyphs(kind: .braille)).map(\.name)
        #expect(names == ["TCP", "CPU/req", "containers"])
    }

    @Test("Without a mark there is no comparison")
    func noMarkNoComparison() { #expect(Told.at30.model.live.sinceMark == nil) }
}
