@testable import Dashboard
@testable import FleetCore
@testable import MetricsText
@testable import PoolModel

/// A fleet as a database tells of it, made by hand: an instance without keep-alive, good ones, one of another runtime that
/// knows little, one that is gone, and a hostile name. Deterministic to the last digit.
struct FleetStory {
    static let began = 1_763_805_600.0
    /// Seconds since the screen was opened.
    var second = 0
    var isBillingGone = true
    var problems: [FleetProblem] = []
    var ageSeconds: Double? = 0
    var groupLabel: String? = "zone"
    var isEmpty = false

    var now: Double { Self.began + Double(second) }

    static func model(
        _ keys: [Key] = [], width: Int = 120, height: Int = 36, glyphs: GlyphSet = .braille,
        configure: (inout FleetStory) -> Void = { _ in }
    ) -> Model {
        var configuration = Configuration()
        configuration.isFleet = true
        configuration.source = "prometheus.internal:9090"
        configuration.glyphs = glyphs
        configuration.capabilities = .fleet
        configuration.windowMinutes = 60
        var model = Model(configuration: configuration)
        _ = update(&model, .resize(width: width, height: height))
        var story = FleetStory()
        configure(&story)
        story.give(to: &model)
        for key in keys { _ = update(&model, .key(key)) }
        return model
    }

    func give(to model: inout Model) {
        _ = update(&model, .tick(Moment(nanoseconds: .seconds(Double(1000 + second)))))
        _ = update(&model, .fleet(picture, utcOffsetSeconds: 0))
    }

    var picture: FleetPicture {
        var fleet = Fleet(windowSeconds: 60)
        fleet.scrapeSeconds = 15
        fleet.ageSeconds = ageSeconds
        fleet.problems = problems
        if !isEmpty {
            fleet.instances = instances
            fleet.groups = groups
            fleet.totals = FleetFigures.sum(instances.filter { !$0.isGone }.map(\.figures)) ?? FleetFigures()
            fleet.totals.responseTimes = [.p50: 0.004, .p99: 0.085]
            fleet.marks = [
                FleetMark(time: Self.began - 1500, job: "shop", label: "version", from: "1.4.1", to: "1.4.2")
            ]
        }
        return FleetPicture(fleet, past: isEmpty ? [] : past, takenAt: now, groupLabel: groupLabel)
    }

    /// An hour at one point in 15 seconds, in which keep-alive was switched on for most requests.
    private var past: [FleetHistory.Point] {
        stride(from: -3600.0, through: Double(second), by: 15).map { time in
            let isBefore = time < -1500
            var figures = Self.figures(requests: 480, new: isBefore ? 440 : 130, open: isBefore ? 40 : 52)
            figures.responseTimes = [.p50: isBefore ? 0.009 : 0.004, .p99: isBefore ? 0.14 : 0.085]
            return FleetHistory.Point(time: Self.began + time, figures: figures)
        }
    }

    private var instances: [FleetInstance] {
        var old = Self.figures(requests: 120, new: 120, open: 14, failed: 3)
        old.closedRemotePerSecond = .exact(118)
        old.closedLocalPerSecond = .exact(2)
        var dotnet = FleetFigures()
        (dotnet.requestsPerSecond, dotnet.open) = (.exact(80), .exact(12))
        (dotnet.openedPerSecond, dotnet.queued) = (.estimate(0.4), .exact(7))
        return [
            instance("10.0.0.7:9464", "shop", "eu-1", old),
            instance("10.0.0.8:9464", "shop", "eu-1", Self.figures(requests: 140, new: 5, open: 13)),
            instance("10.0.0.9:9464", "shop", "eu-2", Self.figures(requests: 140, new: 4, open: 13)),
            instance("billing-2\u{1B}[31m:8080", "billing", "", dotnet),
            instance("billing-1:8080", "billing", "eu-2", dotnet, isGone: isBillingGone),
        ]
    }

    private var groups: [FleetGroup] {
        [
            FleetGroup(
                value: "eu-1", instances: 2, gone: 0, figures: Self.figures(requests: 260, new: 125, open: 27)),
            FleetGroup(value: "eu-2", instances: 2, gone: 1, figures: Self.figures(requests: 140, new: 4, open: 13)),
            FleetGroup(value: nil, instances: 1, gone: 0, figures: FleetFigures()),
        ]
    }

    private func instance(
        _ name: String, _ job: String, _ zone: String, _ figures: FleetFigures, isGone: Bool = false
    ) -> FleetInstance {
        FleetInstance(
            id: InstanceID(job: job, instance: name),
            labels: zone.isEmpty ? [] : [MetricSample.Label(name: "zone", value: zone)], dialects: [],
            isGone: isGone, lastSeenSeconds: isGone ? 75 : 4, figures: isGone ? FleetFigures() : figures,
            hostCount: isGone ? nil : 3)
    }

    static func figures(requests: Double, new: Double, open: Double, failed: Double = 0) -> FleetFigures {
        var figures = FleetFigures()
        figures.requestsPerSecond = .exact(requests)
        figures.failedPerSecond = .exact(failed)
        figures.openedPerSecond = .exact(new)
        figures.closedLocalPerSecond = .exact(new)
        figures.closedRemotePerSecond = .exact(0)
        figures.newPerSecond = .exact(new)
        figures.reusedPerSecond = .exact(requests - new)
        figures.open = .exact(open)
        figures.queued = .exact(0)
        figures.responseTimes = [.p50: 0.004, .p99: 0.085]
        return figures
    }
}
