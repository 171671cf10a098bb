package import PoolModel

/// Processes that were seen with a new socket, though not to which end it led.
extension WatchMachine {
    /// An end with less than this share of the connections that no dump saw is left to dumps.
    private static let leastShare = 0.05
    /// Shares from so many sockets are off by less than two points in a hundred, two times of three.
    static let precise = 800.0
    /// Others that are looked at besides those that matter.
    private static let strangers = 2

    /// A connection of a millisecond is hardly ever in a dump and still there when the files of its owner are read. A new
    /// socket among those files tells who opens connections. It counts for the ends whose connections come and go unseen, in
    /// proportion, until enough of them were seen with their owner.
    mutating func glimpsed(_ found: [Int: Glimpse], _ now: Moment) {
        guard !found.isEmpty else { return }
        let unseen = peers.reduce(0) { $0 + ($1.isUsed ? $1.unseen : 0) }
        let ends = peers.indices.filter { peer in
            peers[peer].isUsed && peers[peer].unseen > 0.5 && peers[peer].unseen >= unseen * Self.leastShare
                && peers[peer].sighted < Self.precise
        }
        schedule.leastSeen = ends.map { seenWithOwner($0) }.min() ?? Self.precise
        for (pid, glimpse) in found { acceptance.note(glimpse, of: pid) }
        for (pid, glimpse) in found.sorted(by: { $0.key < $1.key }) where processes[pid] != nil {
            let ends = ends.filter { peers[$0].endpoint.map { !acceptance.accepts(pid, at: $0) } ?? true }
            let total = ends.reduce(0) { $0 + peers[$1].unseen }
            let opened = Double(glimpse.added) * acceptance.openedPart(of: pid, openedByAll: unseen)
            guard total > 0, opened > 0 else { continue }
            let owner = process(pid)
            // A server's sockets are all accepted, until a connection of its own is seen.
            guard glimpse.accepts.isEmpty || owners[owner].hasOpened else { continue }
            for peer in ends {
                let place = ledger(owner, peer)
                ledgers[place].weight += opened * peers[peer].unseen / total
            }
        }
        divideUnseen(now)
    }

    /// Tells the CPU time of the latest glimpse.
    package mutating func glimpseTook(cpu: Nanoseconds) { schedule.glimpseTook(cpu) }

    /// The processes to look at: those that matter, and some others in turn.
    mutating func glimpseCandidates(_ now: Moment) -> Set<Int> {
        var candidates = busyOwners()
        addStrangers(Self.strangers, to: &candidates, now)
        return candidates
    }
}
