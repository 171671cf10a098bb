package import PoolModel
import Wording

/// Everything that the screen shows about the agent: the last snapshot and the data derived from earlier ones. Pausing
/// keeps a copy of it while the original continues.
package struct DashboardState: Sendable {
    static let markLimit = 64

    private(set) var snapshot: ShownSnapshot?
    /// The last snapshot, sanitised: for files and tests, not for panels.
    package var source: AgentSnapshot? { snapshot?.source }
    private(set) var utcOffsetSeconds = 0
    private(set) var history = History()
    /// Indexed by `HostSnapshot.id`.
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
    /// Totals are counted from here after `R R`; nil: from the start of the agent.
    private(set) var baseline: Reference?
    let capacity = CapacityModel()

    /// One reference per second, for the time span of the table.
    private var recent: [Reference] = []

    package init() {}

    /// The approximate memory size, without histograms.
    package var byteCount: Int {
        history.byteCount + (recent.count + 2) * (snapshot?.hosts.count ?? 0) * MemoryLayout<HostSnapshot>.stride
    }

    /// Converts a moment of the agent's uptime to seconds since 1970 in local time.
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

    /// The mean durations of one host's phases, for the recent window if there were any in it, otherwise for all time.
    func phases(_ host: ShownHost) -> PhaseMeans {
        PhaseMeans(host.metrics, window: phaseSums.indices.contains(host.id) ? phaseSums[host.id] : nil)
    }

    func window(_ id: Int) -> RecentFigures { windows.indices.contains(id) ? windows[id] : RecentFigures() }

    /// A counter of a host: what is present now, or what a total gained a second in the window of the table.
    func figure(_ counter: Counter<HostMetrics>, of host: ShownHost) -> Figure<Double> {
        switch counter.kind {
        case .present, .peak: return host.metrics[counter].map { Double($0) }
        case .total:
            guard let last = recent.last, let first = recent.first, last.hosts.indices.contains(host.id) else {
                return host.metrics[counter].map { _ in nil }
            }
            let before = first.hosts.indices.contains(host.id) ? first.hosts[host.id].counts : HostMetrics()
            let gained = last.hosts[host.id].counts[keyPath: counter.keyPath] - before[keyPath: counter.keyPath]
            return Figure(gained, last.hosts[host.id].certainty[counter.group])
                .perSecond(in: last.uptimeSeconds - first.uptimeSeconds)
        }
    }

    /// The same over all hosts.
    func sum(_ counter: Counter<HostMetrics>) -> Figure<Double> {
        guard let hosts = snapshot?.hosts, !hosts.isEmpty else { return .exact(0) }
        return .sum(hosts.map { figure(counter, of: $0) })
    }

    /// Takes in a snapshot. Counts and states are shown at once; rates once a second.
    package mutating func take(_ raw: AgentSnapshot, utcOffsetSeconds: Int, windowSeconds: Int) {
        if let snapshot, raw.uptimeSeconds < snapshot.uptimeSeconds || raw.hosts.count < snapshot.hosts.count {
            startAgain()
        }
        self.utcOffsetSeconds = utcOffsetSeconds
        let before = snapshot?.hosts.map(\.lastConnectFailure) ?? []
        // The same snapshot again must not repeat its notices.
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

    /// Restarts the totals from now.
    mutating func resetCounters() {
        deaths = [:]
        baseline = source.map(Reference.init)
    }

    /// Recomputes the axes for another time span without delay, because the user changed it.
    package mutating func rescale(windowSeconds: Int) {
        axes = Axes()
        scale(windowSeconds: windowSeconds)
    }

    /// The snapshots are from another agent, or a recording was restarted, so earlier data cannot be compared.
    private mutating func startAgain() {
        let events = events
        self = DashboardState()
        self.events = events
    }

    private mutating func takeEvents() {
        guard let snapshot else { return }
        for notice in snapshot.events {
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

    /// Adds a notice for a host that became unreachable or reachable again, if the agent has not added one itself.
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
        // One older reference is kept for comparison, however seldom snapshots arrive.
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
            // A reset during an exchange is an error of that exchange, and not a sign that the server is going away.
            let reset = host.connections.closedByReason[.peerReset] - before.closedByReason[.peerReset]
            let remote = host.connections.closedRemote - before.closedRemote - reset
            guard remote >= MassClose.least, remote * 2 >= before.open else { continue }
            // With a connection per request there are many closes, but not all at once.
            guard host.connections.opened - before.opened < remote else { continue }
            let idle = host.connections.closedByReason[.peerClosedIdle] - before.closedByReason[.peerClosedIdle]
            massCloses[index] = MassClose(
                uptimeSeconds: reference.uptimeSeconds, count: remote, areAllIdle: idle >= remote)
        }
    }

    private mutating func scale(windowSeconds: Int) {
        guard let newest = history.newest, let uptime = snapshot?.uptimeSeconds else { return }
        // Slightly more than the time span, because charts round up to whole columns.
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

/// Many connections of one host that the server closed within a second.
struct MassClose: Sendable, Equatable {
    static let least = 5
    var uptimeSeconds: Double
    var count: Int
    /// True if none of them carried an exchange.
    var areAllIdle: Bool
}
