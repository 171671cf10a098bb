import PoolModel

/// Dumps of all sockets.
extension WatchMachine {
    mutating func dumped(_ records: [SocketRecord], _ now: Moment) {
        let isFirst = dumps == 0
        dumps += 1
        schedule.listed = records.count
        for record in records where record.state == .listen { listeners.note(record.pair.local, now: now) }
        listeners.forgetOld(now: now)
        connecting = 0
        isChurning = false
        lookupShares = []
        fade(from: lastDumpAt, to: now)
        for record in records where record.transport == .tcp && listeners.isOutbound(record) {
            if let slot = slots[record.cookie] {
                refresh(slot, record, now)
            } else if record.state == .synSent {
                connecting += 1
            } else if record.state.isOpen && !gone.contains(record.cookie) {
                admit(record, isBase: isFirst, now)
            }
        }
        lookForMissing(now)
        gone.forgetOld(now: now)
        lastDumpAt = now
        kernel.lately = kernel.seen - kernel.seenAtDump
        kernel.seenAtDump = kernel.seen
        divideUnseen(now)
    }

    /// Weights fall by half in thirty seconds: slowly enough for the shares of a few connections a second to be steady.
    private mutating func fade(from: Moment, to: Moment) {
        let factor = Exponential.decay(halvings: max(0, (to - from).asSeconds) / 30)
        for index in ledgers.indices {
            ledgers[index].weight *= factor
            ledgers[index].recentlyOpened *= factor
            ledgers[index].given *= factor
        }
        for index in peers.indices {
            peers[index].unseen *= factor
            peers[index].sighted *= factor
        }
        acceptance.fade(factor)
        for index in owners.indices { owners[index].writes = owners[index].writes.map { $0 * factor } }
    }

    private mutating func refresh(_ slot: Int, _ record: SocketRecord, _ now: Moment) {
        let before = sockets[slot].part
        sockets[slot].dump = dumps
        sockets[slot].missingSince = nil
        sockets[slot].missedDumps = 0
        sockets[slot].seenAt = now
        sockets[slot].state = record.state
        sockets[slot].noteCloser(record.state)
        if let figures = record.tcp { sockets[slot].figures = figures }
        sockets[slot].count()
        guard before != sockets[slot].part else { return }
        ledgers[sockets[slot].ledger].tally.subtract(before)
        ledgers[sockets[slot].ledger].tally.add(sockets[slot].part)
    }

    private mutating func admit(_ record: SocketRecord, isBase: Bool, _ now: Moment) {
        let peer = peer(record.pair.remote, now)
        let traced = traces.entries[record.pair]
        let known = traced?.pid.map { process($0) }
        let isFindable = known == nil && readableUsers.contains(record.user)
        let place = ledger(known ?? (isFindable ? Self.nobody : owner(.user(record.user))), peer)
        var socket = TrackedSocket(
            cookie: record.cookie, serial: nextSerial, pair: record.pair, ledger: place, user: record.user,
            inode: record.inode, firstSeen: now, isBase: isBase, state: record.state,
            figures: record.tcp ?? TCPFigures(), seenAt: now, overhead: isBase ? 0 : peers[peer].overhead, dump: dumps)
        if record.tcp == nil { lacksFigures = true }
        if isBase { socket.before = socket.figures.asBase }
        socket.closer = traced?.closer
        socket.noteCloser(record.state)
        socket.count()
        nextSerial += 1
        let slot = freeSockets.popLast() ?? sockets.count
        if slot == sockets.count { sockets.append(socket) } else { sockets[slot] = socket }
        slots[record.cookie] = slot
        ledgers[place].tally.add(socket.part)
        ledgers[place].peakOpen = max(ledgers[place].peakOpen, ledgers[place].tally.open)
        if !isBase { noteOpened(place) }
        if isFindable { unowned.insert(slot) } else { weigh(slot) }
        if isFindable && !isBase { schedule.hasMissed = true }
    }

    /// Counts a connection that was opened, whoever opened it.
    mutating func noteOpened(_ ledger: Int) {
        ledgers[ledger].recentlyOpened += 1
        kernel.seen += 1
        isChurning = true
    }

    /// A tracked socket that no dump has any more is gone. Its end is told by an event, which may be on its way; only when
    /// none came for two dumps and a second, the event was lost.
    private mutating func lookForMissing(_ now: Moment) {
        let patience: (dumps: Int, time: Nanoseconds) = settings.hasDestroyEvents ? (2, .seconds(1)) : (0, 0)
        for slot in sockets.indices where sockets[slot].cookie != 0 && sockets[slot].dump != dumps {
            let since = sockets[slot].missingSince ?? now
            sockets[slot].missingSince = since
            sockets[slot].missedDumps += 1
            if sockets[slot].missedDumps > patience.dumps && now - since >= patience.time {
                gone.insert(sockets[slot].cookie)
                end(slot, nil, now)
            }
        }
    }
}

extension TrackedSocket {
    /// A state in which one side has closed and the other has not tells which was first.
    mutating func noteCloser(_ state: TCPState) {
        guard closer == nil else { return }
        switch state {
        case .closeWait, .lastAck: closer = .peer
        case .finWait1, .finWait2: closer = .process
        case .established, .synSent, .synReceived, .timeWait, .closed, .listen, .closing, .newSynReceived: break
        }
    }
}

extension TCPFigures {
    /// The figures that do not count of a connection of the beginning. A request in flight counts, because its response
    /// will.
    fileprivate var asBase: TCPFigures {
        var base = self
        if awaitsResponse(overhead: 0) && base.dataSegmentsSent > base.dataSegmentsReceived {
            base.dataSegmentsSent -= 1
        }
        return base
    }
}
