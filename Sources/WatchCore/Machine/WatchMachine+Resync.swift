import PoolModel

/// The kernel's count of opened connections, and what it tells after messages were lost.
extension WatchMachine {
    /// A connect counts when it begins, and is taken back when it fails: so many may do so between two looks.
    private static let mostFailing = 1000

    mutating func activeOpensRead(_ count: Int, _ now: Moment) {
        guard dumps > 0 else { return }
        let seen = kernel.seen + connecting
        let isAnew = kernel.first == nil || count < (kernel.latest ?? count) - Self.mostFailing
        if isAnew {
            // A count that runs far back belongs to another namespace, and counts anew.
            kernel.first = count
            kernel.seenAtFirst = seen
            kernel.latelyAtFirst = kernel.lately
        }
        // Neither goes down, for those who take them for counters.
        kernel.latest = isAnew ? count : max(kernel.latest ?? count, count)
        kernel.seenAtLatest = isAnew ? seen : max(kernel.seenAtLatest, seen)
        resynchronise(now)
    }

    private mutating func resynchronise(_ now: Moment) {
        guard kernel.resyncs != .none, let opened = kernel.opened else { return }
        let missing = opened - kernel.seenSinceFirst
        switch kernel.resyncs {
        case .none: break
        case .wanted:
            kernel.resyncs = .measured(missing)
            schedule.resync(now)
        case .measured(let before):
            kernel.resyncs = .none
            addLost(min(before, missing), now)
        }
    }

    /// Counts connections that only the kernel has counted. They were opened and closed; to the rest they are like the
    /// others that were opened lately.
    private mutating func addLost(_ lost: Int, _ now: Moment) {
        guard lost > 0 else { return }
        kernel.added += lost
        kernel.seen += lost
        kernel.seenAtLatest += lost
        let places = ledgers.indices.filter { ledgers[$0].isUsed && ledgers[$0].recentlyOpened > 0 }
        let total = places.reduce(0) { $0 + ledgers[$1].recentlyOpened }
        guard total > 0 else {
            let place = ledger(Self.nobody, otherPeer(now))
            return ledgers[place].tally.addLost(lost)
        }
        var (sum, given) = (0.0, 0)
        for place in places {
            sum += ledgers[place].recentlyOpened
            let until = Int((Double(lost) * min(1, sum / total)).rounded())
            ledgers[place].tally.addLost(until - given)
            given = until
        }
        let last = places[places.count - 1]
        ledgers[last].tally.addLost(lost - given)
    }
}

extension Tally {
    fileprivate mutating func addLost(_ count: Int) {
        guard count > 0 else { return }
        let ended = max(1, closed - byLoss)
        let requests = (completed * count + ended / 2) / ended
        // Requests of connections that are still open are among those completed.
        let typical = min(requests, count * max(1, started / max(1, opened + base)))
        opened += count
        closed += count
        closerUnknown += count
        completed += typical
        started += typical
        onNew += min(typical, count)
        byLoss += count
    }
}
