import Dashboard
import FleetCore
import FoundationEssentials
import MetricsText
import PoolModel
import SessionConfig
import TerminalUI

/// Asks a Prometheus round after round and tells a screen: of the fleet, and of the instance that is open.
///
/// The time between two rounds is three times that of a round at least, so that the screen of one person is no load on a
/// Prometheus that is slow.
actor FleetWatch {
    /// The time between two rounds where they are quick: figures change with scrapes, and no faster.
    private static let interval = Duration.seconds(5)
    /// The time that charts go back.
    private static let pastSeconds = 3600.0

    private let source: FleetSource
    private let slot: SnapshotSlot
    private let groupLabel: String?
    private var chosen: InstanceID?
    private var feed: InstanceFeed?
    private var nap: Task<Void, any Error>?
    private var mustHurry = false

    init(_ source: FleetSource, slot: SnapshotSlot) {
        self.source = source
        self.slot = slot
        groupLabel = source.plan.groupLabel
    }

    /// Shows an instance at once; nil: the fleet only.
    func open(_ instance: InstanceID?) {
        chosen = instance
        feed = nil
        mustHurry = true
        nap?.cancel()
    }

    /// Until the task is cancelled.
    func run(_ machine: FleetMachine) async {
        var machine = machine
        var past = FleetPast(seconds: Self.pastSeconds)
        while !Task.isCancelled {
            mustHurry = false
            let began = ContinuousClock.now
            await feedInstance(machine)
            if mustHurry { continue }
            let fleet = await source.round(&machine)
            past.append(fleet)
            put(fleet, past)
            if past.isDue(machine) {
                past.take(await source.answered(machine.history(of: .total)))
                put(fleet, past)
            }
            // One that does not answer is asked again soon, since it does no work for it.
            let took = ContinuousClock.now - began
            await rest(fleet.ageSeconds ?? .infinity < 1 ? took * 3 : .zero)
        }
    }

    private func put(_ fleet: Fleet, _ past: FleetPast) {
        slot.put(FleetPicture(fleet, past: past.points, takenAt: FleetSource.now, groupLabel: groupLabel))
    }

    private func rest(_ atLeast: Duration) async {
        guard !mustHurry, !Task.isCancelled else { return }
        let time = max(Self.interval, atLeast)
        let nap = Task { try await Task.sleep(for: time) }
        self.nap = nap
        _ = await withTaskCancellationHandler {
            await nap.result
        } onCancel: {
            nap.cancel()
        }
    }

    private func feedInstance(_ machine: FleetMachine) async {
        guard let chosen else { return }
        var feed = feed ?? InstanceFeed(chosen, of: source.plan.url.authority)
        let news = await feed.news(machine, source)
        // Another one may have been opened meanwhile.
        guard self.chosen == chosen, !Task.isCancelled else { return }
        self.feed = feed
        slot.put(news)
    }
}

/// The past of a fleet: an hour that the database is asked for once, and what rounds add to it.
struct FleetPast {
    private(set) var points: [FleetHistory.Point] = []
    private let seconds: Double
    private var isAsked = false

    init(seconds: Double) { self.seconds = seconds }

    /// It has not been asked for, and can be.
    func isDue(_ machine: FleetMachine) -> Bool { !isAsked && machine.history(of: .total) != nil }

    /// Points of before the rounds.
    mutating func take(_ history: FleetHistory?) {
        isAsked = true
        guard let history else { return }
        let first = points.first?.time ?? .infinity
        points = history.points.filter { $0.time < first } + points
    }

    /// A round whose figures are old adds nothing.
    mutating func append(_ fleet: Fleet) {
        guard let age = fleet.ageSeconds, !fleet.instances.isEmpty else { return }
        let time = FleetSource.now - age
        guard time > (points.last?.time ?? 0) + 1 else { return }
        points.append(FleetHistory.Point(time: time, figures: fleet.totals))
        points.removeAll { $0.time < time - seconds }
    }
}

/// Makes the usual snapshots of one instance's samples.
struct InstanceFeed {
    private let id: InstanceID
    private var metrics: MetricsSource
    /// The time of the newest scrape that was read, by Prometheus's clock; nil: none was.
    private var newest: Double?
    private var isPastKnown = false
    /// The moment at which the charts of this instance begin.
    private let began = FleetSource.now - Double(3600)
    /// The scrapes that are read at the beginning, so that rates are there at once.
    private static let firstScrapes = 12.0

    init(_ id: InstanceID, of database: String) {
        self.id = id
        metrics = MetricsSource(name: id.instance)
    }

    /// Everything new.
    mutating func news(_ machine: FleetMachine, _ source: FleetSource) async -> InstanceNews {
        var news = InstanceNews(id, uptimeOffset: -began)
        let scrape = machine.fleet(at: FleetSource.now).scrapeSeconds ?? 15
        // A little more than is new, because scrapes may be late.
        let seconds =
            newest.map { FleetSource.now - machine.clockOffset - $0 + 2 * scrape } ?? Self.firstScrapes * scrape
        guard let request = machine.samplesRequest(of: id, seconds: min(max(seconds, 2 * scrape), 3600)) else {
            news.problem = "the instance is gone"
            return news
        }
        if !isPastKnown {
            isPastKnown = true
            news.past = (await source.answered(machine.history(of: .instance(id))))?.points ?? []
            news.marks = machine.fleet(at: FleetSource.now).marks.filter { $0.job == id.job }
        }
        switch await source.answer(to: request) {
        case .failure(let failure): news.problem = failure.sentence
        case .success(let answer):
            for (time, exposition) in answer.scrapes where time > newest ?? -.infinity {
                newest = time
                news.snapshots.append(read(exposition, takenAt: time + machine.clockOffset))
            }
        }
        return news
    }

    private mutating func read(_ exposition: Exposition, takenAt: Double) -> AgentSnapshot {
        var snapshot = metrics.read(exposition, takenAt: takenAt, uptimeSeconds: takenAt - began)
        snapshot.source?.kind = .fleet
        if metrics.restarts > 0 { snapshot.source?.notes.append(SourceNote(.restarted, count: metrics.restarts)) }
        if metrics.refused > 0 { snapshot.source?.notes.append(SourceNote(.tooMany, count: metrics.refused)) }
        return snapshot
    }
}
