import MetricsText
import PoolModel
import Testing

@testable import FleetCore

@Suite("Figures from what dialects say") struct FiguresOfReadingsTests {
    private static let names = Set(FleetMeasure.names)

    /// The figures of one row, where the dialect was asked for everything.
    private static func figures(
        _ dialect: Dialect, _ values: [FleetMeasure: Double], estimates: Set<FleetMeasure> = [],
        without unasked: Set<FleetMeasure> = []
    ) -> FleetFigures {
        var readings = FleetReadings()
        for (measure, value) in values { readings.add(measure, value, isEstimate: estimates.contains(measure)) }
        let asked = Set(FleetMeasure.all(of: dialect, names: names)).subtracting(unasked)
        return FiguresOfReadings(readings, FleetQuestions(dialect, asked: asked), windowSeconds: 10).figures
    }

    private static let own: [FleetMeasure: Double] = [
        .fact(.opened): 2, .fact(.closed): 1, .fact(.closedRemote): 0.25, .fact(.closedLocal): 0.75,
        .fact(.answered): 19, .fact(.failed): 1, .fact(.onNew): 2, .fact(.onReused): 18, .fact(.active): 3,
        .fact(.idle): 4, .fact(.queued): 5, .fact(.inFlight): 3, .responseTime(.p99): 0.25,
    ]

    @Test("Our own names say everything exactly, but for percentiles")
    func ownNames() {
        let figures = Self.figures(.pooltop, Self.own)
        #expect(figures.requestsPerSecond == .exact(20) && figures.failedPerSecond == .exact(1))
        #expect(figures.openedPerSecond == .exact(2) && figures.closedPerSecond == .exact(1))
        #expect(figures.reuse == .exact(0.9) && figures.remoteShare == .exact(0.25))
        #expect(figures.open == .exact(7) && figures.queued == .exact(5) && figures.requestsPerConnection == .exact(10))
        #expect(figures.responseTime(.p99) == .estimate(0.25) && figures.responseTime(.p50).isUnknown)
    }

    @Test("What our own names do not say is unknown and never zero", arguments: Array(own.keys))
    func missing(_ measure: FleetMeasure) {
        var values = Self.own
        values[measure] = nil
        let figures = Self.figures(.pooltop, values)
        for (fact, figure) in [
            (Fact.opened, figures.openedPerSecond), (.closed, figures.closedPerSecond),
            (.failed, figures.failedPerSecond), (.answered, figures.requestsPerSecond), (.active, figures.active),
            (.queued, figures.queued), (.inFlight, figures.inFlight), (.idle, figures.open),
        ] where measure == .fact(fact) {
            #expect(figure.isUnknown, "\(fact)")
        }
        // Only a reason begins with the first close that has it.
        if measure == .fact(.closedRemote) { #expect(figures.closedRemotePerSecond == .exact(0)) }
        if measure == .fact(.failed) { #expect(figures.requestsPerSecond == .exact(19)) }
    }

    @Test("Without a reason nobody is known to close")
    func noReasons() {
        var values = Self.own
        (values[.fact(.closedRemote)], values[.fact(.closedLocal)]) = (nil, nil)
        let figures = Self.figures(.pooltop, values)
        #expect(figures.closedRemotePerSecond.isUnknown && figures.remoteShare.isUnknown)
    }

    @Test("An estimate stays one in all that is made of it")
    func estimates() {
        let figures = Self.figures(.pooltop, Self.own, estimates: [.fact(.onNew), .fact(.idle)])
        #expect(figures.reuse == .estimate(0.9) && figures.open == .estimate(7))
        #expect(figures.openedPerSecond == .exact(2))
        #expect(figures.certainty[.reuse] == .estimate && figures.certainty[.errors] == .exact)
    }

    @Test("What is no number counts for nothing")
    func notFinite() {
        var values = Self.own
        values[.responseTime(.p99)] = .nan
        values[.fact(.opened)] = .infinity
        let figures = Self.figures(.pooltop, values)
        #expect(figures.responseTime(.p99).isUnknown && figures.openedPerSecond.isUnknown)
    }

    @Test("In .NET what is opened is what was closed and what is open more")
    func dotnet() {
        let values: [FleetMeasure: Double] = [
            .fact(.active): 3, .fact(.inFlight): 5, .fact(.closed): 2, .change(.active): 10, .fact(.answered): 40,
        ]
        let figures = Self.figures(.dotnet, values)
        #expect(figures.openedPerSecond == .estimate(3) && figures.closedPerSecond == .exact(2))
        // No idle connection has been counted yet, and no failure.
        #expect(figures.idle == .exact(0) && figures.open == .exact(3) && figures.failedPerSecond == .exact(0))
        #expect(figures.queued == .estimate(2) && figures.reuse == .estimate(37.0 / 40))
        var multiplexed = values
        multiplexed[.multiplexed] = 1
        #expect(Self.figures(.dotnet, multiplexed).queued.isUnknown)
        #expect(Self.figures(.dotnet, multiplexed).inFlight.isUnknown)
        // If nothing was ever closed, nobody knows what was opened.
        var young = values
        young[.fact(.closed)] = nil
        #expect(Self.figures(.dotnet, young, without: [.fact(.closed)]).openedPerSecond.isUnknown)
        #expect(Self.figures(.dotnet, young).openedPerSecond == .estimate(1))
    }

    @Test("After one sample no rate is known, and none is zero")
    func young() {
        let figures = Self.figures(.dotnet, [.fact(.active): 3, .fact(.idle): 1])
        #expect(figures.open == .exact(4) && figures.failedPerSecond.isUnknown && figures.requestsPerSecond.isUnknown)
        #expect(figures.openedPerSecond.isUnknown && figures.closedPerSecond.isUnknown)
    }

    @Test("Envoy: connects that failed are neither opened nor closed")
    func envoy() {
        let figures = Self.figures(
            .envoy,
            [
                .fact(.attempts): 10, .fact(.connectFailed): 3, .fact(.connectTimedOut): 1, .fact(.open): 8,
                .fact(.inFlight): 12, .change(.open): 20, .fact(.closedLocal): 3, .fact(.closedRemote): 5,
                .fact(.sent): 100, .fact(.answered): 96,
            ])
        #expect(figures.openedPerSecond == .estimate(7) && figures.closedPerSecond == .estimate(5))
        #expect(figures.closedLocalPerSecond == .estimate(2) && figures.closedRemotePerSecond == .estimate(3))
        #expect(figures.failedPerSecond == .estimate(4) && figures.requestsPerSecond == .estimate(100))
        #expect(figures.active == .estimate(8) && figures.idle == .estimate(0) && figures.open == .exact(8))
        #expect(figures.reuse == .estimate(0.93))
    }

    @Test("HAProxy counts reuses, and a series that is not there is unknown")
    func haproxy() {
        let figures = Self.figures(
            .haproxy,
            [
                .fact(.attempts): 10, .fact(.connectFailed): 1, .fact(.answered): 50, .fact(.onReused): 40,
                .fact(.active): 2, .fact(.idle): 3,
            ])
        #expect(figures.openedPerSecond == .estimate(9) && figures.reuse == .estimate(0.8))
        #expect(figures.failedPerSecond.isUnknown && figures.requestsPerSecond == .exact(50))
    }

    @Test("Gauges alone say what is open and nothing of what happens")
    func gauges() {
        for (dialect, values) in [
            (Dialect.httpComponents, [FleetMeasure.fact(.active): 2.0, .fact(.idle): 3, .fact(.queued): 1]),
            (.okHttp, [.fact(.active): 2, .fact(.idle): 3]),
        ] {
            let figures = Self.figures(dialect, values)
            #expect(figures.open == .exact(5) && figures.active == .exact(2))
            #expect(figures.openedPerSecond.isUnknown && figures.requestsPerSecond.isUnknown && figures.reuse.isUnknown)
        }
        let undici = Self.figures(.undici, [.fact(.open): 8, .fact(.idle): 2, .fact(.inFlight): 6])
        #expect(undici.active == .exact(6) && undici.queued.isUnknown && undici.closedPerSecond.isUnknown)
    }

    @Test("A sum is unknown where a part is, and percentiles have none")
    func sums() {
        let own = Self.figures(.pooltop, Self.own)
        let idle = Self.figures(.pooltop, [.fact(.answered): 0, .fact(.failed): 0])
        let gauges = Self.figures(.okHttp, [.fact(.active): 2, .fact(.idle): 3])
        #expect((own + own).requestsPerSecond == .exact(40) && (own + own).reuse == .exact(0.9))
        #expect((own + own).responseTimes.isEmpty && (own + idle).responseTimes == own.responseTimes)
        #expect((own + gauges).requestsPerSecond.isUnknown && (own + gauges).open == .exact(12))
        #expect(FleetFigures.sum([]) == nil && FleetFigures.sum([own]) == own)
    }

    @Test("Nothing at all is known of a row without answers", arguments: Dialect.allCases)
    func empty(_ dialect: Dialect) {
        let figures = Self.figures(dialect, [:], without: Set(FleetMeasure.all(of: dialect, names: Self.names)))
        #expect(figures == FleetFigures())
        #expect(FleetFigures.sums.allSatisfy { figures[keyPath: $0].isUnknown })
        #expect(figures.certainty.exceptions.allSatisfy { $0.certainty == .unknown })
    }
}

@Suite("Worst first") struct FleetOrderTests {
    private static func figures(_ reuse: Double?, opened: Double? = nil, remote: Double? = nil) -> FleetFigures {
        var figures = FleetFigures()
        if let reuse {
            (figures.newPerSecond, figures.reusedPerSecond) = (.exact(100 - 100 * reuse), .exact(100 * reuse))
        }
        if let opened { figures.openedPerSecond = .exact(opened) }
        if let remote {
            (figures.closedLocalPerSecond, figures.closedRemotePerSecond) = (.exact(1 - remote), .exact(remote))
        }
        return figures
    }

    @Test("By reuse, then new connections, then the side that closes, then the name")
    func order() {
        let rows: [(name: String, figures: FleetFigures)] = [
            ("unknown but new", Self.figures(nil, opened: 50)), ("good", Self.figures(0.99)), ("z", Self.figures(nil)),
            ("closed by us", Self.figures(0.51, opened: 5, remote: 0)), ("a", Self.figures(nil)),
            ("closed by them", Self.figures(0.53, opened: 5, remote: 1)), ("many new", Self.figures(0.54, opened: 6)),
            ("bad", Self.figures(0.1)),
        ]
        #expect(
            rows.worstFirst(\.figures, name: \.name).map(\.name) == [
                "bad", "many new", "closed by them", "closed by us", "good", "unknown but new", "a", "z",
            ])
    }
}

@Suite("The interval of scrapes") struct ScrapeIntervalTests {
    private static func answer(_ times: [Double]) -> PrometheusAnswer {
        PrometheusAnswer(
            result: .matrix([.init(labels: [], points: times.map { .init(time: $0, value: 1) })]))
    }

    @Test("It is the median of the gaps, so that a scrape that failed does not count")
    func median() {
        #expect(ScrapeInterval.seconds(Self.answer([0, 15, 30, 60, 75, 90])) == 15)
        #expect(ScrapeInterval.seconds(Self.answer([0, 15])) == nil)
        #expect(ScrapeInterval.seconds(Self.answer([])) == nil)
        #expect(ScrapeInterval.seconds(Self.answer([5, 5, 5, 5])) == nil)
    }
}
