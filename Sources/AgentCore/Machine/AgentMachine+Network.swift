import PoolModel

/// A network that changed, or may have: the machine slept, or the system's resolver files say something else.
extension AgentMachine {
    /// Idle connections close, since nobody knows how long their servers have counted, and their FINs may have been sent
    /// to a machine that was not there. Names are looked up again. Exchanges go on: their time limits do not count the
    /// time in which the machine slept.
    mutating func suspended(_ span: Nanoseconds, _ now: Moment) {
        for host in hosts.indices { closeIdle(host, .idleTimeout) }
        dns.expire(after: span, now: now)
        noteSuspension(span, now)
        for host in hosts.indices { dialWithoutDelay(host, now) }
    }

    /// New servers may know what the old ones did not, and the hosts file is in force at once. Connections stay: whether
    /// their addresses still are those of the name is found out by asking.
    mutating func resolverChanged(_ now: Moment) {
        dns.expire(now: now)
        noteResolverChange(now)
        for host in hosts.indices where hosts[host].nameID != nil { dialWithoutDelay(host, now) }
    }

    /// Failures of the network that was count no longer.
    private mutating func dialWithoutDelay(_ host: Int, _ now: Moment) {
        hosts[host].connectFailures = 0
        hosts[host].dialAllowedAt = .zero
        for peer in hosts[host].peers.indices { hosts[host].peers[peer].suspectUntil = .zero }
        scheduleHost(host, now)
        mayDispatch = true
    }
}
