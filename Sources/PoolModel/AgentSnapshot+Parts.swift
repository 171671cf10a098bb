extension AgentSnapshot {
    /// Combines the snapshots of several programs, whose hosts belong together by their numbers. Notices are left to the
    /// caller.
    package static func merged(programs parts: [AgentSnapshot]) -> AgentSnapshot? {
        guard var sum = parts.first else { return nil }
        sum.renumberSockets(part: 0, of: parts.count)
        for (index, part) in parts.enumerated().dropFirst() {
            var part = part
            part.renumberSockets(part: index, of: parts.count)
            sum.process.add(part.process)
            if sum.load == nil { (sum.load, part.load) = (part.load, nil) }
            if let theirs = part.load, !theirs.paused { sum.load?.paused = false }
            if let theirs = part.source {
                if sum.source == nil { sum.source = theirs } else { sum.source?.add(theirs) }
            }
            for theirs in part.hosts where theirs.kernel != nil {
                guard let mine = sum.hosts.firstIndex(where: { $0.id == theirs.id }) else { continue }
                sum.hosts[mine].addKernel(theirs.kernel)
            }
            // Counted with the rest of the process.
            part.process.agentCPUSeconds = 0
            sum.add(part, byID: true)
        }
        sum.hosts.sort { $0.id < $1.id }
        return sum
    }

    /// The snapshot of a program that has ended since: totals stay, and nothing is present any more.
    package var ended: AgentSnapshot {
        var ended = self
        for index in ended.hosts.indices { ended.hosts[index].clearPresent() }
        for counter in DNSCounts.counters where counter.kind == .present { ended.dns[keyPath: counter.keyPath] = 0 }
        ended.dnsRecords = []
        if ended.load?.targetPerSecond != nil { ended.load?.targetPerSecond = 0 }
        if ended.load?.concurrency != nil { ended.load?.concurrency = 0 }
        ended.load?.paused = true
        return ended
    }

    /// Moves the times within to a clock that was at zero this much earlier.
    package mutating func shiftClock(by seconds: Double) {
        uptimeSeconds += seconds
        for index in events.indices { events[index].uptimeSeconds += seconds }
        for index in load?.gaps.indices ?? 0..<0 { load?.gaps[index].uptimeSeconds += seconds }
        for index in load?.silences.indices ?? 0..<0 { load?.silences[index].uptimeSeconds += seconds }
    }
}

extension HostSnapshot {
    fileprivate mutating func clearPresent() {
        for counter in HostMetrics.counters where counter.kind == .present { metrics[keyPath: counter.keyPath] = 0 }
        (oldestWaitSeconds, oldestActiveSeconds, silentSeconds, bodySilentSeconds) = (nil, nil, nil, nil)
        if inFlightAges != nil { inFlightAges = [] }
        (oldestDial, backoffSeconds, sockets) = (nil, nil, nil)
        for index in addresses.indices { addresses[index].open = 0 }
        if kernel?.timeWait != nil { kernel?.timeWait = 0 }
    }

    /// Means and medians of two kernels cannot be had from theirs.
    fileprivate mutating func addKernel(_ other: KernelFigures?) {
        guard let other else { return }
        guard var sum = kernel else { return kernel = other }
        sum.timeWait = sum.timeWait.flatMap { mine in other.timeWait.map { mine + $0 } }
        sum.retransmits = sum.retransmits.flatMap { mine in other.retransmits.map { mine + $0 } }
        sum.deaths += other.deaths
        (sum.roundTripSeconds, sum.idleAgeAtDeathSeconds, sum.connectionAgeSeconds) = (nil, nil, nil)
        kernel = sum
    }
}

extension ProcessSnapshot {
    /// The sums over two processes. That of the largest sizes is an upper bound.
    fileprivate mutating func add(_ other: ProcessSnapshot) {
        cpuSeconds += other.cpuSeconds
        agentCPUSeconds += other.agentCPUSeconds
        maxResidentBytes += other.maxResidentBytes
        openDescriptors = openDescriptors.flatMap { mine in other.openDescriptors.map { mine + $0 } }
        descriptorLimit = descriptorLimit.flatMap { mine in other.descriptorLimit.map { sum(mine, $0) } }
    }
}

extension SourceSnapshot {
    fileprivate mutating func add(_ other: SourceSnapshot) {
        if name != other.name { name += ", " + other.name }
        if pid != other.pid { pid = nil }
        notes += other.notes.filter { !notes.contains($0) }
        if let mine = kernel, let theirs = other.kernel {
            kernel = KernelCount(
                opened: mine.opened + theirs.opened, seen: mine.seen + theirs.seen,
                agrees: mine.agrees && theirs.agrees,
                scope: mine.scope)
        } else {
            kernel = nil
        }
        if let mine = processes, let theirs = other.processes { processes = mine + theirs } else { processes = nil }
    }
}
