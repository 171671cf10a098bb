import PoolModel

/// Reactions to a network that has, or may have, changed: the machine was suspended, or the system's resolver files
/// changed.
extension AgentMachine {
    /// Idle connections close, because the servers' idle timers kept running and their FINs may have been lost. Names
    /// are looked up again. Exchanges continue, because their time limits do not count the suspension.
    mutating func suspended(_ span: Nanoseconds, _ now: Moment) {
        for host in hosts.indices { closeIdle(host, .idleTimeout) }
        dns.expire(after: span, now: now)
        noteSuspension(span, now)
        for host in hosts.indices { dialWithoutDelay(host, now) }
    }

    /// New servers may know names that the old ones did not, and the hosts file applies at once. Connections stay; a
    /// lookup will show whether their addresses are still those of the name.
    mutating func resolverChanged(_ now: Moment) {
        dns.expire(now: now)
        noteResolverChange(now)
        for host in hosts.indices where hosts[host].nameID != nil { dialWithoutDelay(host, now) }
    }

    /// Failures that the previous network caused no longer count.
    private mutating func dialWithoutDelay(_ host: Int, _ now: Moment) {
        hosts[host].connectFailures = 0
        hosts[host].dialAllowedAt = .zero
        for peer in hosts[host].peers.indices { hosts[host].peers[peer].suspectUntil = .zero }
        scheduleHost(host, now)
        mayDispatch = true
    }
}
