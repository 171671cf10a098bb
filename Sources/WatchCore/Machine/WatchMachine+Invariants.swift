import PoolModel

/// Sums that hold after every fact. Tests ask; a program does not.
extension WatchMachine {
    /// nil, or the first rule that is broken.
    func brokenInvariant() -> String? {
        var parts = [Tally](repeating: Tally(), count: ledgers.count)
        var tracked = 0
        for slot in sockets.indices where sockets[slot].cookie != 0 {
            tracked += 1
            if slots[sockets[slot].cookie] != slot { return "socket \(slot) is not found by its cookie" }
            let place = sockets[slot].ledger
            if !ledgers.indices.contains(place) || !ledgers[place].isUsed { return "socket \(slot) has no ledger" }
            parts[place].add(sockets[slot].part)
        }
        if tracked != slots.count || tracked + freeSockets.count != sockets.count {
            return "\(tracked) sockets are tracked"
        }
        for place in ledgers.indices where ledgers[place].isUsed {
            let (tally, part) = (ledgers[place].tally, parts[place])
            if let imbalance = tally.imbalance { return "ledger \(place): \(imbalance)" }
            if tally.open != part.open || tally.active != part.active || tally.inFlight != part.inFlight
                || tally.roundTrips != part.roundTrips
            {
                return "ledger \(place): \(tally) is not what its sockets have: \(part)"
            }
            if !owners[ledgers[place].owner].isUsed || !owners[ledgers[place].owner].ledgers.contains(place) {
                return "ledger \(place) is not among its owner's"
            }
            if !peers[ledgers[place].peer].isUsed || !peers[ledgers[place].peer].ledgers.contains(place) {
                return "ledger \(place) is not among its host's"
            }
        }
        for peer in peers where peer.isUsed {
            let ages = peer.ledgers.reduce(0) { $0 + ledgers[$1].idleAges.count }
            let closed = peer.ledgers.reduce(0) { $0 + ledgers[$1].tally.peerClosedIdle }
            if ages > closed { return "\(ages) ages of \(closed) idle connections that the peer closed" }
        }
        let opened = ledgers.reduce(0) { $0 + ($1.isUsed ? $1.tally.opened : 0) }
        if opened != kernel.seen { return "\(opened) opened in ledgers, \(kernel.seen) in all" }
        if peerIndex.count > settings.maxHosts { return "\(peerIndex.count) hosts" }
        if owners.count(where: \.isUsed) > settings.maxProcesses + 64 { return "\(owners.count) owners" }
        return nil
    }
}
