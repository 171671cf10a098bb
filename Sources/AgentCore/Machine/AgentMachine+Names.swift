import DNSWire
import PoolModel

/// DNS names: how an answer affects dials that wait for it, and connections whose address left the record set.
extension AgentMachine {
    /// The text of a name that a `resolve` effect gave as a number.
    package func text(of name: NameID) -> String { dns.text(of: name) }

    mutating func resolved(
        _ name: NameID, _ id: ConnectionID, _ outcome: ResolutionOutcome, _ elapsed: Nanoseconds, _ now: Moment
    ) {
        let ignored = dns.ignoredEvents
        let update = dns.resolved(name, outcome, now: now)
        guard dns.ignoredEvents == ignored else { return ignoredEvents += 1 }
        if let asker = connections.slot(of: id) {
            hosts[connections[asker].host].totals.latency.dnsLookup.record(elapsed)
        }
        switch update.answer {
        case .addresses(let entry):
            for host in namesakes[name.index] { adopt(entry.addresses, for: host) }
        // An authoritative "no": the name has no address any more.
        case .failed(.dnsNotFound):
            for host in namesakes[name.index] { adopt([], for: host) }
        case .failed: break
        }
        for slot in waiting(for: name, update.waiters) {
            switch update.answer {
            case .addresses: race(slot, now)
            case .failed(let cause): dialFailed(slot, cause, now)
            }
        }
        for host in namesakes[name.index] { scheduleHost(host, now) }
        mayDispatch = true
    }

    /// The dials that this answer is for, the oldest first.
    private func waiting(for name: NameID, _ waiters: DNSWaiters) -> [Int] {
        var slots: [Int] = []
        for host in namesakes[name.index] {
            slots += hosts[host].dialing.filter { connections[$0].phase == .resolving }
        }
        slots.sort { connections[$0].serial < connections[$1].serial }
        switch waiters {
        case .all: return slots
        case .oldest: return Array(slots.prefix(1))
        case .none: return []
        }
    }

    /// Updates the host's address list from an answer. Connections to an address that was removed continue for one TTL.
    mutating func adopt(_ addresses: [IPAddress], for host: Int) {
        let port = hosts[host].description.port
        let current = addresses.map { PeerAddress.ip($0, port: port) }
        for index in hosts[host].peers.indices {
            hosts[host].peers[index].isInDNS = current.contains(hosts[host].peers[index].address)
        }
        for address in current where !hosts[host].peers.contains(where: { $0.address == address }) {
            insert(address, for: host)
        }
    }

    /// As many as an answer can contain; up to twice as many while removed ones are still in use.
    private static let usualPeers = 64
    private static let maxPeers = 128

    /// Adds a new address. If the list is full, it replaces one that is not in use.
    private mutating func insert(_ address: PeerAddress, for host: Int) {
        if hosts[host].peers.count < Self.usualPeers {
            return hosts[host].peers.append(PeerRecord(address: address))
        }
        let inUse = peersInUse(host)
        if let free = hosts[host].peers.indices.first(where: { !hosts[host].peers[$0].isInDNS && !inUse.contains($0) })
        {
            hosts[host].peers[free] = PeerRecord(address: address)
        } else if hosts[host].peers.count < Self.maxPeers {
            hosts[host].peers.append(PeerRecord(address: address))
        }
    }

    /// The positions that connections refer to: their address, and for dials the candidates that they may still try.
    private func peersInUse(_ host: Int) -> Set<Int> {
        var inUse = Set<Int>()
        for slot in connections.liveSlots where connections[slot].host == host {
            inUse.insert(connections[slot].address)
            inUse.formUnion(connections[slot].dial.candidates)
        }
        return inUse
    }

    /// Whether connections to the address may stay. If it left the record set more than one TTL ago they may not, even
    /// if the dial started before that.
    func isCurrent(_ peer: Int, of host: Int) -> Bool {
        guard let name = hosts[host].nameID, !hosts[host].peers[peer].isInDNS,
            case .ip(let address, _) = hosts[host].peers[peer].address
        else { return true }
        return dns.isCurrent(address, of: name)
    }

    /// After a flush nothing is known about names whose connections are open, and a change would go unnoticed.
    mutating func askAgainForOpenNames(_ now: Moment) {
        var asked: Set<NameID> = []
        for host in hosts.indices where hosts[host].population.established > 0 && settings.dnsCache {
            guard let name = hosts[host].nameID, asked.insert(name).inserted else { continue }
            if dns.lookup(name, now: now) == .startQuery { effects.append(.resolve(name, for: .none)) }
        }
    }

    /// Retires addresses whose grace period has ended: idle connections to them close, active ones after their
    /// response.
    mutating func retireDueAddresses(_ now: Moment) {
        var due: [DNSRetirement] = []
        dns.takeRetired(now: now, into: &due)
        for retirement in due {
            for host in namesakes[retirement.name.index] {
                let address = PeerAddress.ip(retirement.address, port: hosts[host].description.port)
                guard let peer = hosts[host].peers.firstIndex(where: { $0.address == address }) else { continue }
                retire(peer, of: host, now)
            }
        }
    }

    private mutating func retire(_ peer: Int, of host: Int, _ now: Moment) {
        var retired = 0
        while hosts[host].peers[peer].idle.tail != LinkPool.none {
            closeEstablished(hosts[host].peers[peer].idle.tail, .dnsRetired)
            retired += 1
        }
        for slot in connections.liveSlots
        where connections[slot].host == host && connections[slot].address == peer && connections[slot].phase.isActive {
            connections[slot].isRetired = true
            retired += 1
        }
        if retired > 0 { noteRetired(host, hosts[host].peers[peer].address, retired, now) }
    }

    /// Refreshes a name whose connections are open but which no request looks up, so that a change is noticed.
    mutating func refreshName(_ host: Int, _ now: Moment) {
        guard let name = hosts[host].nameID, hosts[host].population.established > 0, dns.refresh(name, now: now) else {
            return
        }
        effects.append(.resolve(name, for: .none))
    }
}
