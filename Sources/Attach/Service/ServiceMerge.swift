package import PoolModel

/// Makes one service of the snapshots of its agents: a process, its worker threads, and the workers of its cluster.
///
/// Hosts belong together by their names. Nothing that an agent counted is lost when it ends: its totals stay, and what it had
/// open is closed.
package struct ServiceMerge: Sendable {
    /// An agent of the service.
    package struct Member: Sendable, Hashable {
        package var pid: Int
        /// 0: the main thread.
        package var thread: Int

        package init(pid: Int, thread: Int = 0) {
            self.pid = pid
            self.thread = thread
        }
    }

    private struct Known {
        var member: Member
        var name: String
        /// With the numbers of the service.
        var latest: AgentSnapshot
        /// The service's numbers of hosts, by the agent's.
        var numbers: [Int: Int]
        /// The service's clock minus the agent's.
        var offset: Double
        var hasEnded = false
    }

    /// As many agents can be told apart by the numbers of their sockets.
    private static let most = 1024

    private var known: [Known] = []
    private var ids: [String: Int] = [:]
    private var sequence = 0
    private var uptime = 0.0

    package init() {}

    /// Takes the snapshot of an agent; its events are kept until the next `snapshot`.
    package mutating func take(_ snapshot: AgentSnapshot, of member: Member, named name: String) {
        let place = known.firstIndex { $0.member == member && !$0.hasEnded }
        let offset = place.map { known[$0].offset } ?? (known.isEmpty ? 0 : uptime - snapshot.uptimeSeconds)
        let (renumbered, numbers) = self.renumbered(snapshot, of: member, at: place ?? known.count)
        var latest = renumbered
        latest.uptimeSeconds += offset
        for index in latest.events.indices { latest.events[index].uptimeSeconds += offset }
        uptime = max(uptime, latest.uptimeSeconds)
        if let place {
            latest.events = Array((known[place].latest.events + latest.events).suffix(AgentSnapshot.eventLimit))
            known[place].latest = latest
            known[place].numbers = numbers
        } else if known.count < Self.most {
            known.append(Known(member: member, name: name, latest: latest, numbers: numbers, offset: offset))
        }
    }

    /// The agent is gone: what it had open is closed, and nothing of it waits any more.
    package mutating func end(_ member: Member) {
        guard let place = known.firstIndex(where: { $0.member == member && !$0.hasEnded }) else { return }
        known[place].hasEnded = true
        known[place].latest.endEverything()
    }

    /// The snapshot of the service, or of one of its processes.
    /// - Returns: nil where no agent is known.
    package mutating func snapshot(of pid: Int? = nil) -> AgentSnapshot? {
        let shown = known.indices.filter { pid == nil || known[$0].member.pid == pid }
        guard let first = shown.first(where: { !known[$0].hasEnded }) ?? shown.first else { return nil }
        sequence += 1
        var sum = known[first].latest
        for place in shown where place != first { sum.add(known[place].latest, byID: true) }
        for place in shown { known[place].latest.events = [] }
        sum.events = Array(sum.events.suffix(AgentSnapshot.eventLimit))
        sum.sequence = sequence
        sum.uptimeSeconds = uptime
        sum.takenAt = shown.map { known[$0].latest.takenAt }.max() ?? sum.takenAt
        sum.hosts.sort { $0.id < $1.id }
        sum.process = process(shown)
        sum.keepAlive = keepAlive(among: shown)
        var source = sum.source ?? SourceSnapshot(kind: .attach, name: known[first].name)
        for place in shown where place != first {
            for note in known[place].latest.source?.notes ?? [] where !source.notes.contains(note) {
                source.notes.append(note)
            }
        }
        source.pid = pid ?? known.first?.member.pid
        source.name = known[first].name
        source.processes = rows()
        sum.source = source
        return sum
    }

    /// Whether HTTP keep-alive is on, for a host or for all (nil). An agent that has asked nobody yet says nothing about the service.
    package func keepAlive(ofHostNamed name: String? = nil, among shown: [Int]? = nil) -> Bool {
        let living = (shown ?? Array(known.indices)).filter { !known[$0].hasEnded }
        if let id = name.flatMap({ host(named: $0) }) {
            return living.contains { known[$0].latest.hosts.contains { $0.id == id && $0.keepAlive } }
        }
        let used = living.filter { !known[$0].latest.hosts.isEmpty }
        return (used.isEmpty ? living : used).contains { known[$0].latest.keepAlive }
    }

    /// The number of a host by its name, with or without its port, or by its origin; nil: no agent knows it.
    package func host(named name: String) -> Int? {
        let hosts = known.flatMap(\.latest.hosts)
        return (hosts.first { $0.name == name || $0.origin == name } ?? hosts.first { $0.name.hasPrefix(name + ":") })?
            .id
    }

    /// The agent's own numbers of hosts that have these in the service.
    package func numbers(of hosts: Set<Int>, in member: Member) -> Set<Int> {
        guard let agent = known.first(where: { $0.member == member && !$0.hasEnded }) else { return [] }
        return Set(agent.numbers.filter { hosts.contains($0.value) }.keys)
    }

    private mutating func renumbered(
        _ snapshot: AgentSnapshot, of member: Member, at place: Int
    ) -> (AgentSnapshot, [Int: Int]) {
        var snapshot = snapshot
        var numbers: [Int: Int] = [:]
        for index in snapshot.hosts.indices {
            let name = snapshot.hosts[index].origin
            let id = ids[name] ?? ids.count
            ids[name] = id
            numbers[snapshot.hosts[index].id] = id
            snapshot.hosts[index].id = id
            for socket in snapshot.hosts[index].sockets?.indices ?? 0..<0 {
                snapshot.hosts[index].sockets?[socket].id *= Self.most
                snapshot.hosts[index].sockets?[socket].id += place
                if known.count > 1 { snapshot.hosts[index].sockets?[socket].pid = member.pid }
            }
        }
        for index in snapshot.events.indices {
            if let host = snapshot.events[index].hostID { snapshot.events[index].hostID = numbers[host] }
        }
        snapshot.dnsRecords = snapshot.dnsRecords.compactMap { record in
            numbers[record.hostID].map { id in
                var record = record
                record.hostID = id
                return record
            }
        }
        return (snapshot, numbers)
    }

    /// Threads share their process.
    private func process(_ shown: [Int]) -> ProcessSnapshot {
        var processes: [Int: ProcessSnapshot] = [:]
        for place in shown {
            let (pid, new) = (known[place].member.pid, known[place].latest.process)
            guard var sum = processes[pid] else {
                processes[pid] = new
                continue
            }
            sum.cpuSeconds = max(sum.cpuSeconds, new.cpuSeconds)
            sum.maxResidentBytes = max(sum.maxResidentBytes, new.maxResidentBytes)
            processes[pid] = sum
        }
        return processes.values.reduce(into: ProcessSnapshot()) { sum, process in
            sum.cpuSeconds += process.cpuSeconds
            // All of the process is the agent's user: nothing else would tell what a request costs it.
            sum.agentCPUSeconds += process.cpuSeconds
            sum.maxResidentBytes += process.maxResidentBytes
        }
    }

    /// A row for each process, in the order in which they were met.
    private func rows() -> [ProcessRow] {
        var rows: [ProcessRow] = []
        for agent in known {
            let totals = agent.latest.totals
            var row = ProcessRow(
                pid: agent.member.pid, command: agent.name, user: "", hosts: agent.latest.hosts.count,
                open: totals.connections.open, opened: totals.connections.opened, closed: totals.connections.closed,
                closedByPeer: totals.connections.closedRemote, closedByUs: totals.connections.closedLocal,
                requests: totals.requests.started, requestsCertainty: .exact, lookups: agent.latest.dns.lookups,
                cpuSeconds: agent.latest.process.cpuSeconds, hasEnded: agent.hasEnded)
            guard let place = rows.firstIndex(where: { $0.pid == agent.member.pid }) else {
                rows.append(row)
                continue
            }
            row.add(rows[place])
            rows[place] = row
        }
        return rows
    }
}

extension ProcessRow {
    /// Adds a thread of the same process.
    fileprivate mutating func add(_ other: ProcessRow) {
        command = other.command
        hosts = max(hosts, other.hosts)
        open += other.open
        opened += other.opened
        closed += other.closed
        closedByPeer += other.closedByPeer
        closedByUs += other.closedByUs
        requests += other.requests
        lookups = (lookups ?? 0) + (other.lookups ?? 0)
        cpuSeconds = max(cpuSeconds ?? 0, other.cpuSeconds ?? 0)
        hasEnded = hasEnded && other.hasEnded
    }
}

extension AgentSnapshot {
    fileprivate mutating func endEverything() {
        dnsRecords = []
        for index in hosts.indices {
            let open = hosts[index].metrics.connections.open
            let unfinished = hosts[index].metrics.requests.inFlight + hosts[index].metrics.requests.queued
            for counter in HostMetrics.counters where counter.kind == .present {
                hosts[index].metrics[keyPath: counter.keyPath] = 0
            }
            hosts[index].metrics.connections.closed += open
            hosts[index].metrics.connections.closedByReason.add(open, to: .closerUnknown)
            hosts[index].metrics.requests.cancelled += unfinished
            hosts[index].sockets = nil
            (hosts[index].maxSockets, hosts[index].maxFreeSockets) = (0, 0)
            (hosts[index].oldestWaitSeconds, hosts[index].oldestActiveSeconds) = (nil, nil)
            (hosts[index].silentSeconds, hosts[index].bodySilentSeconds) = (nil, nil)
            if hosts[index].inFlightAges != nil { hosts[index].inFlightAges = [] }
            hosts[index].oldestDial = nil
            for address in hosts[index].addresses.indices { hosts[index].addresses[address].open = 0 }
        }
    }
}
