package import PoolModel

/// Snapshots, the only way in which figures leave the machine.
extension AgentMachine {
    /// The current observable state. Sockets and DNS records are listed only for the hosts in `socketsFor`, which costs
    /// a walk over all connections. Each notice is returned once.
    package mutating func snapshot(
        now: Moment, wallClock: Double, socketsFor: Set<Int> = [], process: ProcessSnapshot = ProcessSnapshot()
    ) -> AgentSnapshot {
        snapshots += 1
        surveyInFlight(now)
        let established = establishedByAddress()
        let slots = connections.liveSlots(ofHosts: socketsFor, of: hosts.count)
        return AgentSnapshot(
            sequence: snapshots, takenAt: wallClock, uptimeSeconds: (now - startedAt).asSeconds,
            keepAlive: settings.keepAlive.isOn, dnsCacheEnabled: settings.dnsCache, draining: mode != .serving,
            maxTotalSockets: settings.maxTotalSockets,
            hosts: hosts.indices.map { host in
                hostSnapshot(
                    host, sockets: slots[host]?.map { socket(connections[$0], now) }, established: established[host],
                    now)
            },
            dns: dns.counts, dnsRecords: records(for: socketsFor, now), load: nil, process: process,
            events: notices.take(), ignoredEvents: ignoredEvents, departed: departed)
    }

    private func records(for hostIDs: Set<Int>, _ now: Moment) -> [DNSRecordSnapshot] {
        hostIDs.sorted().compactMap { host in
            guard hosts.indices.contains(host), let name = hosts[host].nameID else { return nil }
            return dns.record(name, hostID: hosts[host].serial, now: now)
        }
    }

    private func hostSnapshot(
        _ host: Int, sockets: [SocketSnapshot]?, established: [Int], _ now: Moment
    ) -> HostSnapshot {
        let pool = hosts[host]
        let (limit, origin) = idleLimit(host, lifetimeLeft: .max)
        let oldestWaiter = pool.waiters.head
        let waits = waits(of: host, now)
        return HostSnapshot(
            id: pool.serial, name: pool.description.name, origin: pool.description.origin,
            isTLS: pool.description.isTLS, keepAlive: keepAlive(of: host).isOn, keepAliveIsOwn: pool.keepAlive != nil,
            maxSockets: pool.limits.maxSockets, maxFreeSockets: pool.limits.maxFree,
            idleLimitSeconds: limit == .max ? nil : limit.asSeconds, idleLimitOrigin: origin,
            hintTimeoutSeconds: pool.hintTimeout?.asSeconds, hintMax: pool.hintMax,
            learnedIdleSeconds: pool.learned.limit?.asSeconds,
            oldestWaitSeconds: oldestWaiter == LinkPool.none
                ? nil : (now - requests[oldestWaiter].arrivedAt).asSeconds,
            oldestActiveSeconds: sockets?.compactMap(\.exchangeSeconds).max() ?? waits.oldestActive,
            silentSeconds: waits.silent, bodySilentSeconds: waits.bodySilent,
            longestBodyPauseSeconds: pool.longestBodyPause >= .seconds(1) ? pool.longestBodyPause.asSeconds : nil,
            inFlightAges: waits.ages,
            oldestDial: waits.oldestDial,
            nameFailure: pool.nameID.flatMap { dns.failure(of: $0, now: now) },
            lastConnectFailure: pool.lastConnectFailure, lastTLSFailure: pool.lastTLSFailure,
            backoffSeconds: pool.dialAllowedAt > now ? (pool.dialAllowedAt - now).asSeconds : nil,
            metrics: metrics(pool), certainty: pool.description.isTLS ? Self.certaintyOfTLS : Certainties(),
            addresses: addresses(host, established: established, now), sockets: sockets)
    }

    /// Everything is counted except resumption: the TLS library can neither resume a session as a client nor
    /// distinguish a resumed handshake from a full one.
    private static let certaintyOfTLS = Certainties([.resumption: .unknown])

    /// The totals with the derived counts: a present count comes from the states, a sum of other totals from these.
    func metrics(_ pool: HostPool) -> HostMetrics {
        var metrics = pool.totals
        metrics.statuses = pool.statuses.byCode
        metrics.requests.setDerived(pool)
        metrics.connections.setDerived(pool.population)
        return metrics
    }

    /// Established connections by address for each host; empty for a host with a single address, whose population has
    /// the number.
    private func establishedByAddress() -> [[Int]] {
        var established = hosts.indices.map { host in
            let count = hosts[host].peers.count
            return [Int](repeating: 0, count: count > 1 ? count : 0)
        }
        guard established.contains(where: { !$0.isEmpty }) else { return established }
        for slot in 0..<connections.capacity where connections[slot].isLive && !connections[slot].phase.isDialing {
            let host = connections[slot].host
            if !established[host].isEmpty { established[host][connections[slot].address] += 1 }
        }
        return established
    }

    private func addresses(_ host: Int, established: [Int], _ now: Moment) -> [AddressSnapshot] {
        let peers = hosts[host].peers
        guard !established.isEmpty else {
            return peers.map { snapshot(of: $0, open: hosts[host].population.established, now) }
        }
        return peers.indices.map { snapshot(of: peers[$0], open: established[$0], now) }
    }

    private func snapshot(of peer: PeerRecord, open: Int, _ now: Moment) -> AddressSnapshot {
        AddressSnapshot(
            address: peer.text, connectionsOpened: peer.opened, open: open, exchanges: peer.exchanges,
            isInDNS: peer.isInDNS, isSuspect: peer.suspectUntil > now)
    }

    @inline(__always)
    private func socket(_ connection: Connection, _ now: Moment) -> SocketSnapshot {
        let isIdle = connection.phase == .idle
        let request = connection.request == Connection.noRequest ? nil : connection.request
        let peer =
            connection.address == Connection.noAddress
            ? nil : hosts[connection.host].peers[connection.address].text
        return SocketSnapshot(
            id: connection.serial, state: connection.phase.socketState,
            ageSeconds: (now - connection.dialedAt).asSeconds,
            idleSeconds: isIdle ? (now - connection.phaseSince).asSeconds : nil, exchanges: connection.exchanges,
            localPort: connection.localPort == 0 ? nil : connection.localPort, peer: peer,
            method: request.map { methods[requests[$0].method.index] },
            exchangeSeconds: request.map { (now - requests[$0].assignedAt).asSeconds },
            expiresInSeconds: isIdle && connection.deadline != .never
                ? max(0, (connection.deadline - now).asSeconds) : nil,
            expiresBy: isIdle && connection.deadline != .never ? connection.idleLimitOrigin : nil)
    }
}

extension RequestCounts {
    fileprivate mutating func setDerived(_ pool: HostPool) {
        // A draining connection is active and carries no request any more: its caller has gone.
        inFlight = pool.population.active - pool.population[.draining]
        queued = pool.waiters.count
        retried = retryDecisions[.unwritten] + retryDecisions[.repeatable]
        retriesRefused = retryDecisions[.budget]
    }
}

extension ConnectionCounts {
    fileprivate mutating func setDerived(_ population: Population) {
        connecting = population.dialing
        active = population.active
        idle = population.idle
        closed = closedByReason.total
    }
}
