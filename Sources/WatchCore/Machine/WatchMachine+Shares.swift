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
        let heirs = heirs(peer)
        let total = heirs.reduce(0) { $0 + $1.weight }
        if heirs.isEmpty || !isReady(peer, total, now) {
            if peers[peer].firstUnseen == nil { peers[peer].firstUnseen = now }
            schedule.sharedAt = now
            return (ledger(Self.nobody, peer), false)
        }
        let given = heirs.reduce(1) { $0 + ledgers[$1.place].given }
        var (best, most) = (heirs[0].place, -Double.infinity)
        for (place, weight) in heirs {
            let due = weight / total * given - ledgers[place].given
            if due > most { (best, most) = (place, due) }
        }
        ledgers[best].given += 1
        let isShared = heirs.count > 1 || total < Self.enough
        if isShared { schedule.sharedAt = now }
        return (best, isShared)
    }

    private func isReady(_ peer: Int, _ total: Double, _ now: Moment) -> Bool {
        total >= Self.enough || peers[peer].firstUnseen.map { now - $0 >= Self.patience } ?? false
    }

    /// How many new connections were seen with their owner.
    func seenWithOwner(_ peer: Int) -> Double {
        peers[peer].ledgers.reduce(0) { $0 + (ledgers[$1].owner == Self.nobody ? 0 : ledgers[$1].weight) }
    }

    /// The accounts among which connections are divided, and their parts. Where few were seen with their owner, chance has a large
    /// part in who those are. So processes of one program are also told apart by how often they write, which for a program
    /// that does the same in each of them goes with its requests; the more were seen, the less that counts.
    private func heirs(_ peer: Int) -> [(place: Int, weight: Double)] {
        var heirs = peers[peer].ledgers.filter { ledgers[$0].weight > 0 && ledgers[$0].owner != Self.nobody }
            .map { (place: $0, weight: ledgers[$0].weight) }
        guard heirs.count > 1 else { return heirs }
        let groups = Dictionary(grouping: heirs.indices) { owners[ledgers[heirs[$0].place].owner].facts?.name ?? "" }
        for (name, members) in groups where members.count > 1 && !name.isEmpty {
            let writes = members.map { owners[ledgers[heirs[$0].place].owner].writes ?? 0 }
            let (all, seen) = (writes.reduce(0, +), members.reduce(0) { $0 + heirs[$1].weight })
            guard writes.allSatisfy({ $0 > 0 }) else { continue }
            let expected = writes.map { seen * $0 / all }
            // A process that writes for others too would have been seen far too seldom.
            let isLikely = zip(members, expected).allSatisfy { abs(heirs[$0].weight - $1) <= 3 * ($1 + 1).squareRoot() }
            guard isLikely else { continue }
            for (member, part) in zip(members, expected) {
                heirs[member].weight =
                    (heirs[member].weight * seen + part * Self.writesCountFor) / (seen + Self.writesCountFor)
            }
        }
        return heirs
    }

    /// As many connections that were seen with their owner count as much as what processes write.
    private static let writesCountFor = 600.0

    /// Gives what waits in the account of nobody to the owners that are known by now.
    mutating func divideUnseen(_ now: Moment) {
        for place in owners[Self.nobody].ledgers where ledgers[place].tally.opened > 0 {
            let peer = ledgers[place].peer
            let heirs = heirs(peer)
            let total = heirs.reduce(0) { $0 + $1.weight }
            guard !heirs.isEmpty, isReady(peer, total, now) else { continue }
            var whole = ledgers[place].tally
            for slot in unowned where sockets[slot].ledger == place { whole.subtract(sockets[slot].part) }
            guard whole.opened > 0 else { continue }
            var sum = 0.0
            for (heir, weight) in heirs {
                let from = sum / total
                sum += weight
                var part = whole.part(from: from, to: min(1, sum / total))
                if heirs.count == 1 && total >= Self.enough { part.byShares = 0 }
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
