package import PoolModel

/// From facts about sockets and processes to the state of every host and every process.
///
/// The machine performs no I/O, reads no clock, and its only randomness is a seeded generator. Every fact comes in through
/// `handle`, everything that it wants to know goes out through `questions`, and the figures through `snapshot`.
///
/// **Connections.** A socket of a dump is tracked until it is destroyed; one that is destroyed without having been in a dump
/// is counted as opened and closed at once. Each has its part in one ledger, which is the account of one owner's
/// connections to one remote end. Sockets of the first dump are the base: open, but not opened. So `opened + base =
/// closed + open` holds in every ledger at every instant, whatever comes late, twice or never.
///
/// **Owners.** The owner of a tracked socket is known by its inode or the kernel's trace. A connection that no dump saw goes
/// to the owners of those that were seen to the same end, by their shares of new connections; until there are shares it
/// waits in the account of nobody.
///
/// **Limits.** Remote ends, processes and their ledgers are limited in number; beyond the limits old ones are added to others,
/// so that sums stay as they are.
package struct WatchMachine {
    var settings: WatchSettings
    let startedAt: Moment
    var random: SplitMix64

    // Sockets.
    var slots: [UInt64: Int] = [:]
    var sockets: [TrackedSocket] = []
    var freeSockets: [Int] = []
    var nextSerial = 0
    var gone = RecentCookies()
    var listeners = Listeners()
    var dumps = 0
    var lastDumpAt = Moment.zero
    /// Connections being opened, as of the latest dump.
    var connecting = 0
    /// Tracked sockets whose owner may be found by reading files.
    var unowned: Set<Int> = []

    // Accounts.
    var ledgers: [Ledger] = []
    var freeLedgers: [Int] = []
    var owners: [Owner] = []
    var ownerIndex: [OwnerKey: Int] = [:]
    var peers: [Peer] = []
    var peerIndex: [Endpoint: Int] = [:]
    var nextPeer = 0
    var names: [Endpoint: String] = [:]
    /// Ends that their name no longer leads to.
    var outOfDNS: Set<Endpoint> = []

    // Processes.
    var processes: [Int: KnownProcess] = [:]
    var hasReadProcesses = false
    var readableUsers: Set<UInt32> = []
    var userNames: [UInt32: String] = [:]
    var chosen = ChosenProcesses()

    // Closers and traces.
    var closings = Closings()
    var traces = Traces()

    // The kernel's count.
    var kernel = KernelTotals()
    var timesLost = 0

    // Lookups.
    var lookups = 0
    var hasSeenDatagrams = false
    /// The owners' parts of new connections as of a dump, empty until a lookup needs them.
    var lookupShares: [(owner: Int, share: Double)] = []

    var schedule: Schedule
    var sequence = 0
    var notices: [AgentNotice] = []
    var ignored = 0
    var lacksFigures = false
    /// True if connections came or went since the latest dump, so that owners are to be looked for.
    var isChurning = false
    /// The process that was read last without being known for connections.
    var lastStranger = 0
    var acceptance = Acceptance()

    package init(settings: WatchSettings, seed: UInt64, startedAt: Moment) {
        self.settings = settings
        self.startedAt = startedAt
        random = SplitMix64(seed: seed)
        schedule = Schedule(startedAt: startedAt)
        _ = owner(.nobody)
        choose(settings.scope)
    }

    /// The account of connections that cannot be given to anyone yet.
    static let nobody = 0

    package mutating func handle(_ fact: Fact, now: Moment) {
        switch fact {
        case .dumped(let records): dumped(records, now)
        case .destroyed(let record): destroyed(record, now)
        case .timeWaitFound(let pair, let isOurs): learnCloser(of: pair, isOurs ? .process : .peer)
        case .ownersRead(let owners, let read): ownersRead(owners, of: read, now)
        case .glimpsed(let sockets): glimpsed(sockets, now)
        case .processesRead(let processes): processesRead(processes, now)
        case .activeOpensRead(let count): activeOpensRead(count, now)
        case .timeWaitsDumped(let counts, let all): timeWaitsDumped(counts, all)
        case .messagesLost: messagesLost(now)
        case .stateTraced(let change): stateTraced(change, now)
        case .namesLearnt(let names): namesLearnt(names)
        case .addressesLeft(let ends): outOfDNS.formUnion(ends)
        }
    }

    /// False: this end has no account, so nothing of its sockets need be told.
    package func isKnown(_ end: Endpoint) -> Bool { peerIndex[end] != nil }

    private mutating func timeWaitsDumped(_ counts: [Endpoint: Int], _ all: Int) {
        for index in peers.indices where peers[index].isUsed {
            peers[index].timeWaits = peers[index].endpoint.map { counts[$0] ?? 0 }
        }
        schedule.timeWaits = all
    }

    private mutating func messagesLost(_ now: Moment) {
        timesLost += 1
        kernel.resyncs = .wanted
        schedule.resync(now)
    }

    private mutating func namesLearnt(_ learnt: [Endpoint: String]) {
        for (end, name) in learnt { names[end] = name }
        outOfDNS.subtract(learnt.keys)
        for peer in peers.indices where peers[peer].isUsed {
            peers[peer].name = peers[peer].endpoint.flatMap(knownName)
        }
        // Names of ends that were never seen may be many.
        if names.count > 65_536 { names = names.filter { peerIndex[$0.key] != nil } }
        if outOfDNS.count > 65_536 { outOfDNS = outOfDNS.filter { peerIndex[$0] != nil } }
    }

    private func knownName(of end: Endpoint) -> String? {
        names[end] ?? names[Endpoint(address: end.address, port: 0)]
    }

    // MARK: Accounts

    /// The place of an owner's account, which is made where there is none.
    mutating func owner(_ key: OwnerKey) -> Int {
        if let index = ownerIndex[key] { return index }
        if case .process(let pid, _) = key, owners.count(where: \.isUsed) >= settings.maxProcesses, !makeRoomForOwner()
        {
            return owner(.user(processes[pid]?.facts.user ?? 0))
        }
        var owner = Owner(key: key)
        switch key {
        case .process(let pid, _):
            owner.facts = processes[pid]?.facts
            owner.cpuAtFirst = processes[pid]?.cpuAtFirst ?? 0
            owner.user = owner.facts?.user
        case .user(let user): owner.user = user
        case .nobody: break
        }
        owner.isChosen = settings.scope == .all || chosen.keys.contains(key)
        let index = owners.firstIndex { !$0.isUsed } ?? owners.count
        if index == owners.count { owners.append(owner) } else { owners[index] = owner }
        ownerIndex[key] = index
        return index
    }

    /// The place of the ledger of an owner at an end, which is made where there is none.
    mutating func ledger(_ owner: Int, _ peer: Int) -> Int {
        for index in peers[peer].ledgers where ledgers[index].owner == owner { return index }
        let ledger = Ledger(owner: owner, peer: peer)
        let index = freeLedgers.popLast() ?? ledgers.count
        if index == ledgers.count { ledgers.append(ledger) } else { ledgers[index] = ledger }
        peers[peer].ledgers.append(index)
        owners[owner].ledgers.append(index)
        return index
    }

    mutating func peer(_ end: Endpoint, _ now: Moment) -> Int {
        if let index = peerIndex[end] {
            peers[index].lastUsed = now
            return index
        }
        if peerIndex.count >= settings.maxHosts, !makeRoomForPeer(now) { return otherPeer(now) }
        return addPeer(end, now)
    }

    mutating func addPeer(_ end: Endpoint?, _ now: Moment) -> Int {
        let peer = Peer(endpoint: end, id: nextPeer, name: end.flatMap(knownName), lastUsed: now)
        nextPeer += 1
        let index = peers.firstIndex { !$0.isUsed } ?? peers.count
        if index == peers.count { peers.append(peer) } else { peers[index] = peer }
        if let end { peerIndex[end] = index }
        return index
    }

    func otherIndex() -> Int? { peers.firstIndex { $0.isUsed && $0.endpoint == nil } }

    mutating func otherPeer(_ now: Moment) -> Int { otherIndex() ?? addPeer(nil, now) }
}
