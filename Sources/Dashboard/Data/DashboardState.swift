import Diagnosis
package import PoolModel
import Wording

/// Everything that the screen shows about the agent: the last snapshot and the data derived from earlier ones. Pausing
/// keeps a copy of it while the original continues.
package struct DashboardState: Sendable {
    static let markLimit = 64

    private(set) var snapshot: ShownSnapshot?
    /// The last snapshot, sanitised: for files and tests, not for panels.
    package var source: AgentSnapshot? { snapshot?.source }
    var utcOffsetSeconds = 0
    var history = History()
    /// Indexed by `HostSnapshot.id`.
    private(set) var windows: [RecentFigures] = []
    var total = RecentFigures()
    private(set) var queriesPerSecond: Figure<Double> = .absent
    /// CPU seconds per request in the window of the table.
    private(set) var cpuPerRequest: Figure<Double> = .absent
    private var phaseSums: [(now: PhaseSums, before: PhaseSums)] = []
    var marks: [Mark] = []
    var events = EventLog()
    private(set) var sinceMark: SinceMark?
    private(set) var containers: Figure<Double> = .absent
    private(set) var load = LoadWindow()
    private(set) var massCloses: [Int: MassClose] = [:]
    /// The faults in force by host, as far as their marks were seen.
    private(set) var faults: [Int: Set<DownstreamFault>] = [:]
    /// By `HostSnapshot.id`, as of the last snapshot.
    private(set) var findings: [Int: HostFindings] = [:]
    private var episodes = Episodes()
    /// The counts at the beginning of the window, by place in the snapshot.
    private var windowStart: [HostReference] = []
    /// The hosts whose sockets were ever listed.
    private var deaths: [Int: IdleDeaths] = [:]
    var axes = Axes()
    /// Totals are counted from here after `R R`; nil: from the start of the agent.
    private(set) var baseline: Reference?
    var capacity = CapacityModel()
    /// The list of a watch; empty for other sources.
    private(set) var processes = ProcessHistory()

    /// Keys of ours cannot change the process, so advice does not name any.
    var isReadOnly = false
    /// The fleet that is shown; nil: figures are of an agent.
    var fleet: FleetPicture?
    /// Seconds since 1970 at which the charts of a fleet begin.
    var fleetBegan = 0.0
    /// The figures that only charts of a fleet have.
    var trend = Timeline<TrendSecond>()

    /// One reference per second, for the time span of the table.
    private var recent: [Reference] = []
    private var lastSample: Reference?
    /// The two that the figures lie between.
    private var compared: (before: Reference, now: Reference)?
    /// The stretch that rates, percentiles and shares are over.
    private(set) var figuresWindow = FiguresWindow()

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
        let all = source?.hosts.first { $0.id == host.id }.map { PhaseSums($0.metrics) } ?? PhaseSums()
        return PhaseMeans(host.metrics, all, window: phaseSums.indices.contains(host.id) ? phaseSums[host.id] : nil)
    }

    func window(_ id: Int) -> RecentFigures { windows.indices.contains(id) ? windows[id] : RecentFigures() }

    /// A counter of a host: what is present now, or what a total gained a second in the window of the table.
    func figure(_ counter: Counter<HostMetrics>, of host: ShownHost) -> Figure<Double> {
        switch counter.kind {
        case .present, .peak: return host.metrics[counter].map { Double($0) }
        case .total:
            guard let (first, last) = compared, last.hosts.indices.contains(host.id) else {
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
        if let snapshot {
            let isOther = snapshot.origin?.subject != raw.source?.subject
            if isOther { events.forgetHosts(Dictionary(snapshot.hosts.map { ($0.id, $0.name) }) { first, _ in first }) }
            if isOther || raw.uptimeSeconds < snapshot.uptimeSeconds || raw.hosts.count < snapshot.hosts.count {
                startAgain()
            }
        }
        self.utcOffsetSeconds = utcOffsetSeconds
        // The same snapshot twice is no reason to say everything twice.
        let isRepeated = snapshot.map { $0.sequence == raw.sequence && $0.uptimeSeconds == raw.uptimeSeconds } ?? false
        snapshot = ShownSnapshot(raw.cleaned())
        processes.take(snapshot?.origin?.processes, uptimeSeconds: raw.uptimeSeconds)
        for host in raw.hosts where host.sockets != nil || deaths[host.id] != nil {
            deaths[host.id, default: IdleDeaths()].take(host.sockets, uptime: raw.uptimeSeconds)
        }
        if !isRepeated { takeEvents() }
        let isNewSecond = lastSample.map { Int(raw.uptimeSeconds) > Int($0.uptimeSeconds) } ?? true
        if isNewSecond {
            sample(windowSeconds: windowSeconds)
        } else if !isRepeated, let source, raw.events.contains(where: { $0.level == .mark }) {
            // The figures count from here on, as soon as there is enough to count.
            recent.append(Reference(source))
        }
        diagnose()
    }

    private mutating func diagnose() {
        guard let source else { return }
        // A recording may have anything in it, two hosts of one number included.
        findings = Dictionary(
            source.hosts.indices.map { (source.hosts[$0].id, evidence($0, source).findings()) }
        ) { first, _ in first }
        noteFindings(source)
    }

    private mutating func noteFindings(_ source: AgentSnapshot) {
        for (index, host) in source.hosts.enumerated() {
            let subject = Episodes.Subject(
                host: host, findings: findings(host.id),
                before: windowStart.indices.contains(index) ? windowStart[index] : HostReference(),
                windowSeconds: windows.indices.contains(index) ? windows[index].spanSeconds : 0)
            episodes.take(
                subject, uptime: source.uptimeSeconds, localSeconds: localSeconds(uptime: source.uptimeSeconds),
                in: &events)
        }
    }

    /// Failures that the host's findings have a line for, with their number.
    private func isToldByFindings(_ notice: AgentNotice) -> Bool {
        switch notice.kind {
        case .hostUnreachable, .hostReachable, .requestFailed:
            host(notice.hostID).map { $0.certainty[.errors] != .unknown } ?? false
        case .unsolicitedBytes:
            host(notice.hostID)?.metrics.closedByReason.value.map { $0[.unsolicitedBytes] > 0 } ?? false
        case .keepAliveOn, .keepAliveOff, .keepAliveFor, .idleClosed, .dnsCacheOn, .dnsCacheOff, .dnsCacheFlushed,
            .settingsChanged, .suspended, .resolverChanged, .reuseForbidden, .idleClosedByPeer, .addressRetired,
            .program:
            false
        }
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

    /// Another service: what it would need is computed again, for the whole history.
    mutating func setCapacity(_ capacity: CapacityModel, windowSeconds: Int) {
        self.capacity = capacity
        history.recompute(serviceCapacity)
        containers = Figure(
            history.newest.flatMap { history.seconds[$0]?.containers },
            snapshot?.certainty.of([.cpu, .requests]) ?? .exact)
        sinceMark = SinceMark(marks: marks, history: history.seconds, capacity: serviceCapacity)
        rescale(windowSeconds: windowSeconds)
    }

    /// The CPU of another process is all that its service needs: there is nothing to add to it.
    private var serviceCapacity: CapacityModel {
        var service = capacity
        if snapshot?.origin?.isOfOtherProcess == true { service.ownCPUSecondsPerRequest = 0 }
        return service
    }

    /// Another agent or another process, or a recording from its start: nothing of before can be compared with it.
    private mutating func startAgain() {
        let (events, capacity, processes, isReadOnly) = (events, capacity, processes, isReadOnly)
        self = DashboardState()
        self.events = events
        self.capacity = capacity
        self.processes = processes
        self.isReadOnly = isReadOnly
    }

    private mutating func takeEvents() {
        guard let snapshot else { return }
        // A notice that names the setting makes the one that merely says that limits changed superfluous.
        let isNamed = snapshot.events.contains(where: \.namesSetting)
        for notice in snapshot.events
        where !isToldByFindings(notice) && !(isNamed && notice.kind == .settingsChanged) {
            let local = localSeconds(uptime: notice.uptimeSeconds)
            events.append(
                EventLine(
                    localSeconds: local, level: notice.level, hostID: notice.hostID, text: words(of: notice),
                    isFault: notice.injectedFault.map { $0 != .heal } ?? false))
            if let fault = notice.injectedFault, let host = notice.hostID { note(fault, at: host) }
            guard notice.level == .mark else { continue }
            let label = visibleText(notice.label, limit: 24)
            marks.append(
                Mark(
                    uptimeSeconds: notice.uptimeSeconds, label: label, localSeconds: local, isChange: !notice.isSilence)
            )
            if marks.count > Self.markLimit { marks.removeFirst() }
        }
    }

    /// A changed DNS answer is not seen before the one in the cache expires: where it is known when, the line says it.
    private func words(of notice: AgentNotice) -> String {
        let text = visibleText(notice.text)
        guard notice.injectedFault == .changeDNS,
            let record = snapshot?.dnsRecords.first(where: { $0.hostID == notice.hostID }), record.remainingSeconds > 0
        else { return text }
        return text.replacing(
            "when the cached record expires",
            with: "in \(Numbers.duration(record.remainingSeconds)), by the record's TTL")
    }

    /// A fault that lasts is remembered until the host is back to normal.
    private mutating func note(_ fault: DownstreamFault, at host: Int) {
        switch fault {
        case .dropIdle: break
        case .heal: faults[host] = nil
        case .drain, .refuse, .slowDown, .changeDNS: faults[host, default: []].insert(fault)
        }
    }

    private mutating func sample(windowSeconds: Int) {
        guard let source else { return }
        let reference = Reference(source)
        if let lastSample {
            history.record(
                from: lastSample, to: reference, capacity: serviceCapacity, longestSpan: longestSpanSeconds)
            noteMassCloses(from: lastSample, to: reference)
        }
        lastSample = reference
        recent.append(reference)
        let oldest = reference.uptimeSeconds - Double(RecentFigures.seconds) - 0.5
        // One older reference is kept for comparison, however seldom snapshots arrive.
        while recent.count > 2, recent[0].uptimeSeconds < oldest { recent.removeFirst() }
        let window = FiguresWindow(recent.map(\.uptimeSeconds), mark: marks.lastChange)
        if let window, recent.indices.contains(window.first) {
            figuresWindow = window
            compare(reference, with: recent[window.first])
            compared = (recent[window.first], reference)
        }
        load.update(source, since: figuresWindow.startUptime)
        containers = Figure(
            history.newest.flatMap { history.seconds[$0]?.containers }, reference.certainty.of([.cpu, .requests]))
        sinceMark = SinceMark(marks: marks, history: history.seconds, capacity: serviceCapacity)
        scale(windowSeconds: windowSeconds)
    }

    /// Scrapes of a database are further apart than our own looks.
    private var longestSpanSeconds: Double {
        snapshot?.origin?.kind == .fleet ? 4 * 60 : History.longestSpanSeconds
    }

    private mutating func compare(_ reference: Reference, with before: Reference) {
        let span = reference.uptimeSeconds - before.uptimeSeconds
        windowStart = before.hosts
        windows = reference.hosts.enumerated().map { index, host in
            RecentFigures(host, since: index < before.hosts.count ? before.hosts[index] : HostReference(), span: span)
        }
        phaseSums = reference.hosts.enumerated().map { index, host in
            (host.phases, index < before.hosts.count ? before.hosts[index].phases : PhaseSums())
        }
        total = RecentFigures(sum: windows)
        let cpu = Figure(reference.cpuSeconds - before.cpuSeconds, reference.certainty[.cpu])
        cpuPerRequest = cpu.with(Figure(reference.started - before.started, reference.certainty[.requests])) {
            $1 > 0 ? $0 / Double($1) : nil
        }
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

    mutating func scale(windowSeconds: Int) {
        guard let newest = history.newest else { return }
        let uptime = snapshot?.uptimeSeconds ?? Double(newest)
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

extension AgentNotice {
    /// The fault that it says was injected; nil: it says something else.
    fileprivate var injectedFault: DownstreamFault? {
        guard case .program(let notice) = kind, case .faultInjected(let fault) = notice.content else { return nil }
        return fault
    }

    fileprivate var isSilence: Bool {
        guard case .program(let notice) = kind, case .silent = notice.content else { return false }
        return true
    }

    /// It says which setting was changed, and by how much.
    fileprivate var namesSetting: Bool {
        guard case .program(let notice) = kind, case .settingChanged = notice.content else { return false }
        return true
    }
}

/// Many connections of one host closed by the server within a second.
struct MassClose: Sendable, Equatable {
    static let least = 5
    var uptimeSeconds: Double
    var count: Int
    /// True if none of them carried an exchange.
    var areAllIdle: Bool
}
