import DNSWire

/// Names: what an answer does to dials that wait for it, and to connections whose address left the record set.
extension AgentMachine {
    /// The text of a name that a `resolve` effect gave by number.
    package func text(of name: NameID) -> String {
        for host in hosts where host.nameID == name {
            if case .name(let text) = host.description.location { return text }
        }
        return ""
    }

    mutating func resolved(
        _ name: NameID, _ id: ConnectionID, _ outcome: ResolutionOutcome, _ elapsed: Nanoseconds, _ now: Moment
    ) {
        let update = dns.resolved(name, outcome, now: now)
        if let asker = connections.slot(of: id) {
            hosts[connections[asker].host].totals.latency.dnsLookup.record(elapsed)
        }
        if case .addresses(let entry) = update.answer {
            for host in hosts.indices where hosts[host].nameID == name { adopt(entry.addresses, for: host) }
        }
        for slot in waiting(for: name, update.waiters) {
            switch update.answer {
            case .addresses: race(slot, now)
            case .failed(let cause): dialFailed(slot, cause, now)
            }
        }
        for host in hosts.indices where hosts[host].nameID == name { scheduleHost(host, now) }
        mayDispatch = true
    }

    /// The dials that this answer is for, the oldest first.
    private func waiting(for name: NameID, _ waiters: DNSWaiters) -> [Int] {
        var slots: [Int] = []
        for host in hosts.indices where hosts[host].nameID == name {
            slots += hosts[host].dialing.filter { connections[$0].phase == .resolving }
        }
        slots.sort { connections[$0].serial < connections[$1].serial }
        switch waiters {
        case .all: return slots
        case .oldest: return Array(slots.prefix(1))
        case .none: return []
        }
    }

    /// Makes the host's address list agree with an answer. Connections to an address that left it go on for one TTL.
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

    private static let maxPeers = 64

    /// A new address; where the list is full, in the place of one that is out of use.
    private mutating func insert(_ address: PeerAddress, for host: Int) {
        if hosts[host].peers.count < Self.maxPeers {
            return hosts[host].peers.append(PeerRecord(address: address))
        }
        let inUse = Set(connections.liveSlots.filter { connections[$0].host == host }.map { connections[$0].address })
        let free = hosts[host].peers.indices.first { !hosts[host].peers[$0].isInDNS && !inUse.contains($0) }
        if let free { hosts[host].peers[free] = PeerRecord(address: address) }
    }

    /// Addresses whose grace is over: idle connections to them close, active ones after their response.
    mutating func retireDueAddresses(_ now: Moment) {
        var due: [DNSRetirement] = []
        dns.takeRetired(now: now, into: &due)
        for retirement in due {
            for host in hosts.indices where hosts[host].nameID == retirement.name {
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

    /// Asks again for a name whose connections are open and which nobody looks up, so that a change is noticed.
    mutating func refreshName(_ host: Int, _ now: Moment) {
        guard let name = hosts[host].nameID, hosts[host].population.established > 0, dns.refresh(name, now: now) else {
            return
        }
        effects.append(.resolve(name, for: .none))
    }
}
