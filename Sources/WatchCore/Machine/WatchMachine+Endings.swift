import PoolModel

/// Sockets that were destroyed.
extension WatchMachine {
    mutating func destroyed(_ record: SocketRecord, _ now: Moment) {
        guard record.transport == .tcp else { return lookedUp(record) }
        // A socket that was never connected, or failed to, has no remote end.
        guard record.pair.remote.port != 0 else { return }
        if let slot = slots[record.cookie] {
            gone.insert(record.cookie)
            end(slot, record.tcp, now)
        } else if !listeners.isOutbound(record) {
            acceptance.noteEnded(at: record.pair.local)
        } else if gone.contains(record.cookie) {
            ignored += 1
        } else if record.wasConnected {
            gone.insert(record.cookie)
            if dumps == 0 { ignored += 1 } else { countUnseen(record, now) }
        } else {
            _ = traces.take(record.pair)
        }
    }

    /// Counts the end of a tracked socket; nil: its last figures are not known.
    mutating func end(_ slot: Int, _ figures: TCPFigures?, _ now: Moment) {
        let socket = sockets[slot]
        slots[socket.cookie] = nil
        sockets[slot].cookie = 0
        sockets[slot].ledger = -1
        freeSockets.append(slot)
        unowned.remove(slot)
        isChurning = true
        let traced = traces.take(socket.pair)
        var ending = Ending(socket: socket, figures: figures, now: now)
        ending.known = traced?.closer ?? socket.closer
        var part = ending.part(of: socket)
        part.byShares = socket.part.byShares
        // After a reset there was no FIN, and without last figures there is none in them.
        part.bytesSent = max(part.bytesSent, socket.part.bytesSent)
        part.bytesReceived = max(part.bytesReceived, socket.part.bytesReceived)
        ledgers[socket.ledger].tally.subtract(socket.part)
        ledgers[socket.ledger].tally.add(part)
        ledgers[socket.ledger].ages.append((now - socket.firstSeen).asSeconds)
        settle(ending, socket.pair, socket.ledger, mayAsk: figures != nil, now)
    }

    /// Counts a connection that no dump saw: it was opened and closed between two.
    private mutating func countUnseen(_ record: SocketRecord, _ now: Moment) {
        let peer = peer(record.pair.remote, now)
        peers[peer].unseen += 1
        let traced = traces.take(record.pair)
        let place: Int
        var isShared = false
        if let pid = traced?.pid {
            place = ledger(process(pid), peer)
            ledgers[place].weight += 1
        } else {
            (place, isShared) = ledgerByShares(peer, now)
        }
        var ending = Ending(
            record.tcp ?? TCPFigures(), overhead: peers[peer].overhead, hasFigures: record.tcp != nil)
        ending.known = traced?.closer
        var part = ending.part(pair: record.pair)
        part.byShares = isShared ? 1 : 0
        ledgers[place].tally.add(part)
        ledgers[place].ages.appendUnmeasured()
        noteOpened(place)
        settle(ending, record.pair, place, mayAsk: true, now)
    }

    /// Counts how a connection ended: which side closed first, and for the peer, whether a response was awaited.
    private mutating func settle(_ ending: Ending, _ pair: SocketPair, _ place: Int, mayAsk: Bool, _ now: Moment) {
        let peer = ledgers[place].peer
        var pending = Closings.Pending(
            ledger: place, peer: peer, sign: ending.sign, guess: ending.known, isActive: ending.isActive,
            idleSeconds: ending.idleSeconds)
        if ending.known == nil && mayAsk {
            pending.guess = peers[peer].judge.guess(ending.sign)
            ledgers[place].tally.closerGuessed += 1
            if closings.mayAsk(&random, now: now) { closings.ask(pair, pending) } else { noteIdleAge(pending, now) }
        } else if ending.known != nil {
            noteIdleAge(pending, now)
        }
        ledgers[place].tally.count(1, closedBy: pending.guess, isActive: ending.isActive)
    }

    /// Puts right what was guessed of a connection.
    mutating func learnCloser(of pair: SocketPair, _ closer: Closer) {
        guard let pending = closings.answered(pair) else { return ignored += 1 }
        ledgers[pending.ledger].tally.count(-1, closedBy: pending.guess, isActive: pending.isActive)
        ledgers[pending.ledger].tally.count(1, closedBy: closer, isActive: pending.isActive)
        ledgers[pending.ledger].tally.closerGuessed -= 1
        peers[pending.peer].judge.learn(pending.sign, closer)
        var settled = pending
        settled.guess = closer
        noteIdleAge(settled, lastDumpAt)
    }

    private mutating func noteIdleAge(_ closing: Closings.Pending, _ now: Moment) {
        guard closing.guess == .peer, !closing.isActive else { return }
        ledgers[closing.ledger].idleAges.append(closing.idleSeconds)
        // A server that closes with its response is no news; and one that closes connections for their idle time does so often.
        let isQuiet = peers[closing.peer].noticedAt.map { now - $0 < .seconds(60) } ?? false
        let isAboutChosen = owners[ledgers[closing.ledger].owner].isChosen
        guard closing.idleSeconds > 0.1, !isQuiet, isAboutChosen || settings.scope == .all else { return }
        peers[closing.peer].noticedAt = now
        notices.append(
            AgentNotice(
                level: .info, uptimeSeconds: max(0, (now - startedAt).asSeconds), hostID: hostID(of: closing.peer),
                hostName: hostName(of: closing.peer), kind: .idleClosedByPeer(ageSeconds: closing.idleSeconds)))
        if notices.count > AgentSnapshot.eventLimit { notices.removeFirst(notices.count - AgentSnapshot.eventLimit) }
    }

    mutating func stateTraced(_ change: TracedChange, _ now: Moment) {
        guard listeners.isOutbound(change.pair), change.pair.local.port != 0 else { return }
        switch (change.old, change.new) {
        case (.closed, .synSent): traces.noteOpened(change.pair, by: change.pid)
        case (.established, .closeWait): traces.noteClosed(change.pair, by: .peer)
        case (.established, .finWait1): traces.noteClosed(change.pair, by: .process)
        case _: break
        }
    }
}

extension SocketRecord {
    /// A client's SYN is acknowledged as if it were a byte, so none was connected without one.
    fileprivate var wasConnected: Bool { tcp.map { $0.bytesAcknowledged > 0 || $0.dataSegmentsReceived > 0 } ?? true }
}

extension Tally {
    fileprivate mutating func count(_ amount: Int, closedBy closer: Closer?, isActive: Bool) {
        switch closer {
        case .peer where isActive: peerClosedActive += amount
        case .peer: peerClosedIdle += amount
        case .process: closedByProcess += amount
        case nil: closerUnknown += amount
        }
    }
}

/// The last figures of a connection, and what they tell of its end.
struct Ending {
    var figures: TCPFigures
    var exchanges: Exchanges
    var sign: CloserJudge.Sign
    /// The side that closed first, where that is known without asking.
    var known: Closer?
    var idleSeconds: Double
    var isActive: Bool { exchanges.isActive }

    /// A connection that no dump saw.
    init(_ figures: TCPFigures, overhead: Int, hasFigures: Bool) {
        self.figures = figures
        sign = CloserJudge.sign(hasFigures ? figures : nil)
        // The process's own end of a TLS session is data too, and no request.
        let isActive = figures.awaitsResponse(overhead: overhead) && (overhead == 0 || sign == .peer)
        exchanges = Exchanges(figures, isActive: isActive, overhead: overhead)
        idleSeconds = Double(figures.lastReceivedMilliseconds) / 1000
    }

    /// A tracked socket. Without last figures, those of the last dump that had it count.
    init(socket: TrackedSocket, figures last: TCPFigures?, now: Moment) {
        figures = last ?? socket.figures
        sign = CloserJudge.sign(last)
        let overhead = socket.isBase ? 0 : socket.overhead
        let isTLS = socket.pair.remote.isTLS
        let isActive = figures.awaitsResponse(overhead: overhead) && (!isTLS || sign == .peer)
        exchanges = Exchanges(
            figures, isActive: isActive, before: socket.before, overhead: overhead,
            startedFloor: isActive ? socket.startedFloor : socket.completedFloor, completedFloor: socket.completedFloor)
        if exchanges.started < socket.startedFloor { exchanges.started = socket.startedFloor }
        idleSeconds = Double(figures.lastReceivedMilliseconds) / 1000
        // The end of a TLS session is told by data, so the age since the data before is that of the last dump and the time
        // since then.
        let more = max(
            Int(figures.dataSegmentsReceived) - Int(socket.figures.dataSegmentsReceived),
            Int(figures.dataSegmentsSent) - Int(socket.figures.dataSegmentsSent))
        if isTLS && more == 1 && !isActive {
            let atDump = Double(socket.figures.lastReceivedMilliseconds) / 1000
            idleSeconds = max(idleSeconds, atDump + max(0, (now - socket.seenAt).asSeconds))
        }
    }

    func part(of socket: TrackedSocket) -> Tally {
        part(isBase: socket.isBase, before: socket.before, pair: socket.pair)
    }

    /// The part of a connection that is closed. The two FINs are counted as if they were a byte each.
    func part(isBase: Bool = false, before: TCPFigures = TCPFigures(), pair: SocketPair) -> Tally {
        var tally = Tally()
        tally.closed = 1
        if isBase { tally.base = 1 } else { tally.opened = 1 }
        tally.count(exchanges, figures, isBase: isBase, before: before, pair: pair)
        tally.bytesSent = max(0, tally.bytesSent - 1)
        tally.bytesReceived = max(0, tally.bytesReceived - 1)
        tally.unanswered = exchanges.started - exchanges.completed
        return tally
    }
}
