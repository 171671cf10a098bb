import Testing
import Wording

@testable import Dashboard
@testable import PoolModel

/// A source that knows how many connections there are and about how many requests, and nothing else.
private struct ModestSource {
    static let certainty = Certainties(
        Dictionary(
            uniqueKeysWithValues: FigureGroup.allCases.compactMap { group in
                group == .connections ? nil : (group, group == .requests ? .estimate : .unknown)
            }))

    /// The value in the place of figures that it does not know.
    var filler = 0
    var certainty = Self.certainty

    func snapshot(_ second: Int) -> AgentSnapshot {
        var dns = DNSCounts()
        for counter in DNSCounts.counters { dns[keyPath: counter.keyPath] = filler * second }
        return AgentSnapshot(
            sequence: second, takenAt: 1_763_805_600 + Double(second), uptimeSeconds: Double(second),
            keepAlive: filler == 0, dnsCacheEnabled: filler == 0, draining: false, maxTotalSockets: filler,
            hosts: ["catalog", "search", "payments"].enumerated().map { host($0, name: $1, second) }, dns: dns,
            dnsRecords: [],
            process: ProcessSnapshot(
                cpuSeconds: Double(filler * second), agentCPUSeconds: Double(filler * second), maxResidentBytes: filler),
            events: [], ignoredEvents: 0)
    }

    private func host(_ id: Int, name: String, _ second: Int) -> HostSnapshot {
        var host = Story.host(id: id, name: name)
        host.certainty = certainty
        host.keepAlive = filler == 0
        (host.maxSockets, host.maxFreeSockets) = (filler, filler)
        host.idleLimitSeconds = filler == 0 ? nil : Double(filler)
        host.oldestWaitSeconds = filler == 0 ? nil : Double(filler)
        host.oldestActiveSeconds = filler == 0 ? nil : Double(filler)
        for counter in HostMetrics.counters where certainty[counter.group] == .unknown {
            host.metrics[keyPath: counter.keyPath] = filler * second
        }
        if filler > 0 {
            host.metrics.statuses = [503: filler * second]
            host.metrics.errors.add(filler * second, to: .requestTimeout)
            host.metrics.connections.closedByReason.add(filler * second, to: .peerClosedIdle)
            for row in LatencySet.rows {
                for _ in 0..<second { host.metrics.latency[keyPath: row.histogram].record(.milliseconds(77)) }
            }
        }
        host.metrics.requests.started = 90 * second
        host.metrics.requests.succeeded = 90 * second
        if certainty[.reuse] != .unknown {
            host.metrics.requests.onNewConnection = 30 * second
            host.metrics.requests.onReusedConnection = 60 * second
        }
        // `open` is known, and which of them are busy is not.
        host.metrics.connections.active = filler > 0 ? 9 : 0
        host.metrics.connections.idle = filler > 0 ? 3 : 12
        host.metrics.connections.opened = 30 * second + 12
        host.metrics.connections.closed = 30 * second
        host.metrics.connections.peakOpen = 12
        host.addresses = [
            AddressSnapshot(
                address: "10.0.0.1:80", connectionsOpened: 30 * second, open: 12, exchanges: filler * second,
                isInDNS: filler == 0, isSuspect: filler > 0)
        ]
        return host
    }

    func model(_ keys: [Key] = [], _ glyphs: GlyphSet = .braille, until end: Int = 20) -> Model {
        var configuration = Configuration()
        configuration.glyphs = glyphs
        var model = Model(configuration: configuration)
        _ = update(&model, .resize(width: 120, height: 36))
        for second in 0...end { _ = update(&model, .snapshot(snapshot(second), utcOffsetSeconds: 0)) }
        for key in keys { _ = update(&model, .key(key)) }
        return model
    }
}

/// Screens of a source that knows little.
@Suite("Screens with unknown figures") struct FewFiguresTests {
    private static let sizes = [
        (1, 1), (5, 2), (10, 1), (19, 3), (30, 8), (40, 12), (60, 20), (72, 20), (80, 24), (110, 30), (120, 36),
        (200, 60), (250, 80),
    ]

    private func text(_ model: Model, _ width: Int = 120, _ height: Int = 36) -> String {
        render(model, width: width, height: height).plainText()
    }

    @Test(
        "The placeholder for an unknown figure appears on no screen of any size",
        arguments: EverySizeTests.keys, [GlyphSet.braille, .ascii])
    func fillersAreNotShown(_ keys: [Key], _ glyphs: GlyphSet) {
        let (zeros, sevens) = (ModestSource().model(keys, glyphs), ModestSource(filler: 777).model(keys, glyphs))
        for (width, height) in Self.sizes {
            #expect(text(zeros, width, height) == text(sevens, width, height), "\(width)x\(height)")
            EverySizeTests.check(zeros, width, height)
        }
    }

    @Test("The overview shows a dash for unknown figures and marks estimates")
    func overview() {
        let screen = text(ModestSource().model())
        #expect(screen.contains("HTTP ~270/s"))
        #expect(screen.contains("new TCP 90/s"))
        #expect(screen.contains("DNS –") && screen.contains("reuse –") && screen.contains("p99 –"))
        #expect(screen.contains("err –") && screen.contains("wait –") && !screen.contains("0%"))
        #expect(screen.contains("keep-alive –"))
        #expect(text(ModestSource().model([], .ascii)).contains("reuse -"))
    }

    @Test("A row of the table never shows zero for an unknown figure")
    func tableRow() throws {
        let rows = text(ModestSource().model(), 200, 60).split(separator: "\n")
        let row = try #require(rows.last { $0.contains("search") && $0.contains("~90") })
        let cells = row.split(separator: " ").map(String.init)
        #expect(!cells.contains("0") && !cells.contains("0%"))
        #expect(cells.filter { $0 == "–" }.count >= 10)
        let sum = try #require(rows.first { $0.contains("all 3") })
        #expect(sum.contains("~270") && sum.contains("–"))
    }

    @Test("The inspector says which figures are unknown")
    func inspector() {
        let screen = text(ModestSource().model([.character("2")]), 160, 50)
        #expect(
            screen.contains("12 of –") && screen.contains("active –") && screen.contains("the reasons are not known"))
        #expect(screen.contains("REUSE –") && screen.contains("ERR –"))
    }

    @Test("A host with an unknown figure comes last in either sort order", arguments: [false, true])
    func sorting(_ reversed: Bool) {
        var source = ModestSource()
        var story = ModestSource(filler: 5)
        source.certainty[.queue] = .unknown
        story.certainty[.queue] = .exact
        var snapshot = source.snapshot(5)
        snapshot.hosts[1] = story.snapshot(5).hosts[1]
        var model = Model(configuration: Configuration())
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        let hosts = model.picture.snapshot?.hosts ?? []
        let sorted = HostSort.column(.queue).sorted(hosts, picture: model.picture, reversed: reversed)
        #expect(sorted.map(\.id) == [1, 0, 2])
    }

    @Test("A sum over hosts is unknown if it is unknown for one of them")
    func sums() {
        var snapshot = Told.at90.story.snapshot(socketsOf: nil)
        var model = Told.at90.model
        #expect(model.picture.total.reuse.value != nil)
        snapshot.hosts[3].certainty = Certainties([.reuse: .unknown, .requests: .estimate])
        snapshot.uptimeSeconds += 1
        snapshot.sequence += 1
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        #expect(model.picture.total.reuse == .unknown)
        #expect(model.picture.total.requestsPerSecond.certainty == .estimate)
        #expect(model.picture.total.p99.certainty == .exact)
    }

    @Test("A rule about an unknown figure is silent, and one about an estimate says so")
    func advice() throws {
        for filler in [0, 777] { #expect(ModestSource(filler: filler).model().picture.adviceForAll().isEmpty) }
        var source = ModestSource(filler: 77)
        source.certainty[.reuse] = .estimate
        let picture = source.model().picture
        let host = try #require(picture.host(0))
        let advice = try #require(picture.advice(for: host).first { $0.text.contains("reuse") })
        #expect(advice.text.hasSuffix("(by an estimate)"))
    }

    @Test("It is unknown whether the agent's TLS handshakes were resumed, and no share is shown")
    func resumption() {
        var model = Told.at90.model
        for key in [Key.down, .down, .character("2")] { _ = update(&model, .key(key)) }
        #expect(text(model, 120, 36).contains("TLS resumed –"))
    }

    @Test("An estimated share takes no more columns than an exact one", arguments: [0.001, 0.5, 0.999, 1, 0])
    func estimatedShares(_ share: Double) {
        let text = Numbers.percent(Figure.estimate(share))
        #expect(text.hasPrefix("~") && text.count <= 5)
        #expect(share == 1 || text != "~100%")
    }
}
