import Dashboard
import FleetCore
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
    private var samples: InstanceSamples?
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
        samples = nil
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
            let isFirst = machine.round == 0
            let fleet = await source.round(&machine) { [slot, groupLabel] early in
                guard isFirst, !early.instances.isEmpty else { return }
                slot.put(FleetPicture(early, past: [], takenAt: FleetSource.now, groupLabel: groupLabel))
            }
            past.append(fleet, at: FleetSource.now)
            put(fleet, past)
            if let history = await source.answered(past.history(machine)) {
                past.take(history)
                put(fleet, past)
            }
            // A Prometheus that does not answer is asked again soon: it is not busy with us.
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
        let isFirst = samples == nil
        var samples = samples ?? InstanceSamples(chosen, began: FleetSource.now - Self.pastSeconds)
        var news = InstanceNews(chosen, uptimeOffset: -samples.began)
        if let request = samples.request(machine, at: FleetSource.now) {
            if isFirst {
                news.past = (await source.answered(machine.history(of: .instance(chosen))))?.points ?? []
                news.marks = machine.fleet(at: FleetSource.now).marks.filter { $0.job == chosen.job }
            }
            switch await source.answer(to: request) {
            case .failure(let failure): news.problem = failure.sentence
            case .success(let answer): news.snapshots = samples.read(answer, clockOffset: machine.clockOffset)
            }
        } else {
            news.problem = "the instance is gone"
        }
        // Another one may have been opened meanwhile.
        guard self.chosen == chosen, !Task.isCancelled else { return }
        self.samples = samples
        slot.put(news)
    }
}
