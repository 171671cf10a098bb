package import PoolModel

extension WatchMachine {
    /// The figures of the chosen processes. Sockets are listed for the hosts that are asked for.
    package mutating func snapshot(now: Moment, wallClock: Double, socketsFor: Set<Int>) -> AgentSnapshot {
        let groups = hostGroups()
        let listed = socketsFor.isEmpty ? [:] : openSockets(groups.filter { socketsFor.contains($0.id) }, now)
        var hosts: [HostSnapshot] = []
        for group in groups where isShown(group) {
            if let host = host(group, sockets: listed[group.id], isListed: socketsFor.contains(group.id)) {
                hosts.append(host)
            }
        }
        defer {
            schedule.noteSnapshot(now, &random)
            sequence += 1
            notices.removeAll()
        }
        return AgentSnapshot(
            sequence: sequence, takenAt: wallClock, uptimeSeconds: max(0, (now - startedAt).asSeconds), keepAlive: true,
            dnsCacheEnabled: false, draining: false, maxTotalSockets: 0, hosts: hosts, dns: dnsCounts(),
            dnsRecords: [], process: processSnapshot(), events: notices, ignoredEvents: ignored,
            source: source(groups, hosts))
    }

    private func isChosen(_ ledger: Int) -> Bool { settings.scope == .all || owners[ledgers[ledger].owner].isChosen }

    private func host(_ group: HostGroup, sockets: [SocketSnapshot]?, isListed: Bool) -> HostSnapshot? {
        var (sum, peak, isEmpty) = (Tally(), 0, true)
        var addresses: [AddressSnapshot] = []
        var (idleAges, ages): ([SampleRing], [SampleRing]) = ([], [])
        for peer in group.peers {
            var own = Tally()
            for place in peers[peer].ledgers where isChosen(place) {
                isEmpty = false
                own.add(ledgers[place].tally)
                peak += ledgers[place].peakOpen
                idleAges.append(ledgers[place].idleAges)
                ages.append(ledgers[place].ages)
            }
            sum.add(own)
            guard let end = peers[peer].endpoint, addresses.count < 64, own != Tally() else { continue }
            addresses.append(
                AddressSnapshot(
                    address: end.authority, connectionsOpened: own.opened, open: own.open, exchanges: own.started,
                    isInDNS: !hasLeftDNS(end), isSuspect: false))
        }
        guard !isEmpty else { return nil }
        let isTLS = group.peers.contains { peers[$0].endpoint?.isTLS == true }
        // The shares of processes do not matter where all of them are one.
        if settings.scope == .all { sum.byShares = 0 }
        var metrics = sum.metrics
        metrics.connections.peakOpen = peak
        var certainty = sum.certainty
        certainty[.dns] = hasSeenDatagrams ? .estimate : .unknown
        certainty[.cpu] = owners.contains { $0.isUsed && $0.isChosen && $0.facts != nil } ? .exact : .unknown
        let waits = group.peers.compactMap { peers[$0].timeWaits }
        return HostSnapshot(
            id: group.id, name: group.name, origin: (isTLS ? "https://" : "http://") + group.name, isTLS: isTLS,
            keepAlive: true, keepAliveIsOwn: false, maxSockets: 0, maxFreeSockets: 0, idleLimitOrigin: .none,
            metrics: metrics, certainty: certainty, addresses: addresses, sockets: isListed ? sockets ?? [] : nil,
            kernel: KernelFigures(
                timeWait: waits.isEmpty ? nil : waits.reduce(0, +),
                roundTripSeconds: sum.roundTrips == 0
                    ? nil : Double(sum.roundTripMicroseconds) / Double(sum.roundTrips) / 1e6,
                retransmits: sum.retransmits, idleAgeAtDeathSeconds: SampleRing.median(idleAges),
                deaths: idleAges.reduce(0) { $0 + $1.count }, connectionAgeSeconds: SampleRing.median(ages)))
    }

    private func hasLeftDNS(_ end: Endpoint) -> Bool {
        !outOfDNS.isEmpty
            && (outOfDNS.contains(end) || outOfDNS.contains(Endpoint(address: end.address, port: 0)))
    }

    private func dnsCounts() -> DNSCounts {
        var counts = DNSCounts()
        for owner in owners where owner.isUsed && (settings.scope == .all || owner.isChosen) {
            counts.lookups += owner.lookups
        }
        counts.misses = counts.lookups
        counts.queries = counts.lookups
        return counts
    }

    private func processSnapshot() -> ProcessSnapshot {
        let used = owners.reduce(0) { $0 + ($1.isUsed && $1.isChosen ? $1.cpuUsed : 0) }
        return ProcessSnapshot(cpuSeconds: used, agentCPUSeconds: used)
    }

    // MARK: Sockets

    private func openSockets(_ groups: [HostGroup], _ now: Moment) -> [Int: [SocketSnapshot]] {
        var groupOfPeer: [Int: Int] = [:]
        for group in groups { for peer in group.peers { groupOfPeer[peer] = group.id } }
        var found: [(group: Int, slot: Int)] = []
        for slot in sockets.indices where sockets[slot].cookie != 0 && isChosen(sockets[slot].ledger) {
            guard let group = groupOfPeer[ledgers[sockets[slot].ledger].peer] else { continue }
            found.append((group, slot))
        }
        found.sort { sockets[$0.slot].serial < sockets[$1.slot].serial }
        var listed: [Int: [SocketSnapshot]] = [:]
        for (group, slot) in found.prefix(settings.maxSocketsShown) {
            listed[group, default: []].append(describe(sockets[slot], now))
        }
        return listed
    }

    private func describe(_ socket: TrackedSocket, _ now: Moment) -> SocketSnapshot {
        let sinceDump = max(0, (now - socket.seenAt).asSeconds)
        let isActive = socket.part.active > 0
        let age = max(0, (now - socket.firstSeen).asSeconds)
        let idle = Double(socket.figures.lastReceivedMilliseconds) / 1000 + sinceDump
        let awaited = Double(socket.figures.lastSentMilliseconds) / 1000 + sinceDump
        let state: SocketState = isActive ? .awaitingHead : socket.state.isOpen ? .idle : .closing
        return SocketSnapshot(
            id: socket.serial, state: state, ageSeconds: socket.isBase ? max(age, idle) : age,
            idleSeconds: state == .idle ? idle : nil, exchanges: socket.part.started,
            localPort: Int(socket.pair.local.port), peer: socket.pair.remote.authority, method: nil,
            exchangeSeconds: isActive ? awaited : nil, expiresInSeconds: nil, expiresBy: nil,
            pid: owners[ledgers[socket.ledger].owner].pid,
            roundTripSeconds: socket.figures.roundTripMicroseconds == 0
                ? nil : Double(socket.figures.roundTripMicroseconds) / 1e6,
            retransmits: Int(socket.figures.retransmits))
    }
}
