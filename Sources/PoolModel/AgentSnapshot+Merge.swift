extension AgentSnapshot {
    /// Combines the snapshots of several agents that have the same hosts, one agent per event loop. Counts and numeric
    /// limits are summed. For time limits and for values that servers announced, the lowest is shown, because it takes
    /// effect first. The loop's number is added to connection ids to make them unique.
    package static func merged(_ parts: [AgentSnapshot]) -> AgentSnapshot? {
        guard var sum = parts.first else { return nil }
        guard parts.count > 1 else { return sum }
        sum.renumberSockets(part: 0, of: parts.count)
        for (index, part) in parts.enumerated().dropFirst() {
            var part = part
            part.renumberSockets(part: index, of: parts.count)
            sum.add(part)
        }
        return sum
    }

    mutating func renumberSockets(part: Int, of count: Int) {
        for host in hosts.indices {
            for socket in hosts[host].sockets?.indices ?? 0..<0 {
                if let id = hosts[host].sockets?[socket].id { hosts[host].sockets?[socket].id = id * count + part }
            }
        }
    }

    /// Adds an agent's counts. `byID`: hosts belong together by their numbers, and either side may have hosts of its own;
    /// else by their places.
    package mutating func add(_ other: AgentSnapshot, byID: Bool = false) {
        draining = draining || other.draining
        maxTotalSockets = sum(maxTotalSockets, other.maxTotalSockets)
        dns.addCounts(of: other.dns)
        for record in other.dnsRecords { add(record) }
        events = (events + other.events.filter { $0.level != .mark }).sorted { $0.uptimeSeconds < $1.uptimeSeconds }
        ignoredEvents += other.ignoredEvents
        if let theirs = other.departed {
            if departed == nil { departed = theirs } else { departed?.merge(theirs) }
        }
        process.agentCPUSeconds += other.process.agentCPUSeconds
        if let more = other.load { load?.add(more) }
        guard byID else {
            for (mine, theirs) in zip(hosts.indices, other.hosts) { hosts[mine].add(theirs) }
            return
        }
        let places = Dictionary(hosts.enumerated().map { ($1.id, $0) }) { first, _ in first }
        for theirs in other.hosts {
            if let mine = places[theirs.id] { hosts[mine].add(theirs) } else { hosts.append(theirs) }
        }
    }

    /// Every loop has its own cache. One record per name is shown: the one that was looked up last.
    private mutating func add(_ record: DNSRecordSnapshot) {
        guard let index = dnsRecords.firstIndex(where: { $0.hostID == record.hostID && $0.name == record.name }) else {
            return dnsRecords.append(record)
        }
        var latest = record.remainingSeconds > dnsRecords[index].remainingSeconds ? record : dnsRecords[index]
        latest.hits = dnsRecords[index].hits + record.hits
        latest.misses = dnsRecords[index].misses + record.misses
        dnsRecords[index] = latest
    }
}

extension HostSnapshot {
    fileprivate mutating func add(_ other: HostSnapshot) {
        maxSockets = sum(maxSockets, other.maxSockets)
        maxFreeSockets = sum(maxFreeSockets, other.maxFreeSockets)
        if let limit = other.idleLimitSeconds, limit < idleLimitSeconds ?? .infinity {
            (idleLimitSeconds, idleLimitOrigin) = (limit, other.idleLimitOrigin)
        }
        hintTimeoutSeconds = least(hintTimeoutSeconds, other.hintTimeoutSeconds)
        hintMax = least(hintMax, other.hintMax)
        learnedIdleSeconds = least(learnedIdleSeconds, other.learnedIdleSeconds)
        oldestWaitSeconds = greatest(oldestWaitSeconds, other.oldestWaitSeconds)
        oldestActiveSeconds = greatest(oldestActiveSeconds, other.oldestActiveSeconds)
        let (busy, othersBusy) = (metrics.requests.inFlight > 0, other.metrics.requests.inFlight > 0)
        silentSeconds = silence(silentSeconds, isBusy: busy, other.silentSeconds, isBusy: othersBusy)
        bodySilentSeconds = silence(bodySilentSeconds, isBusy: busy, other.bodySilentSeconds, isBusy: othersBusy)
        longestBodyPauseSeconds = greatest(longestBodyPauseSeconds, other.longestBodyPauseSeconds)
        if let theirs = other.inFlightAges { inFlightAges?.merge(theirs) } else { inFlightAges = nil }
        if let theirs = other.oldestDial, theirs.seconds > oldestDial?.seconds ?? 0 { oldestDial = theirs }
        nameFailure = merged(nameFailure, other.nameFailure)
        lastConnectFailure = lastConnectFailure ?? other.lastConnectFailure
        lastTLSFailure = lastTLSFailure ?? other.lastTLSFailure
        backoffSeconds = least(backoffSeconds, other.backoffSeconds)
        metrics.merge(other.metrics)
        certainty.merge(other.certainty)
        if let theirs = other.head, theirs.ageSeconds < head?.ageSeconds ?? .infinity { head = theirs }
        if let more = other.sockets { sockets = ((sockets ?? []) + more).sorted { $0.id < $1.id } }
        for address in other.addresses {
            if let index = addresses.firstIndex(where: { $0.address == address.address }) {
                addresses[index].connectionsOpened += address.connectionsOpened
                addresses[index].open += address.open
                addresses[index].exchanges += address.exchanges
                addresses[index].isInDNS = addresses[index].isInDNS || address.isInDNS
                addresses[index].isSuspect = addresses[index].isSuspect || address.isSuspect
            } else {
                addresses.append(address)
            }
        }
    }
}

extension LoadSnapshot {
    fileprivate mutating func add(_ other: LoadSnapshot) {
        targetPerSecond = targetPerSecond.map { $0 + (other.targetPerSecond ?? 0) }
        concurrency = concurrency.map { $0 + (other.concurrency ?? 0) }
        planned += other.planned
        sent += other.sent
        missed += other.missed
        gaps.merge(other.gaps)
        silences = (silences + other.silences).sorted { $0.uptimeSeconds < $1.uptimeSeconds }
        for (place, theirs) in other.targets.enumerated() {
            func isSame(_ mine: LoadTarget) -> Bool { mine.name == theirs.name && mine.method == theirs.method }
            if targets.indices.contains(place), isSame(targets[place]) {
                targets[place].add(theirs)
            } else if let index = targets.firstIndex(where: isSame) {
                targets[index].add(theirs)
            } else {
                targets.append(theirs)
            }
        }
    }
}

/// A host is silent only where it says nothing to any loop that waits for it.
private func silence(_ mine: Double?, isBusy: Bool, _ theirs: Double?, isBusy othersBusy: Bool) -> Double? {
    if !isBusy { return theirs }
    if !othersBusy { return mine }
    return mine.flatMap { mine in theirs.map { min(mine, $0) } }
}

/// Every loop has a cache of its own: the failures that have gone on for longest, with the stale answers of both.
private func merged(_ mine: NameFailure?, _ theirs: NameFailure?) -> NameFailure? {
    guard let mine, let theirs else { return mine ?? theirs }
    var longest = mine.sinceSeconds >= theirs.sinceSeconds ? mine : theirs
    longest.staleHits = mine.staleHits + theirs.staleHits
    return longest
}

/// Limits may be as high as possible, for none.
func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, isTooLarge) = a.addingReportingOverflow(b)
    return isTooLarge ? .max : sum
}

private func least<Value: Comparable>(_ a: Value?, _ b: Value?) -> Value? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
}

private func greatest(_ a: Double?, _ b: Double?) -> Double? {
    guard let a, let b else { return a ?? b }
    return max(a, b)
}
