import FleetCore
import PoolModel
import Wording

/// The identity of a row in the list of a fleet.
enum FleetRowID: Hashable, Sendable {
    case instance(InstanceID)
    /// The instances with a value of the label; nil: those without it.
    case group(String?)
    /// All of them together.
    case all
}

/// A row of the list of a fleet, safe to draw.
struct FleetRow: Sendable {
    let id: FleetRowID
    let name: String
    var job = ""
    /// The value of the label that groups are made of.
    var group = ""
    /// Nil: not known, or of several instances.
    var hosts: Int?
    /// The instances of a group, and how many of them are gone.
    var members: (all: Int, gone: Int)?
    var isGone = false
    /// The time since the last sample; nil: a row of several instances.
    var lastSeenSeconds: Double?
    let figures: FleetFigures

    init(_ instance: FleetInstance, groupLabel: String?) {
        id = .instance(instance.id)
        name = (instance.isGone ? "(gone) " : "") + visibleText(instance.id.instance, limit: 80)
        job = visibleText(instance.id.job, limit: 40)
        group = groupLabel.flatMap { instance[label: $0] }.map { visibleText($0, limit: 40) } ?? ""
        hosts = instance.hostCount
        isGone = instance.isGone
        lastSeenSeconds = instance.lastSeenSeconds
        figures = instance.figures
    }

    init(_ group: FleetGroup) {
        id = .group(group.value)
        name = group.value.map { visibleText($0, limit: 80) } ?? "(none)"
        members = (group.instances, group.gone)
        isGone = group.gone == group.instances
        figures = group.figures
    }

    init(all fleet: Fleet) {
        id = .all
        name = "all"
        members = (fleet.instances.count, fleet.instances.count(where: \.isGone))
        figures = fleet.totals
    }

    var failedShare: Figure<Double> {
        figures.failedPerSecond.with(figures.requestsPerSecond) { $1 > 0 ? $0 / $1 : nil }
    }

    /// `text` must be in lower case.
    func matches(_ text: String) -> Bool {
        text.isEmpty || [name, job, group].contains { $0.lowercased().contains(text) }
    }
}

extension Model {
    /// The list of a fleet is there.
    var isFleet: Bool { configuration.isFleet }

    /// The state of the fleet, also while one of its instances is shown.
    var fleetState: DashboardState { fleetAside ?? live }

    /// The rows that the list has, in its order; all of them together come last.
    func visibleFleetRows() -> [FleetRow] {
        guard let fleet = picture.fleet else { return [] }
        let showsGroups = showsGroups && fleet.groupLabel != nil
        let rows =
            showsGroups
            ? fleet.fleet.groups.map { FleetRow($0) }
            : fleet.fleet.instances.map { FleetRow($0, groupLabel: fleet.groupLabel) }
        let wanted = fleetFilter.lowercased()
        let matching = wanted.isEmpty ? rows : rows.filter { $0.matches(wanted) }
        let sorted =
            fleetSort.map { $0.sorted(matching, reversed: fleetSortReversed) }
            ?? (fleetSortReversed ? matching.reversed() : matching)
        return sorted + (wanted.isEmpty && rows.count > 1 ? [FleetRow(all: fleet.fleet)] : [])
    }

    /// The place of the selected row; the first where none was chosen or it is not shown; nil: there is none.
    func selectedFleetRow(among rows: [FleetRow]) -> Int? {
        guard !rows.isEmpty else { return nil }
        return selectedFleetRow.flatMap { chosen in rows.firstIndex { $0.id == chosen } } ?? 0
    }

    mutating func moveFleet(by step: Int) {
        let rows = visibleFleetRows()
        guard let selected = selectedFleetRow(among: rows) else { return }
        selectedFleetRow = rows[min(rows.count - 1, max(0, selected + step))].id
    }

    /// From worst first over the columns and back.
    mutating func sortFleet(by step: Int) {
        let all: [FleetColumn?] = [nil] + FleetColumn.allCases.filter { $0.row.sort != nil }
        let place = (all.firstIndex(of: fleetSort) ?? 0) + step
        fleetSort = all[(place % all.count + all.count) % all.count]
        fleetSortReversed = false
    }

    mutating func toggleGroups() {
        guard let label = fleetState.fleet?.groupLabel else {
            say("instances are grouped by a label with pooltop fleet --by LABEL")
            return
        }
        showsGroups.toggle()
        selectedFleetRow = nil
        fleetFilter = ""
        say(showsGroups ? "instances by \(label)" : "each instance")
    }

    /// Enter in the list: an instance with its hosts, or the instances of a group.
    mutating func openFleetRow() -> [UIEffect] {
        let rows = visibleFleetRows()
        guard let selected = selectedFleetRow(among: rows) else {
            say("no instance is selected")
            return []
        }
        let row = rows[selected]
        switch row.id {
        case .all: say("all instances are the list itself: choose one")
        case .group(let value):
            guard let value, !value.isEmpty else {
                say("these instances do not have the label")
                return []
            }
            showsGroups = false
            fleetFilter = row.name
            selectedFleetRow = nil
        case .instance(let id):
            guard !row.isGone else {
                say("\(visibleText(id.instance, limit: 60)) is gone: there are no figures to show")
                return []
            }
            return open(id)
        }
        return []
    }

    private mutating func open(_ id: InstanceID) -> [UIEffect] {
        if fleetAside == nil { fleetAside = live }
        live = DashboardState()
        (live.capacity, live.isReadOnly) = (fleetState.capacity, fleetState.isReadOnly)
        instance = id
        instanceProblem = nil
        frozen = nil
        selectedHost = nil
        filter = ""
        eventNumber = nil
        view = .overview
        return [.open(instance: id)]
    }

    /// From an instance back to the list.
    mutating func leaveInstance() -> [UIEffect] {
        guard isFleet else { return [] }
        view = .fleet
        guard let fleet = fleetAside else { return [] }
        fleetAside = nil
        live = fleet
        if let instance { selectedFleetRow = .instance(instance) }
        instance = nil
        instanceProblem = nil
        frozen = nil
        selectedHost = nil
        filter = ""
        eventNumber = nil
        return [.open(instance: nil)]
    }

    mutating func take(_ picture: FleetPicture, utcOffsetSeconds: Int) {
        let seconds = windowSeconds
        if fleetAside == nil {
            live.take(picture, utcOffsetSeconds: utcOffsetSeconds, windowSeconds: seconds)
            lastSnapshotAt = now
        } else {
            fleetAside?.take(picture, utcOffsetSeconds: utcOffsetSeconds, windowSeconds: seconds)
        }
        sourceFailure = nil
    }

    /// News of an instance that was left meanwhile are nobody's.
    mutating func take(_ news: InstanceNews, utcOffsetSeconds: (Double) -> Int) {
        guard news.id == instance else { return }
        instanceProblem = news.problem.map { visibleText($0, limit: 80) }
        if !news.past.isEmpty || !news.marks.isEmpty, live.snapshot == nil {
            live.utcOffsetSeconds = utcOffsetSeconds(news.past.last?.time ?? 0)
            live.take(
                past: news.past, marks: news.marks, uptimeOffset: news.uptimeOffset,
                before: news.snapshots.first?.uptimeSeconds ?? .infinity)
        }
        for snapshot in news.snapshots {
            live.take(
                snapshot, utcOffsetSeconds: utcOffsetSeconds(snapshot.takenAt), windowSeconds: windowSeconds)
        }
        if !news.snapshots.isEmpty { lastSnapshotAt = now }
    }

    /// Why the figures are old: the database did not answer, or not with figures; nil: they are not.
    var fleetProblem: String? {
        guard isFleet else { return nil }
        if instance != nil { return instanceProblem }
        guard let fleet = picture.fleet?.fleet, fleet.ageSeconds ?? .infinity >= staleAfterSeconds else { return nil }
        for case .failure(let failure) in fleet.problems.map(\.kind) { return failure.sentence }
        return nil
    }

    /// Figures of a database are as old as its scrapes.
    var staleAfterSeconds: Double {
        guard isFleet else { return 3 }
        return max(10, 3 * (fleetState.fleet?.fleet.scrapeSeconds ?? 15))
    }
}
