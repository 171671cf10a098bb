import AgentCore
import PoolModel

/// What the world holds the machine to, besides that each single effect is possible.
extension ShadowWorld {
    /// Waiters of a host leave in the order of their arrival (BEHAVIOUR §2.4); one that is sent again does not take a
    /// connection that was used or has rested, and is then passed by.
    func checkOrder(of request: Int, on connection: Connection) throws {
        let isFresh = connection.exchanges == 0 && !connection.hasRested
        var older = 0
        while older < request {
            let other = openRequests[older]
            if other.host == connection.host, other.place == .waiting {
                let passesBy = !isFresh && (other.isLost || openRequests[request].isLost)
                try demand(passesBy, "a waiter goes before one that came earlier")
            }
            older += 1
        }
        try demand(openRequests[request].host == connection.host, "a request is on another host's connection")
    }

    /// BEHAVIOUR §2.3: at the total limit a connection that has just come free is not handed on while an older request
    /// to another host could use its place.
    func checkFairness(of request: Int, on connection: Connection, _ machine: inout AgentMachine) throws {
        guard connection.exchanges > 0, connection.idleSince == .never,
            machine.connections.liveCount >= limits.maxTotalSockets,
            !connections.contains(where: { $0.idleSince != .never })
        else { return }
        var older = 0
        while older < request {
            let other = openRequests[older]
            if other.host != connection.host, other.place == .waiting {
                try demand(!mayDial(for: older, &machine), "a request waits for the place of a later one")
            }
            older += 1
        }
    }

    /// Whether this waiter's host may dial, and has no dial for it yet.
    private func mayDial(for waiter: Int, _ machine: inout AgentMachine) -> Bool {
        let host = machine.hosts[openRequests[waiter].host]
        let before = openRequests[..<waiter].count { $0.host == openRequests[waiter].host && $0.place == .waiting }
        return before >= host.dialing.count && now >= host.dialAllowedAt
            && host.dialing.count < limits.maxDialsPerHost && host.population.all < limits.maxSocketsPerHost
    }

    /// BEHAVIOUR §3: whether a request whose connection died may go on to this one.
    func checkSendingAgain(_ request: inout Request, on connection: Connection) throws {
        guard request.isLost else { return }
        try demand(request.mayBeSentAgain, "a request is sent again that may not be")
        try demand(connection.exchanges == 0 && !connection.hasRested, "a request is sent again on a used connection")
    }

    /// BEHAVIOUR §2.2: the limits in force, after every event. A limit that was lowered under what is open holds for
    /// dials from then on; idle connections above it are gone at once.
    mutating func checkRules(_ machine: inout AgentMachine) throws {
        defer {
            dialled.removeAll(keepingCapacity: true)
            lastSerial = machine.connections.lastSerial
        }
        try demand(losers == 0, "the losers of a race are not given up")
        var idleOfAll = 0
        var host = 0
        while host < machine.hosts.count {
            var (all, dialing, idle) = (0, 0, 0)
            var index = 0
            while index < connections.count {
                if connections[index].host == host {
                    all += 1
                    if connections[index].wire.isDialing { dialing += 1 }
                    if connections[index].wire == .idle { idle += 1 }
                }
                index += 1
            }
            idleOfAll += idle
            if idle > limits.maxFreeSocketsPerHost ?? limits.maxSocketsPerHost {
                try demand(limits.maxFreeSocketsPerHost != 0, "an idle connection where none may be")
                try demand(!hasRested(host), "a surplus idle connection of a host rests too long")
            }
            try checkBackoff(host, open: all - dialing, &machine)
            if idle > 0 {
                try demand(machine.keepAlive(ofHost: host), "idle while HTTP keep-alive is off")
                try demand(machine.mode == .serving, "idle while draining")
            }
            if dialled.contains(host) {
                try demand(all <= limits.maxSocketsPerHost, "a dial over the limit of a host")
                try demand(dialing <= limits.maxDialsPerHost, "too many dials of a host at once")
            }
            host += 1
        }
        if let limit = limits.maxFreeSocketsTotal, idleOfAll > limit {
            try demand(limit != 0 && !hasRested(nil), "a surplus idle connection rests too long")
        }
        guard !dialled.isEmpty else { return }
        try demand(connections.count <= limits.maxTotalSockets, "a dial over the limit of all")
        try demand(machine.connections.liveCount <= limits.maxTotalSockets, "dials over the limit of all")
        try demand(machine.mode != .stopped, "a dial after the end")
    }

    /// Whether an idle connection of the host, or of any, has rested for a second: surplus ones then go.
    private func hasRested(_ host: Int?) -> Bool {
        connections.contains {
            $0.wire == .idle && (host == nil || $0.host == host) && now - min($0.idleSince, now) >= .seconds(1)
        }
    }

    /// BEHAVIOUR §2.14: no pause is longer than five times the limit, or than the limit while requests wait; and where
    /// waiters fail fast, none is left behind a dial that has just failed. One that had a working connection to wait for
    /// when the dial failed may be left, until the pause is over.
    private mutating func checkBackoff(_ host: Int, open: Int, _ machine: inout AgentMachine) throws {
        let pool = machine.hosts[host]
        let (failedBefore, openBefore) = lastLook[host, default: (0, 0)]
        defer { lastLook[host] = (pool.connectFailures, open) }
        let pause = pool.dialAllowedAt - now
        let longest = limits.maxBackoff.clampedNanoseconds
        try demand(pause <= 5 * longest, "a longer pause than is allowed")
        if !pool.waiters.isEmpty { try demand(pause <= longest, "a longer pause than is allowed while requests wait") }
        // Dials that are given back count as failed too; only a real failure begins a pause.
        let hasFailed = pool.connectFailures > failedBefore && pool.backingOffSince == now && pause > 0
        if hasFailed, limits.failFastWhileBackingOff, openBefore == 0, open == 0, pool.lastConnectFailure != nil {
            try demand(pool.waiters.isEmpty, "a request waits for a host whose dial has failed")
        }
    }

    // MARK: The machine's books against the world's

    /// Counted from the machine's records, which is cheap enough to be done often.
    func compare(_ machine: inout AgentMachine) throws {
        var sum = (started: 0, ended: 0, opened: 0, closed: 0, written: 0, retried: 0, open: 0, waiting: 0)
        var index = 0
        while index < machine.hosts.count {
            let host = machine.hosts[index]
            let (requests, connections) = (host.totals.requests, host.totals.connections)
            sum.started += requests.started
            sum.ended += requests.succeeded + requests.failed + requests.cancelled
            sum.opened += connections.opened
            sum.closed += connections.closedByReason.total
            sum.written += requests.onNewConnection + requests.onReusedConnection
            sum.retried += requests.retryDecisions[.unwritten] + requests.retryDecisions[.repeatable]
            sum.open += host.population.established
            sum.waiting += host.waiters.count
            index += 1
        }
        try demand(sum.started == started, "requests started")
        try demand(sum.ended == ended, "requests ended")
        try demand(sum.opened == opened, "connections opened")
        try demand(sum.closed == closed, "connections closed, by reason")
        try demand(sum.written == written, "requests put on a connection")
        try demand(sum.open == connections.count { !$0.wire.isDialing }, "connections open")
        try demand(sum.waiting == openRequests.count { $0.place == .waiting }, "requests that wait")
        // One that is to be sent again counts from then on; its connection comes later, or never.
        let toCome = openRequests.count { $0.isLost }
        try demand(sum.retried >= retried && sum.retried >= toCome, "requests sent again")
    }

    /// The same from the one way out for numbers.
    func compare(_ snapshot: AgentSnapshot) throws {
        func sum(_ count: (HostMetrics) -> Int) -> Int { snapshot.hosts.reduce(0) { $0 + count($1.metrics) } }
        try demand(sum { $0.requests.started } == started, "requests started, in the snapshot")
        try demand(
            sum { $0.requests.succeeded + $0.requests.failed + $0.requests.cancelled } == ended,
            "requests ended, in the snapshot")
        try demand(
            sum { $0.requests.inFlight + $0.requests.queued } == openRequests.count, "requests open, in the snapshot")
        try demand(sum { $0.connections.opened } == opened, "connections opened, in the snapshot")
        try demand(sum { $0.connections.closed } == closed, "connections closed, in the snapshot")
        try demand(sum { $0.connections.closedByReason.total } == closed, "close reasons, in the snapshot")
        try demand(
            sum { $0.connections.open } == connections.count { !$0.wire.isDialing }, "connections open, in the snapshot"
        )
        try demand(
            sum { $0.connections.dials }
                == sum { $0.connections.opened + $0.connections.dialFailed + $0.connections.connecting },
            "dials, in the snapshot")
        try demand(
            sum { $0.requests.onNewConnection + $0.requests.onReusedConnection } == written,
            "requests put on a connection, in the snapshot")
        let dns = snapshot.dns
        try demand(
            dns.lookups == dns.hits + dns.staleHits + dns.negativeHits + dns.misses + dns.coalesced,
            "lookups, in the snapshot")
    }
}

extension AgentMachine {
    func keepAlive(ofHost host: Int) -> Bool { (hosts[host].keepAlive ?? settings.keepAlive).isOn }
}
