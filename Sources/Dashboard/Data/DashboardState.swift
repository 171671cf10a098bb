package import PoolModel
import Wording

/// Everything that the screen shows of the agent: the last snapshot and what was made of those before it. Pause keeps
/// a copy of it while the original goes on.
package struct DashboardState: Sendable {
    static let markLimit = 64

    private(set) var snapshot: ShownSnapshot?
    /// The last snapshot itself, made safe to show: for files and tests, not for panels.
    package var source: AgentSnapshot? { snapshot?.source }
    private(set) var utcOffsetSeconds = 0
    private(set) var history = History()
    /// By `HostSnapshot.id`.
    private(set) var windows: [RecentFigures] = []
    private(set) var total = RecentFigures()
    private(set) var queriesPerSecond: Figure<Double> = .absent
    private var phaseSums: [(now: PhaseSums, before: PhaseSums)] = []
    private(set) var marks: [Mark] = []
    private(set) var events = EventLog()
    private(set) var sinceMark: SinceMark?
    private(set) var containers: Figure<Double> = .absent
    private(set) var load = LoadWindow()
    private(set) var massCloses: [Int: MassClose] = [:]
    /// The hosts whose sockets were ever listed.
    private var deaths: [Int: IdleDeaths] = [:]
    var axes = Axes()
    /// Totals are counted from here after `R R`; nil: from the agent's start.
    private(set) var baseline: Reference?
    private(set) var capacity = CapacityModel()

    /// One reference a second, for as long as the window of the table is.
    private var recent: [Reference] = []

    package init() {}

    /// About what it takes in memory, histograms left out.
    package var byteCount: Int {
        history.byteCount + (recent.count + 2) * (snapshot?.hosts.count ?? 0) * MemoryLayout<HostSnapshot>.stride
    }

    /// Seconds since 1970 in local time of a moment of the agent's uptime.
    func localSeconds(uptime: Double) -> Double {
        guard let snapshot else { return 0 }
        return snapshot.takenAt - (snapshot.uptimeSeconds - uptime) + Double(utcOffsetSeconds)
    }

    func host(_ id: Int?) -> ShownHost? {
        guard let id, let hosts = snapshot?.hosts else { return nil }
        if hosts.indices.contains(id), hosts[id].id == id { return hosts[id] }
        return hosts.first { $0.id == id }
    }

    func idleDeaths(_ id: Int) -> IdleDeaths { deaths[id] ?? IdleDeaths() }

    /// The mean durations of one host's phases, of the window where it had any, else of all time.
    func phases(_ host: ShownHost) -> PhaseMeans {
        PhaseMeans(host.metrics, window: phaseSums.indices.contains(host.id) ? phaseSums[host.id] : nil)
    }

    func window(_ id: Int) -> RecentFigures { windows.indices.contains(id) ? windows[id] : RecentFigures() }

    /// Takes in a snapshot. Counts and states are shown at once; rates once a second.
    package mutating func take(_ raw: AgentSnapshot, utcOffsetSeconds: Int, windowSeconds: Int) {
        if let snapshot, raw.uptimeSeconds < snapshot.uptimeSeconds || raw.hosts.count < snapshot.hosts.count {
            startAgain()
        }
        self.utcOffsetSeconds = utcOffsetSeconds
        let before = snapshot?.hosts.map(\.lastConnectFailure) ?? []
        // The same snapshot twice is no reason to say everything twice.
        let isRepeated = snapshot.map { $0.sequence == raw.sequence && $0.uptimeSeconds == raw.uptimeSeconds } ?? false
        snapshot = ShownSnapshot(raw.cleaned())
        for host in raw.hosts where host.sockets != nil || deaths[host.id] != nil {
            deaths[host.id, default: IdleDeaths()].take(host.sockets, uptime: raw.uptimeSeconds)
        }
        if !isRepeated { takeEvents() }
        noteFailures(before: before)
        let isNewSecond = recent.last.map { Int(raw.uptimeSeconds) > Int($0.uptimeSeconds) } ?? true
        if isNewSecond { sample(windowSeconds: windowSeconds) }
    }

    /// Totals count from now on.
    mutating func resetCounters() {
        deaths = [:]
        baseline = source.map(Reference.init)
    }

    /// Tops of the axes for another window: at once, because it is the person who changed it.
    package mutating func rescale(windowSeconds: Int) {
        axes = Axes()
        scale(windowSeconds: windowSeconds)
    }

    /// Another service: what it would need is computed again, for the whole history.
    mutating func setCapacity(_ capacity: CapacityModel, windowSeconds: Int) {
        self.capacity = capacity
        history.recompute(capacity)
        containers = Figure(
            history.newest.flatMap { history.seconds[$0]?.containers },
            snapshot?.certainty.of([.cpu, .requests]) ?? .exact)
        sinceMark = SinceMark(marks: marks, history: history.seconds, capacity: capacity)
        rescale(windowSeconds: windowSeconds)
    }

    /// Another agent, or a recording from its start: nothing of before can be compared with it.
    private mutating func startAgain() {
        let (events, capacity) = (events, capacity)
        self = DashboardState()
        self.events = events
        self.capacity = capacity
    }

    private mutating func takeEvents() {
        guard let snapshot else { return }
        // Who changed a setting says which: that limits were changed is then no news.
        let isNamed = snapshot.events.contains(where: \.namesSetting)
        for notice in snapshot.events where !(isNamed && notice.kind == .settingsChanged) {
            let local = localSeconds(uptime: notice.uptimeSeconds)
            events.append(
                EventLine(
                    localSeconds: local, level: notice.level, hostID: notice.hostID, text: visibleText(notice.text)))
            guard notice.level == .mark else { continue }
            let label = visibleText(notice.label, limit: 24)
            marks.append(Mark(uptimeSeconds: notice.uptimeSeconds, label: label, localSeconds: local))
            if marks.count > Self.markLimit { marks.removeFirst() }
        }
    }

    /// A host that cannot be reached any more, or that can again, is worth a line, should the agent not have said so.
    private mutating func noteFailures(before: [FailureCause?]) {
        guard let snapshot else { return }
        for host in snapshot.hosts where before.indices.contains(host.id) || host.lastConnectFailure != nil {
            let earlier = before.indices.contains(host.id) ? before[host.id] : nil
            guard earlier != host.lastConnectFailure else { continue }
            let level = host.lastConnectFailure == nil ? AgentNotice.Level.info : .warn
            let isSaid = snapshot.events.contains { $0.hostID == host.id && $0.level == level }
            if isSaid { continue }
            let state =
                host.lastConnectFailure.map { "cannot be reached: \(host.words(of: $0))" } ?? "can be reached again"
            events.append(
                EventLine(
                    localSeconds: localSeconds(uptime: snapshot.uptimeSeconds),
                    level: level, hostID: host.id,
                    text: "\(host.name) \(state)"))
        }
    }

    private mutating func sample(windowSeconds: Int) {
        guard let source else { return }
        let reference = Reference(source)
        if let last = recent.last {
            history.record(from: last, to: reference, capacity: capacity)
            noteMassCloses(from: last, to: reference)
        }
        recent.append(reference)
        let oldest = reference.uptimeSeconds - Double(RecentFigures.seconds) - 0.5
        // Whatever the pace of the snapshots, one older reference stays to compare with.
        while recent.count > 2, recent[0].uptimeSeconds < oldest { recent.removeFirst() }
        compare(reference, with: recent[0])
        load.update(source)
        containers = Figure(
            history.newest.flatMap { history.seconds[$0]?.containers }, reference.certainty.of([.cpu, .requests]))
        sinceMark = SinceMark(marks: marks, history: history.seconds, capacity: capacity)
        scale(windowSeconds: windowSeconds)
    }

    private mutating func compare(_ reference: Reference, with before: Reference) {
        let span = reference.uptimeSeconds - before.uptimeSeconds
        windows = reference.hosts.enumerated().map { index, host in
            RecentFigures(host, since: index < before.hosts.count ? before.hosts[index] : HostReference(), span: span)
        }
        phaseSums = reference.hosts.enumerated().map { index, host in
            (host.phases, index < before.hosts.count ? before.hosts[index].phases : PhaseSums())
        }
        total = RecentFigures(sum: windows)
        queriesPerSecond = Figure(reference.queries - before.queries, reference.certainty[.dns]).perSecond(in: span)
    }

    private mutating func noteMassCloses(from last: Reference, to reference: Reference) {
        for (index, host) in reference.hosts.enumerated() where index < last.hosts.count {
            guard host.certainty.of([.closer, .closeReasons, .connections]) != .unknown else { continue }
            let before = last.hosts[index].connections
            // A reset of a running exchange is an error of that exchange, not a server that goes away.
            let reset = host.connections.closedByReason[.peerReset] - before.closedByReason[.peerReset]
            let remote = host.connections.closedRemote - before.closedRemote - reset
            guard remote >= MassClose.least, remote * 2 >= before.open else { continue }
            // A connection per request is closed often, but not all at once.
            guard host.connections.opened - before.opened < remote else { continue }
            let idle = host.connections.closedByReason[.peerClosedIdle] - before.closedByReason[.peerClosedIdle]
            massCloses[index] = MassClose(
                uptimeSeconds: reference.uptimeSeconds, count: remote, areAllIdle: idle >= remote)
        }
    }

    private mutating func scale(windowSeconds: Int) {
        guard let newest = history.newest, let uptime = snapshot?.uptimeSeconds else { return }
        // A little more than the window, because charts round up to whole columns.
        let shown = newest - windowSeconds - windowSeconds / 20 - 1..<newest + 1
        let peak = history.seconds.peak(shown) { max($0.http ?? 0, $0.tcp ?? 0) } ?? 0
        let dns = history.seconds.peak(shown) { $0.dns } ?? 0
        let containers = history.seconds.peak(shown) { $0.containers } ?? 0
        let opened = history.hosts.reduce(0.0) { max($0, $1.peak(shown) { $0.opened } ?? 0) }
        axes.rates.update(peak: peak, uptimeSeconds: uptime)
        axes.logarithmic.update(peak: max(peak, dns), uptimeSeconds: uptime)
        axes.containers.update(peak: containers, uptimeSeconds: uptime)
        axes.strips.update(peak: opened, uptimeSeconds: uptime)
    }
}

/// Many connections of one host closed by the server within a second.
struct MassClose: Sendable, Equatable {
    static let least = 5
    var uptimeSeconds: Double
    var count: Int
    /// None of them carried an exchange.
    var areAllIdle: Bool
}

extension AgentNotice {
    fileprivate var namesSetting: Bool {
        guard case .program(let notice) = kind, case .settingChanged = notice.content else { return false }
        return true
    }
}
