import PoolModel

/// A process that runs.
struct KnownProcess {
    var facts: ProcessFacts
    /// CPU time before the watch, in seconds.
    var cpuAtFirst: Double
    /// The parent at first sight: an orphan's later parent is process 1.
    var parent: Int
    var parentStart: UInt64

    var key: OwnerKey { .process(pid: facts.pid, startTicks: facts.startTicks) }
}

/// The processes that were chosen. A number means the process that has it when it is first seen, and no later one.
struct ChosenProcesses {
    /// The chosen processes and, where they are included, their descendants, also those that ended.
    private(set) var keys: Set<OwnerKey> = []
    /// Chosen numbers that no process had yet.
    var unresolved: Set<Int> = []

    mutating func reset(_ unresolved: Set<Int>) {
        keys = []
        self.unresolved = unresolved
    }

    mutating func insert(_ key: OwnerKey) { keys.insert(key) }
    mutating func forget(_ key: OwnerKey) { keys.remove(key) }
}

extension WatchMachine {
    /// Chooses other processes. Nothing is lost, because all are counted whether they are chosen or not.
    package mutating func choose(_ scope: WatchScope) {
        settings.scope = scope
        switch scope {
        case .all, .named: chosen.reset([])
        case .processes(let numbers): chosen.reset(numbers)
        }
        for index in owners.indices.reversed() where owners[index].isUsed {
            guard let pid = owners[index].pid, owners[index].hasEnded else { continue }
            if chosen.unresolved.contains(pid), processes[pid] == nil {
                chosen.insert(owners[index].key)
                chosen.unresolved.remove(pid)
            }
            if case .named(let name) = scope, owners[index].facts?.isNamed(name) == true {
                chosen.insert(owners[index].key)
            }
        }
        refreshChosen()
    }

    mutating func processesRead(_ all: [ProcessFacts], _ now: Moment) {
        let previous = processes
        processes.removeAll(keepingCapacity: true)
        for facts in all {
            var known: KnownProcess
            if let before = previous[facts.pid], before.facts.startTicks == facts.startTicks {
                known = before
                known.facts = facts
            } else {
                known = KnownProcess(
                    facts: facts, cpuAtFirst: hasReadProcesses ? 0 : facts.cpuSeconds, parent: facts.parent,
                    parentStart: 0)
            }
            processes[facts.pid] = known
            userNames[facts.user] = facts.userName
        }
        for (pid, known) in processes where previous[pid]?.facts.startTicks != known.facts.startTicks {
            let parentStart = processes[known.parent]?.facts.startTicks ?? 0
            processes[pid]?.parentStart = parentStart
        }
        hasReadProcesses = true
        readableUsers = Set(processes.values.lazy.filter(\.facts.isReadable).map(\.facts.user))
        adoptUnnamed()
        for index in owners.indices where owners[index].isUsed { update(owner: index, now) }
        refreshChosen()
    }

    /// Owners that were learnt before their process was read get its beginning.
    private mutating func adoptUnnamed() {
        for index in owners.indices where owners[index].isUsed && owners[index].facts == nil {
            guard let pid = owners[index].pid, let known = processes[pid], ownerIndex[known.key] == nil else {
                continue
            }
            ownerIndex[owners[index].key] = nil
            ownerIndex[known.key] = index
            owners[index].key = known.key
            owners[index].cpuAtFirst = known.cpuAtFirst
        }
    }

    private mutating func update(owner index: Int, _ now: Moment) {
        guard let pid = owners[index].pid, !owners[index].hasEnded else { return }
        if let known = processes[pid], known.key == owners[index].key {
            if let now = known.facts.writes, let before = owners[index].facts?.writes {
                owners[index].writes = (owners[index].writes ?? 0) + Double(now >= before ? now - before : 0)
            }
            owners[index].facts = known.facts
            owners[index].user = known.facts.user
        } else {
            owners[index].hasEnded = true
            owners[index].endedAt = now
            // It opens no more connections.
            for place in owners[index].ledgers { ledgers[place].weight = 0 }
        }
    }

    /// Marks the owners that figures are about. Chosen processes are owners even without connections.
    private mutating func refreshChosen() {
        switch settings.scope {
        case .all: break
        case .processes:
            for pid in chosen.unresolved.sorted() {
                guard let known = processes[pid] else { continue }
                chosen.insert(known.key)
                chosen.unresolved.remove(pid)
            }
        case .named(let name):
            for known in processes.values where known.facts.isNamed(name) { chosen.insert(known.key) }
        }
        if settings.includesChildren && settings.scope != .all { chooseDescendants() }
        if settings.scope != .all {
            for known in processes.values.sorted(by: { $0.facts.pid < $1.facts.pid })
            where chosen.keys.contains(known.key) {
                _ = owner(known.key)
            }
        }
        for index in owners.indices where owners[index].isUsed {
            owners[index].isChosen = settings.scope == .all || chosen.keys.contains(owners[index].key)
        }
    }

    private mutating func chooseDescendants() {
        // Parents began before their children, and clock ticks may be equal, so the rounds end when nothing is added.
        var rest = processes.values.filter { !chosen.keys.contains($0.key) }
        while true {
            let found = rest.filter {
                chosen.keys.contains(.process(pid: $0.parent, startTicks: $0.parentStart))
            }
            guard !found.isEmpty else { return }
            for known in found { chosen.insert(known.key) }
            rest.removeAll { chosen.keys.contains($0.key) }
        }
    }

    // MARK: Owners of sockets

    mutating func ownersRead(_ owners: [UInt64: Int], of read: Set<Int>, _ now: Moment) {
        var found = 0
        for slot in unowned.sorted() {
            guard let pid = owners[sockets[slot].inode] else { continue }
            let owner = process(pid)
            if self.owners[owner].ledgers.isEmpty { found += 1 }
            give(slot, to: owner)
        }
        schedule.ownersRead(found: found)
    }

    /// The account of the process that has this number now.
    mutating func process(_ pid: Int) -> Int {
        if let known = processes[pid] { return owner(known.key) }
        let running = owners.indices.last { owners[$0].isUsed && owners[$0].pid == pid && !owners[$0].hasEnded }
        if let running { return running }
        return owner(.process(pid: pid, startTicks: 0))
    }

    private mutating func give(_ slot: Int, to owner: Int) {
        unowned.remove(slot)
        let (from, to) = (sockets[slot].ledger, ledger(owner, ledgers[sockets[slot].ledger].peer))
        guard from != to else { return }
        ledgers[from].tally.subtract(sockets[slot].part)
        ledgers[to].tally.add(sockets[slot].part)
        ledgers[to].peakOpen = max(ledgers[to].peakOpen, ledgers[to].tally.open)
        sockets[slot].ledger = to
        if sockets[slot].isWeighed { ledgers[from].weight = max(0, ledgers[from].weight - sockets[slot].weight) }
        weigh(slot)
        if !sockets[slot].isBase {
            ledgers[from].recentlyOpened = max(0, ledgers[from].recentlyOpened - 1)
            ledgers[to].recentlyOpened += 1
        }
    }

    /// Counts a new connection for the share of its owner. One of the beginning hardly counts: it tells that the owner has
    /// connections to this end, but not that it opens them.
    mutating func weigh(_ slot: Int) {
        sockets[slot].isWeighed = true
        owners[ledgers[sockets[slot].ledger].owner].hasOpened = true
        ledgers[sockets[slot].ledger].weight += sockets[slot].weight
        peers[ledgers[sockets[slot].ledger].peer].sighted += sockets[slot].weight
    }
}

extension TrackedSocket {
    fileprivate var weight: Double { isBase ? 0.001 : 1 }
}
