import PoolModel

/// Old accounts are added to others where there are too many, so that sums stay as they are.
extension WatchMachine {
    /// Adds the ends without connections that were used longest ago to the one of all others. False: all are in use.
    mutating func makeRoomForPeer(_ now: Moment) -> Bool {
        let unused = peers.indices.filter { index in
            peers[index].isUsed && peers[index].endpoint != nil
                && peers[index].ledgers.allSatisfy { ledgers[$0].tally.open == 0 }
        }
        guard !unused.isEmpty else { return false }
        // Many at once, because the search costs more than the rest.
        let oldest = unused.sorted { (peers[$0].lastUsed, $0) < (peers[$1].lastUsed, $1) }
            .prefix(max(1, settings.maxHosts / 8))
        let other = otherPeer(now)
        for index in oldest { move(peer: index, to: other) }
        return true
    }

    private mutating func move(peer: Int, to other: Int) {
        for place in peers[peer].ledgers {
            let target = ledger(ledgers[place].owner, other)
            ledgers[target].merge(ledgers[place])
            free(place)
        }
        peers[other].judge.merge(peers[peer].judge)
        if let end = peers[peer].endpoint {
            peerIndex[end] = nil
            names[end] = nil
        }
        peers[peer].isUsed = false
        peers[peer].ledgers = []
        closings.forgetPending()
    }

    /// Adds the processes that ended longest ago to others: to a chosen one where they are chosen, to their user
    /// otherwise. False: none has ended.
    mutating func makeRoomForOwner() -> Bool {
        let ended = owners.indices.filter { owners[$0].isUsed && owners[$0].hasEnded }
        let oldest = ended.sorted { (owners[$0].endedAt, $0) < (owners[$1].endedAt, $1) }
            .prefix(max(1, settings.maxProcesses / 8))
        var hasRoom = false
        for index in oldest {
            guard let target = heir(of: index) else { continue }
            move(owner: index, to: target)
            hasRoom = true
        }
        return hasRoom
    }

    private mutating func heir(of index: Int) -> Int? {
        guard owners[index].isChosen, settings.scope != .all else { return owner(.user(owners[index].user ?? 0)) }
        return owners.indices.first { $0 != index && owners[$0].isUsed && owners[$0].isChosen && !owners[$0].hasEnded }
            ?? owners.indices.first { $0 != index && owners[$0].isUsed && owners[$0].isChosen }
    }

    private mutating func move(owner: Int, to heir: Int) {
        for place in owners[owner].ledgers {
            let target = ledger(heir, ledgers[place].peer)
            ledgers[target].merge(ledgers[place])
            for slot in sockets.indices where sockets[slot].ledger == place { sockets[slot].ledger = target }
            free(place)
        }
        owners[heir].lookups += owners[owner].lookups
        owners[heir].addedCPU += owners[owner].cpuUsed
        ownerIndex[owners[owner].key] = nil
        chosen.forget(owners[owner].key)
        lookupShares = []
        owners[owner].isUsed = false
        owners[owner].ledgers = []
        closings.forgetPending()
    }

    private mutating func free(_ place: Int) {
        let (owner, peer) = (ledgers[place].owner, ledgers[place].peer)
        owners[owner].ledgers.removeAll { $0 == place }
        peers[peer].ledgers.removeAll { $0 == place }
        ledgers[place] = Ledger(owner: owner, peer: peer)
        ledgers[place].isUsed = false
        freeLedgers.append(place)
    }
}

extension Owner {
    /// CPU time since the watch began, in seconds.
    var cpuUsed: Double { max(0, (facts?.cpuSeconds ?? 0) - cpuAtFirst) + addedCPU }
}
