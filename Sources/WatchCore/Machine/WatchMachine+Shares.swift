import PoolModel

/// The owners of connections that no dump saw.
extension WatchMachine {
    /// Shares are drawn from so many new connections at least, or from those of a second.
    static let enough = 16.0
    private static let patience = Nanoseconds.seconds(1)

    /// The ledger of the owner whose turn it is, and whether it is an estimate: there was a choice, or so few connections
    /// were seen with their owner that another may have been missed. Over many connections each owner gets its
    /// share, to the nearest whole one.
    mutating func ledgerByShares(_ peer: Int, _ now: Moment) -> (ledger: Int, isShared: Bool) {
        let (total, count) = weights(peer)
        if count == 0 || !isReady(peer, total, now) {
            if peers[peer].firstUnseen == nil { peers[peer].firstUnseen = now }
            schedule.sharedAt = now
            return (ledger(Self.nobody, peer), false)
        }
        let heirs = peers[peer].ledgers.filter { ledgers[$0].weight > 0 && ledgers[$0].owner != Self.nobody }
        let given = heirs.reduce(1) { $0 + ledgers[$1].given }
        var (best, most) = (heirs[0], -Double.infinity)
        for place in heirs {
            let due = ledgers[place].weight / total * given - ledgers[place].given
            if due > most { (best, most) = (place, due) }
        }
        ledgers[best].given += 1
        let isShared = count > 1 || total < Self.enough
        if isShared { schedule.sharedAt = now }
        return (best, isShared)
    }

    private func isReady(_ peer: Int, _ total: Double, _ now: Moment) -> Bool {
        total >= Self.enough || peers[peer].firstUnseen.map { now - $0 >= Self.patience } ?? false
    }

    func weights(_ peer: Int) -> (total: Double, count: Int) {
        var (total, count) = (0.0, 0)
        for place in peers[peer].ledgers where ledgers[place].weight > 0 && ledgers[place].owner != Self.nobody {
            total += ledgers[place].weight
            count += 1
        }
        return (total, count)
    }

    /// Gives what waits in the account of nobody to the owners that are known by now.
    mutating func divideUnseen(_ now: Moment) {
        for place in owners[Self.nobody].ledgers where ledgers[place].tally.opened > 0 {
            let peer = ledgers[place].peer
            let (total, count) = weights(peer)
            guard count > 0, isReady(peer, total, now) else { continue }
            var whole = ledgers[place].tally
            for slot in unowned where sockets[slot].ledger == place { whole.subtract(sockets[slot].part) }
            guard whole.opened > 0 else { continue }
            var sum = 0.0
            for heir in peers[peer].ledgers where ledgers[heir].weight > 0 && ledgers[heir].owner != Self.nobody {
                let from = sum / total
                sum += ledgers[heir].weight
                var part = whole.part(from: from, to: min(1, sum / total))
                if count == 1 && total >= Self.enough { part.byShares = 0 }
                ledgers[heir].tally.add(part)
                ledgers[place].tally.subtract(part)
                ledgers[heir].recentlyOpened += Double(part.opened)
                ledgers[heir].given += Double(part.opened)
            }
            moveAges(from: place, at: peer)
            ledgers[place].tally.byShares = 0
            ledgers[place].recentlyOpened = 0
            closings.forgetPending()
        }
    }

    /// A connection is in no part of two accounts, and neither is its age. All go to the owner of the largest share, because
    /// they tell about the server.
    private mutating func moveAges(from place: Int, at peer: Int) {
        let heirs = peers[peer].ledgers.filter { ledgers[$0].owner != Self.nobody }
        guard let heir = heirs.max(by: { ledgers[$0].weight < ledgers[$1].weight }) else { return }
        ledgers[heir].ages.append(contentsOf: ledgers[place].ages)
        ledgers[heir].idleAges.append(contentsOf: ledgers[place].idleAges)
        ledgers[place].ages = SampleRing()
        ledgers[place].idleAges = SampleRing()
    }

    /// A datagram socket to a DNS server that is gone is a lookup: resolvers of the C library use one for each. No dump has
    /// them, so their owners are told by new connections, which most lookups are for.
    mutating func lookedUp(_ record: SocketRecord) {
        hasSeenDatagrams = true
        guard record.pair.remote.port == 53 else { return }
        lookups += 1
        if lookupShares.isEmpty { lookupShares = sharesOfOpened() }
        guard var best = lookupShares.first?.owner else { return owners[Self.nobody].lookups += 1 }
        for (owner, share) in lookupShares {
            owners[owner].lookupCredit += share
            if owners[owner].lookupCredit > owners[best].lookupCredit { best = owner }
        }
        owners[best].lookupCredit -= 1
        owners[best].lookups += 1
    }

    private func sharesOfOpened() -> [(owner: Int, share: Double)] {
        var opened: [(owner: Int, share: Double)] = []
        for index in owners.indices where owners[index].isUsed && !owners[index].hasEnded && index != Self.nobody {
            let recent = owners[index].ledgers.reduce(0) { $0 + ledgers[$1].recentlyOpened }
            if recent > 0.1 { opened.append((index, recent)) }
        }
        let total = opened.reduce(0) { $0 + $1.share }
        return opened.map { ($0.owner, $0.share / total) }
    }
}
