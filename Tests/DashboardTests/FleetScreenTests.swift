import Testing

@testable import Dashboard
@testable import FleetCore
@testable import PoolModel

@Suite("The screen of a fleet") struct FleetScreenTests {
    private func text(_ model: Model, _ width: Int = 120, _ height: Int = 36) -> String {
        render(model, width: width, height: height).plainText()
    }

    private func row(_ name: String, _ model: Model) throws -> String {
        String(try #require(text(model).split(separator: "\n").last { $0.contains(name) }))
    }

    private func press(_ model: inout Model, _ keys: Key...) -> [String] {
        keys.flatMap { update(&model, .key($0)) }.map { "\($0)" }
    }

    private static let seventh = InstanceID(job: "shop", instance: "10.0.0.7:9464")

    /// An instance with one host, so many requests into its life.
    private func news(_ seconds: Int, of id: InstanceID = seventh, past: Bool = false) -> InstanceNews {
        var metrics = HostMetrics()
        metrics.requests.started = 120 * seconds
        metrics.requests.succeeded = 120 * seconds
        metrics.requests.onNewConnection = 120 * seconds
        metrics.connections.opened = 120 * seconds
        let host = HostSnapshot(
            id: 0, name: "payments", origin: "https://payments:443", isTLS: true, keepAlive: false,
            keepAliveIsOwn: false, maxSockets: 64, maxFreeSockets: 64, idleLimitOrigin: .none, metrics: metrics,
            addresses: [])
        let snapshot = AgentSnapshot(
            sequence: seconds, takenAt: FleetStory.began + Double(seconds), uptimeSeconds: 3600 + Double(seconds),
            keepAlive: false, dnsCacheEnabled: true, draining: false, maxTotalSockets: 0, hosts: [host],
            dns: DNSCounts(), dnsRecords: [], process: ProcessSnapshot(), events: [], ignoredEvents: 0,
            source: SourceSnapshot(kind: .fleet, name: id.instance))
        let points = stride(from: -3600.0, to: 0, by: 15).map { time in
            FleetHistory.Point(
                time: FleetStory.began + time, figures: FleetStory.figures(requests: 60, new: 60, open: 4))
        }
        return InstanceNews(
            id, past: past ? points : [], uptimeOffset: 3600 - FleetStory.began, snapshots: [snapshot])
    }

    private func give(_ news: InstanceNews, to model: inout Model) {
        _ = update(&model, .instance(news, utcOffsetSeconds: 0))
    }

    @Test("The worst instance comes first, one that is gone has no figures, and the sum comes last")
    func order() throws {
        let model = FleetStory.model()
        #expect(model.view == .fleet)
        #expect(
            model.visibleFleetRows().map(\.name) == [
                "10.0.0.7:9464", "10.0.0.8:9464", "10.0.0.9:9464", "billing-2␛[31m:8080", "(gone) billing-1:8080",
                "all",
            ])
        let worst = try row("10.0.0.7:9464", model)
        for figure in ["shop", "eu-1", "120", "0%", "server 98%", "2.5%"] {
            #expect(worst.contains(figure), "\(figure) in \(worst)")
        }
        let gone = try row("(gone)", model)
        #expect(gone.split(separator: " ").filter { $0 == "–" }.count >= 7 && !gone.contains(" 0 "), "\(gone)")
        #expect(try row("billing-2", model).contains("~0.4") && row("billing-2", model).contains(" 7"))
        #expect(try row("  all ", model).contains("52"))
    }

    @Test("The charts have an hour at once, with a mark where a label changed")
    func history() {
        let model = FleetStory.model()
        let shown = model.live.history.seconds
        #expect(shown.count(in: 0..<3601) > 3500)
        #expect(model.live.trend[3000]?.reuse.map { abs($0 - 350.0 / 480) < 0.001 } == true)
        #expect(model.live.trend[1000]?.p99.map { abs($0 - 0.14) < 0.001 } == true)
        #expect(model.live.marks.map(\.second) == [2100] && model.live.marks.map(\.label) == ["1.4.2"])
        #expect(text(model).contains("1.4.2"))
        #expect(model.visibleEvents.map(\.text) == ["shop: version is 1.4.2, was 1.4.1"])
    }

    @Test("Enter opens an instance with a full chart and its hosts, and esc goes back to the same row")
    func opening() {
        var model = FleetStory.model([.down])
        #expect(
            press(&model, .up, .enter) == [
                "open(instance: Optional(FleetCore.InstanceID(job: \"shop\", instance: \"10.0.0.7:9464\")))"
            ])
        #expect(model.view == .overview && model.views == [.fleet, .overview, .inspect, .events])
        #expect(text(model).contains("asking for the instance's samples"))
        give(news(0, past: true), to: &model)
        give(news(15), to: &model)
        #expect(model.live.history.seconds.count(in: 0..<3616) > 3500)
        let overview = text(model)
        for word in ["instance 10.0.0.7:9464", "of prometheus.internal:9090", "payments", "120/s", "0%"] {
            #expect(overview.contains(word), "\(word)")
        }
        #expect(press(&model, .enter).isEmpty && model.view == .inspect)
        #expect(text(model).contains("metrics do not list connections"))
        #expect(press(&model, .escape).isEmpty && model.view == .overview)
        #expect(press(&model, .escape) == ["open(instance: nil)"])
        #expect(model.view == .fleet && model.views == [.fleet, .events])
        let rows = model.visibleFleetRows()
        #expect(model.selectedFleetRow(among: rows).map { rows[$0].name } == "10.0.0.7:9464")
    }

    @Test("The list goes on while an instance is shown, and news of one that was left are dropped")
    func aside() {
        var model = FleetStory.model([.enter])
        var story = FleetStory()
        story.second = 15
        story.isBillingGone = false
        story.give(to: &model)
        #expect(model.live.fleet == nil && model.fleetState.fleet?.takenAt == story.now)
        give(news(15, of: InstanceID(job: "shop", instance: "another")), to: &model)
        #expect(model.live.snapshot == nil)
        _ = press(&model, .character("0"))
        #expect(model.visibleEvents.first?.text == "billing-1:8080 is back")
        give(news(30), to: &model)
        #expect(model.live.snapshot == nil && model.view == .fleet)
    }

    @Test("Advice in an instance names no key, because nothing can be changed there")
    func advice() {
        var model = FleetStory.model([.enter])
        give(news(0), to: &model)
        give(news(15), to: &model)
        give(news(30), to: &model)
        let advice = model.live.adviceForAll().map(\.text)
        #expect(advice.contains { $0.contains("switch it on in the process itself") }, "\(advice)")
        #expect(press(&model, .character("K")).isEmpty)
        #expect(model.notice?.text.contains("a fleet can only be looked at") == true)
    }

    @Test("Instances are sorted by a column, filtered by what they are called, and grouped by a label")
    func choosing() throws {
        var model = FleetStory.model()
        _ = press(&model, .character("s"), .character("s"))
        #expect(model.fleetSort == .open && model.visibleFleetRows().first?.name == "10.0.0.7:9464")
        _ = press(&model, .character("S"))
        #expect(model.visibleFleetRows().first?.name == "billing-2␛[31m:8080")
        #expect(model.visibleFleetRows().dropLast().last?.name == "(gone) billing-1:8080", "unknown comes last")
        for key in "/billing".unicodeScalars { _ = press(&model, .character(key)) }
        _ = press(&model, .enter)
        #expect(model.visibleFleetRows().count == 2)
        _ = press(&model, .escape, .character("v"))
        #expect(model.visibleFleetRows().map(\.name) == ["eu-2", "eu-1", "(none)", "all"])
        #expect(text(model).contains("Instances by zone 3"))
        #expect(press(&model, .enter).isEmpty)
        #expect(model.visibleFleetRows().map(\.group) == ["eu-2", "eu-2"] && model.fleetFilter == "eu-2")
    }

    @Test("Rows that cannot be opened say why")
    func notOpened() {
        var model = FleetStory.model([.character("G"), .enter])
        #expect(model.notice?.text == "all instances are the list itself: choose one")
        _ = press(&model, .up, .enter)
        #expect(model.notice?.text == "billing-1:8080 is gone: there are no figures to show")
        _ = press(&model, .character("2"))
        #expect(model.notice?.text == "no instance is open: enter opens one" && model.view == .fleet)
        var other = FleetStory.model { $0.groupLabel = nil }
        _ = press(&other, .character("v"))
        #expect(other.notice?.text == "instances are grouped by a label with pooltop fleet --by LABEL")
    }

    @Test("A database that does not answer is said at the top, and old figures stay")
    func silence() {
        let failure = FleetProblem(kind: .failure(.unreachable("no answer")), count: 1)
        var model = FleetStory.model { ($0.problems, $0.ageSeconds) = ([failure], 120) }
        #expect(text(model).contains("NO DATA: Prometheus does not answer: no answer"))
        #expect(text(model).contains("10.0.0.7:9464"))
        model = FleetStory.model { ($0.problems, $0.ageSeconds) = ([failure], 5) }
        #expect(!text(model).contains("NO DATA"), "one round in vain is no news")
        model = FleetStory.model { ($0.problems, $0.ageSeconds, $0.isEmpty) = ([failure], nil, true) }
        #expect(text(model).contains("NO DATA") && text(model, 80, 24).contains("Prometheus does not answer"))
        #expect(!text(model).contains("0 instances"))
    }

    @Test("Every size can be drawn, with and without instances")
    func sizes() {
        for keys in [[], [.character("v")], [.character("?")], [.character("3")], [.enter]] as [[Key]] {
            for isEmpty in [false, true] {
                let model = FleetStory.model(keys) { $0.isEmpty = isEmpty }
                for height in stride(from: 1, through: 80, by: 6) {
                    for width in stride(from: 1 + height % 5, through: 250, by: 9) {
                        let frame = render(model, width: width, height: height)
                        #expect(frame.width == width && frame.height == height)
                    }
                }
            }
        }
    }

    @Test("The list equals its golden file", arguments: GoldenTests.glyphs)
    func golden(_ glyphs: GlyphSet) throws {
        for (width, height) in GoldenTests.sizes {
            let model = FleetStory.model(width: width, height: height, glyphs: glyphs)
            try GoldenTests.check(model, name: "fleet_\(width)x\(height)_\(GoldenTests.name(glyphs))")
        }
    }
}
