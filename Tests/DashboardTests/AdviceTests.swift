import Diagnosis
import Testing

@testable import Dashboard
@testable import PoolModel

/// The findings that the screen is told of a host come from its figures of the last ten seconds and from how it is now.
@Suite struct AdviceTests {
    private func played(until end: Double = 90, _ change: (inout Story) -> Void = { _ in }) -> (Model, Story) {
        var (model, story) = Told.at90
        if end != 90 { (model, story) = Story.played(until: end) }
        change(&story)
        story.sequence += 1
        story.uptime += 1
        story.give(to: &model)
        return (model, story)
    }

    private func rules(_ model: Model, _ id: Int) -> [String] {
        model.live.host(id).map { model.live.advice(for: $0).map(\.rule) } ?? []
    }

    @Test("None of the seven downstreams is said to fail while all go well, with HTTP keep-alive and without")
    func noFalseAlarm() {
        var (model, story) = Story.played(until: 1)
        while story.uptime < 89 {
            story.step()
            story.give(to: &model)
            #expect(model.live.failingHosts.isEmpty, "at \(story.uptime)")
        }
        #expect(rules(model, 0).contains("good reuse") && rules(model, 3).contains("server says close"))
    }

    @Test("A host that refuses is failing from the next snapshot on, and first in the list of advice")
    func refusing() throws {
        var (model, story) = Told.at90
        story.refusing = [2]
        story.step()
        story.give(to: &model)
        #expect(model.live.failingHosts == [2])
        let first = try #require(model.live.adviceForAll().first)
        #expect(first.level == .bad && first.rule == "connect refused" && first.hostID == 2)
        #expect(first.text.contains("refuses connections") && first.text.contains("next dial in 1.6 s"))
        #expect(rules(model, 2) == ["connect refused"], "nothing else is worth a word")
    }

    @Test("Responses of 503 are seen within a second, and no praise is left beside them") func unavailable() throws {
        let (model, _) = played { story in
            story.hosts[0].metrics.requests.started += 1200
            story.hosts[0].metrics.requests.succeeded += 1200
            story.hosts[0].metrics.requests.onReusedConnection += 1200
            story.hosts[0].metrics.statuses = [503: 1200]
        }
        let main = try #require(model.live.findings(0).main)
        #expect(main.headline == "catalog: answers 503 Service Unavailable (×1,200, 100%)")
        #expect(rules(model, 0) == ["status5xx"])
        #expect(model.live.window(0).status5xx.value == 1200)
        #expect(model.live.window(0).unsuccessful.value == 1200)
        #expect(model.live.window(0).failed.value == 0)
    }

    @Test("A host that says nothing is failing with the first snapshot that says so, between two seconds too")
    func silent() throws {
        var (model, story) = Told.at90
        story.hosts[1].silentSeconds = 2.1
        story.sequence += 1
        story.uptime += 0.1
        story.give(to: &model)
        #expect(model.live.findings(1).main?.shortText == "no response 2.1 s")
    }

    /// The same from a server that is known to end idle connections after two seconds is its limit, no drain.
    @Test("A mass close is reported", arguments: [nil, 2.0]) func massCloseIsSeen(learned: Double?) {
        var (model, story) = Told.at90
        story.hosts[1].learnedIdleSeconds = learned
        story.hosts[1].metrics.connections.closedByReason.add(40, to: .peerClosedIdle)
        story.hosts[1].metrics.connections.closed += 40
        story.hosts[1].metrics.connections.idle = 0
        story.uptime += 1
        story.give(to: &model)
        #expect(rules(model, 1).contains("mass close") == (learned == nil))
    }

    @Test("Rules about the process are reported")
    func processRules() {
        var (model, story) = Story.played(until: 30)
        #expect(model.live.adviceForAll().contains { $0.text.hasPrefix("2.0 DNS queries a request") })
        #expect(!model.live.adviceForAll().contains { $0.rule == "descriptors" })
        var snapshot = story.snapshot(socketsOf: nil)
        snapshot.process.openDescriptors = 900
        snapshot.uptimeSeconds += 1
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        #expect(model.live.adviceForAll().first?.rule == "descriptors")
        story.step()
    }

    @Test("Hosts that do well share one line") func praise() throws {
        let all = Told.at90.model.live.adviceForAll()
        let praise = all.filter { $0.level == .good }
        #expect(praise.count == 1 && all.last == praise.first)
        #expect(praise.first?.text.hasSuffix(": more than 95% of requests reuse a connection") == true)
    }
}
