package import PoolModel

/// The whole agent as one pure machine: every host's pool, the totals across hosts, and the DNS cache.
///
/// It performs no I/O, reads no clock and draws no randomness that was not seeded from outside. The shell reports facts
/// (`handle`), performs the resulting effects in order (`nextEffect`), and calls `tick` no later than `nextDeadline`. A
/// decision touches a constant number of records, however many connections there are.
///
/// Theory. A request takes an idle connection, or waits. The waiters of a host are served in the order of arrival and
/// are not tied to a dial: whichever connection is ready first, freed or new, serves the oldest waiter. A host dials
/// while it has more waiters than dials and every limit allows it. When a slot becomes free, the oldest waiter over all
/// hosts that could use it gets it, so that no host starves another.
package struct AgentMachine: Sendable {
    package private(set) var settings: AgentSettings
    package internal(set) var hosts: [HostPool] = []
    package internal(set) var connections = ConnectionTable()
    package internal(set) var requests: [Request] = []
    package internal(set) var dns: DNSCache
    package internal(set) var mode = Mode.serving

    /// The hosts with waiting requests, in no particular order.
    var waitingHosts: [Int] = []
    /// The hosts that share a name, by the name's number.
    var namesakes: [[Int]] = []
    /// The number of hosts that want connections in advance.
    var prewarmedHosts = 0
    private(set) var hostsAdded = 0
    /// The totals of evicted hosts.
    var departed: HostMetrics?

    var idleLinks = IdleLinks()
    var waiterLinks = LinkPool()
    /// The idle connections of all hosts. Head: the one that became idle last.
    var allIdle = LinkPool.List()
    /// The number of waiters over all hosts.
    var waitingTotal = 0
    var deadlines = DeadlineHeap()
    var random: SplitMix64
    var nextOrder = 0
    var effects = EffectQueue()
    /// True if something happened that may let a waiter dial.
    var mayDispatch = false
    var notices = NoticeLog()
    var survey = InFlightSurvey()
    var methods: [String] = []
    var ignoredEvents = 0
    var snapshots = 0
    package let startedAt: Moment

    package enum Mode: Sendable, Equatable {
        case serving
        /// Finishing the work in progress; → stopped.
        case draining
        /// Everything has finished or was ended.
        case stopped
    }

    package init(settings: AgentSettings, seed: UInt64, now: Moment) {
        self.settings = settings.withMinimums
        random = SplitMix64(seed: seed)
        dns = DNSCache(settings: DNSCacheSettings(settings))
        startedAt = now
    }

    // MARK: Set-up

    /// `replacing`: the host to evict, as returned by `idleLongest`; its connections close, and its totals are added to
    /// `departed`.
    package mutating func addHost(_ description: HostDescription, replacing former: HostID? = nil) -> HostID {
        var host = HostPool(description: description, limits: HostLimits(settings, host: description))
        host.serial = hostsAdded
        hostsAdded += 1
        let index = former.flatMap { evict($0) } ?? hosts.count
        switch description.location {
        case .name(let name):
            let id = dns.intern(name)
            host.nameID = id
            while namesakes.count <= id.index { namesakes.append([]) }
            namesakes[id.index].append(index)
        case .addresses(let addresses):
            host.peers = addresses.map { PeerRecord(address: $0) }
        }
        if host.limits.minIdle > 0 { prewarmedHosts += 1 }
        if index < hosts.count {
            hosts[index] = host
        } else {
            // Grows by a quarter. Doubling, as arrays do by default, would cost as much memory as the hosts themselves.
            if hosts.count == hosts.capacity { hosts.reserveCapacity(hosts.count + hosts.count / 4 + 4) }
            hosts.append(host)
        }
        return HostID(index, serial: host.serial)
    }

    /// The host that may be evicted and has been unused for the longest time; nil if all are in use.
    package mutating func idleLongest() -> HostID? {
        var best: Int?
        for host in hosts.indices where hosts[host].isEvictable {
            if let other = best, hosts[other].usedAt <= hosts[host].usedAt { continue }
            best = host
        }
        return best.map { HostID($0, serial: hosts[$0].serial) }
    }

    /// Evicts a host and returns its index; nil if it must stay.
    private mutating func evict(_ id: HostID) -> Int? {
        guard let host = position(of: id), hosts[host].isEvictable else { return nil }
        closeIdle(host, .evictedForOtherHost)
        var totals = departed ?? HostMetrics()
        totals.merge(metrics(hosts[host]))
        departed = totals
        deadlines.remove(.host(host))
        if hosts[host].limits.minIdle > 0 { prewarmedHosts -= 1 }
        if let name = hosts[host].nameID {
            namesakes[name.index].removeAll { $0 == host }
            if namesakes[name.index].isEmpty { dns.release(name) }
        }
        return host
    }

    /// The index of a host; nil if it was evicted.
    @inline(__always)
    func position(of id: HostID) -> Int? {
        id.index < hosts.count && hosts[id.index].serial == id.serial ? id.index : nil
    }

    package mutating func intern(method: String) -> MethodID {
        if let index = methods.firstIndex(of: method) { return MethodID(index: index) }
        methods.append(method)
        return MethodID(index: methods.count - 1)
    }

    // MARK: The shell's side

    package mutating func nextEffect() -> AgentEffect? { effects.popFirst() }

    /// When `tick` is due; `never` if nothing is.
    package var nextDeadline: Moment { deadlines.earliest }

    /// The same for the shell's hot path: calling a getter from another module copies the whole machine first.
    package mutating func earliestDeadline() -> Moment { deadlines.earliest }

    package mutating func handle(_ event: AgentEvent, now: Moment) {
        switch event {
        case .requestArrived(let request, let arrival): requestArrived(request, arrival, now)
        case .requestCancelled(let request): requestCancelled(request, now)
        case .requestGivenUp(let request): requestGivenUp(request, now)
        case .querySent: dns.querySent()
        case .keepAliveSet(let policy, let host): keepAliveSet(policy, host, now)
        case .settingsChanged(let settings): settingsChanged(settings, now)
        case .hostAdjusted(let host, let adjust):
            if let host = position(of: host) { hostAdjusted(host, adjust, now) } else { ignoredEvents += 1 }
        case .idleCloseRequested(let host): idleCloseRequested(host, now)
        case .dnsFlushRequested: dnsFlushed(now)
        case .suspended(let span): suspended(span, now)
        case .resolverChanged: resolverChanged(now)
        case .markMade(let notice, let host): noteMark(notice, host, now)
        case .drainBegan: drainBegan(now)
        case .shutdownBegan: shutdownBegan(now)
        case .resolved(let name, let id, let outcome, let elapsed): resolved(name, id, outcome, elapsed, now)
        case .connected(let id, let attempt, let port):
            withLive(id) { machine, slot in machine.connected(slot, attempt, port, now) }
        case .attemptFailed(let id, let attempt, let cause):
            withLive(id) { machine, slot in machine.attemptFailed(slot, attempt, cause, now) }
        case .handshakeCompleted(let id, let resumed):
            withLive(id) { machine, slot in machine.handshakeCompleted(slot, resumed: resumed, now) }
        case .handshakeFailed(let id, let cause):
            withLive(id) { machine, slot in machine.handshakeFailed(slot, cause, now) }
        case .requestWritten(let id, let bytes, let bodyFollows):
            withLive(id) { machine, slot in machine.requestWritten(slot, bytes, bodyFollows: bodyFollows, now) }
        case .requestBodyWritten(let id, let bytes, let isLast):
            withLive(id) { machine, slot in machine.requestBodyWritten(slot, bytes, isLast: isLast, now) }
        case .silenceMeasured(let id, let since):
            withLive(id) { machine, slot in machine.silenceMeasured(slot, since: since, now) }
        case .foundDead(let id, let finding):
            withLive(id) { machine, slot in machine.foundDead(slot, finding, now) }
        case .responseHead(let id, let status, let hint):
            withLive(id) { machine, slot in machine.responseHead(slot, status, hint, now) }
        case .exchangeEnded(let id, let closing, let bytes):
            withLive(id) { machine, slot in machine.exchangeEnded(slot, closing, bytes, now) }
        case .exchangeFailed(let id, let cause, let bytes):
            withLive(id) { machine, slot in machine.exchangeFailed(slot, cause, bytes, now) }
        case .bodyAbandoned(let id, let canDrain):
            withLive(id) { machine, slot in machine.bodyAbandoned(slot, canDrain: canDrain, now) }
        case .connectionEnded(let id, let end, let cause, let sawByte, let bytes):
            withLive(id) { machine, slot in
                machine.connectionEnded(slot, end, cause: cause, sawByte: sawByte, bytes, now)
            }
        case .bytesWhileIdle(let id):
            withLive(id) { machine, slot in machine.bytesWhileIdle(slot, now) }
        }
        settle(now)
    }

    /// Handles everything that is due: limits that were reached, and dials that may start again.
    package mutating func tick(_ now: Moment) {
        while let subject = deadlines.popDue(now) { deadlineReached(subject, now) }
        settle(now)
    }

    /// Runs the handler on the slot of a connection that still exists; late events are ignored and counted.
    @inline(__always)
    private mutating func withLive(_ id: ConnectionID, _ handler: (inout AgentMachine, Int) -> Void) {
        if let slot = connections.slot(of: id) { handler(&self, slot) } else { ignoredEvents += 1 }
    }

    @inline(__always)
    private mutating func settle(_ now: Moment) {
        if mayDispatch { letDial(now) }
        if mode == .draining { finishDrainIfDone() }
        #if DEBUG
            if connections.liveCount < 300, waitingTotal < 300, hosts.count < 300 { checkInvariants() }
        #endif
    }

    @inline(never)
    private mutating func letDial(_ now: Moment) {
        mayDispatch = false
        if waitingTotal > 0 { dispatch(now) }
        prewarm(now)
    }

    // MARK: One place for every change of phase

    /// `also` runs with both records already borrowed, so that each costs one lookup and one uniqueness check.
    @inline(__always)
    mutating func move(
        _ slot: Int, to phase: ConnectionPhase, _ now: Moment,
        also change: (inout Connection, inout HostPool) -> Void = { _, _ in }
    ) {
        let host = connections[slot].host
        Self.move(&connections[slot], &hosts[host], to: phase, now, also: change)
    }

    @inline(__always)
    private static func move(
        _ connection: inout Connection, _ host: inout HostPool, to phase: ConnectionPhase, _ now: Moment,
        also change: (inout Connection, inout HostPool) -> Void
    ) {
        host.population[connection.phase] -= 1
        host.population[phase] += 1
        connection.phase = phase
        connection.phaseSince = now
        change(&connection, &host)
    }

    mutating func setDeadline(_ slot: Int, _ deadline: Moment) {
        connections[slot].deadline = deadline
        deadlines.schedule(.connection(slot), at: deadline)
    }

    /// The only place where an established connection leaves the agent.
    mutating func closeEstablished(_ slot: Int, _ reason: CloseReason, effect: Bool = true) {
        let host = connections[slot].host
        if connections[slot].phase == .idle { unlinkIdle(slot) }
        hosts[host].totals.connections.closedByReason.add(to: reason)
        if effect { effects.append(.close(connections.id(of: slot), reason)) }
        release(slot)
    }

    /// Frees the slot, and with it the count of its phase and its deadline.
    mutating func release(_ slot: Int) {
        hosts[connections[slot].host].population[connections[slot].phase] -= 1
        deadlines.remove(.connection(slot))
        connections.free(slot)
        mayDispatch = true
    }

    mutating func set(settings: AgentSettings) { self.settings = settings.withMinimums }

    /// The HTTP keep-alive policy in force for a host.
    package func keepAlive(of host: HostID) -> KeepAlivePolicy { keepAlive(of: host.index) }

    @inline(__always)
    func keepAlive(of host: Int) -> KeepAlivePolicy { hosts[host].keepAlive ?? settings.keepAlive }
}
