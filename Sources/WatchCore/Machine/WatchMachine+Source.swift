import PoolModel

/// Where the figures come from, what they cannot tell, and who has connections.
extension WatchMachine {
    func source(_ groups: [HostGroup], _ hosts: [HostSnapshot]) -> SourceSnapshot {
        let chosen = chosenOwners()
        let name: String
        switch settings.scope {
        case .all: name = ""
        case .named(let wanted): name = wanted
        case .processes: name = chosen.first.flatMap { owners[$0].facts?.command } ?? ""
        }
        return SourceSnapshot(
            kind: .watch, name: name, pid: chosenNumber(), scope: settings.scope == .all ? .namespace : .process,
            notes: notes(chosen, hosts), kernel: kernelCount(), processes: rows(groups))
    }

    /// Chosen processes, those first that were named by their number.
    private func chosenOwners() -> [Int] {
        guard settings.scope != .all else { return [] }
        func isNamed(_ index: Int) -> Bool {
            guard case .processes(let numbers) = settings.scope, let pid = owners[index].pid else { return false }
            return numbers.contains(pid)
        }
        return owners.indices.filter { owners[$0].isUsed && owners[$0].isChosen }
            .sorted { (isNamed($0) ? 0 : 1, owners[$0].pid ?? 0, $0) < (isNamed($1) ? 0 : 1, owners[$1].pid ?? 0, $1) }
    }

    private func chosenNumber() -> Int? {
        guard case .processes(let numbers) = settings.scope, numbers.count == 1 else { return nil }
        return numbers.first
    }

    private func kernelCount() -> KernelCount? {
        kernel.opened.map { KernelCount(opened: $0, seen: kernel.seenSinceFirst, agrees: kernel.agrees) }
    }

    private func notes(_ chosen: [Int], _ hosts: [HostSnapshot]) -> [SourceNote] {
        var notes: [SourceNote] = []
        for index in chosen where owners[index].hasEnded && isRoot(index) {
            notes.append(SourceNote(.processEnded, subject: owners[index].pid.map { "\($0)" }))
        }
        for index in chosen where owners[index].facts?.isReadable == false && !owners[index].hasEnded {
            notes.append(SourceNote(.unreadable, subject: owners[index].pid.map { "\($0)" }))
        }
        if settings.scope == .all {
            for owner in owners where owner.isUsed && owner.pid == nil {
                guard let user = owner.user, !readableUsers.contains(user) else { continue }
                let open = owner.ledgers.reduce(0) { $0 + ledgers[$1].tally.open }
                if open > 0 {
                    notes.append(SourceNote(.unreadable, count: open, subject: userNames[user] ?? "\(user)"))
                }
            }
        }
        let shared = ledgers.reduce(0) { $0 + ($1.isUsed && owners[$1.owner].isChosen ? $1.tally.byShares : 0) }
        if shared > 0 { notes.append(SourceNote(.sharesEstimated, count: shared)) }
        if traces.isUsed { notes.append(SourceNote(.traced)) }
        if !settings.hasDestroyEvents { notes.append(SourceNote(.noDestroyEvents)) }
        if lacksFigures { notes.append(SourceNote(.noTCPInfo)) }
        if timesLost > 0 { notes.append(SourceNote(.messagesLost, count: kernel.added)) }
        for host in hosts where host.certainty[.requests] == .unknown {
            notes.append(SourceNote(.notCountable, subject: host.name))
        }
        if schedule.isSlowed { notes.append(SourceNote(.dumpsSlowed, count: schedule.listed)) }
        return notes
    }

    private func isRoot(_ index: Int) -> Bool {
        guard case .processes(let numbers) = settings.scope, let pid = owners[index].pid else { return false }
        return numbers.contains(pid)
    }

    // MARK: Processes

    private func rows(_ groups: [HostGroup]) -> [ProcessRow] {
        var groupOfPeer = Array(repeating: 0, count: peers.count)
        for group in groups { for peer in group.peers { groupOfPeer[peer] = group.id } }
        let hasLookups = lookups > 0 || hasSeenDatagrams
        var rows: [(row: ProcessRow, lately: Double)] = []
        for index in owners.indices where owners[index].isUsed {
            let owner = owners[index]
            var (sum, lately) = (Tally(), 0.0)
            for place in owner.ledgers {
                sum.add(ledgers[place].tally)
                lately += ledgers[place].recentlyOpened
            }
            let isListed = sum != Tally() || (owner.isChosen && settings.scope != .all && owner.pid != nil)
            guard isListed else { continue }
            var row = row(of: owner, sum)
            row.hosts =
                Set(owner.ledgers.filter { ledgers[$0].tally != Tally() }.map { groupOfPeer[ledgers[$0].peer] }).count
            row.lookups = hasLookups && owner.pid != nil ? owner.lookups : nil
            rows.append((row, lately))
        }
        return rows.sorted { first, second in
            if first.lately.rounded() != second.lately.rounded() { return first.lately > second.lately }
            if first.row.opened != second.row.opened { return first.row.opened > second.row.opened }
            return (first.row.pid ?? .max, first.row.user) < (second.row.pid ?? .max, second.row.user)
        }.map(\.row)
    }

    private func row(of owner: Owner, _ sum: Tally) -> ProcessRow {
        let certainty = sum.certainty
        let isReadable: Bool
        let user: String
        switch owner.key {
        case .process:
            isReadable = owner.facts?.isReadable ?? true
            user = owner.facts?.userName ?? ""
        case .user(let number):
            isReadable = readableUsers.contains(number)
            user = userNames[number] ?? "\(number)"
        case .nobody:
            isReadable = true
            user = ""
        }
        return ProcessRow(
            pid: owner.pid, command: owner.facts?.command ?? "", user: user, open: sum.open, opened: sum.opened,
            closed: sum.closed, closedByPeer: sum.peerClosedIdle + sum.peerClosedActive,
            closedByUs: sum.closedByProcess, requests: sum.started, requestsCertainty: certainty[.requests],
            connectionsCertainty: certainty[.connections], cpuSeconds: owner.facts?.cpuSeconds,
            hasEnded: owner.hasEnded, isReadable: isReadable)
    }
}
