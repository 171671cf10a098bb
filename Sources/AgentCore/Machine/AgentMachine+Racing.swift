import DNSWire
import PoolModel

/// The race between a host's addresses (RFC 8305).
///
/// Rules (BEHAVIOUR §4.3): addresses take turns, families alternate, the next attempt starts 250 ms after the one before
/// or at once when that failed, at most `Dial.maxAttempts` in all. A dead address costs one attempt delay and is
/// remembered for a while. An attempt that was given up is never heard of again.
extension AgentMachine {
    private static let attemptDelay: Nanoseconds = .milliseconds(250)
    static let addressSuspectFor: Nanoseconds = .seconds(30)

    mutating func race(_ slot: Int, _ now: Moment) {
        let host = connections[slot].host
        connections[slot].dial.candidates = candidates(host, now)
        guard !connections[slot].dial.candidates.isEmpty else { return dialFailed(slot, .dnsNotFound, now) }
        move(slot, to: .connecting, now)
        startAttempt(slot, now)
    }

    mutating func startAttempt(_ slot: Int, _ now: Moment) {
        let attempt = connections[slot].dial.started
        let address = connections[slot].dial.candidates[attempt]
        connections[slot].dial.started += 1
        hosts[connections[slot].host].totals.connections.attempts += 1
        connections[slot].dial.inProgress |= 1 << UInt8(attempt)
        connections[slot].dial.attemptStartedAt = now
        let more = connections[slot].dial.started < connections[slot].dial.candidates.count
        connections[slot].dial.nextAttemptAt = more ? now + Self.attemptDelay : .never
        effects.append(.connect(connections.id(of: slot), attempt: attempt, address: address))
        scheduleDial(slot)
    }

    mutating func scheduleDial(_ slot: Int) {
        let limit = connections[slot].phaseSince + hosts[connections[slot].host].limits.connectTimeout
        setDeadline(slot, min(limit, connections[slot].dial.nextAttemptAt))
    }

    /// Addresses in the order of trying: in turn from the next one, those that failed lately last.
    private mutating func candidates(_ host: Int, _ now: Moment) -> [Int] {
        let peers = hosts[host].peers
        let current = peers.indices.filter { peers[$0].isInDNS }
        guard !current.isEmpty else { return [] }
        let start = hosts[host].nextPeer % current.count
        hosts[host].nextPeer += 1
        let rotated = current[start...] + current[..<start]
        let healthy = interleaveFamilies(rotated.filter { peers[$0].suspectUntil <= now }, of: peers)
        let suspect = rotated.filter { peers[$0].suspectUntil > now }
        return Array((healthy + suspect).prefix(Dial.maxAttempts))
    }

    /// RFC 8305 §4: families take turns, so that a broken one costs one attempt.
    private func interleaveFamilies(_ order: [Int], of peers: [PeerRecord]) -> [Int] {
        func isV6(_ peer: Int) -> Bool {
            if case .ip(let address, _) = peers[peer].address { address.family == .v6 } else { false }
        }
        guard let first = order.first else { return [] }
        let leading = order.filter { isV6($0) == isV6(first) }
        let other = order.filter { isV6($0) != isV6(first) }
        guard !other.isEmpty else { return leading }
        var mixed: [Int] = []
        for index in 0..<max(leading.count, other.count) {
            if index < leading.count { mixed.append(leading[index]) }
            if index < other.count { mixed.append(other[index]) }
        }
        return mixed
    }

    mutating func attemptFailed(_ slot: Int, _ attempt: Int, _ cause: FailureCause, _ now: Moment) {
        guard connections[slot].phase == .connecting,
            connections[slot].dial.inProgress & (1 << UInt8(attempt)) != 0
        else { return ignoredEvents += 1 }
        let host = connections[slot].host
        connections[slot].dial.inProgress &= ~(1 << UInt8(attempt))
        connections[slot].dial.lastFailure = cause
        // A descriptor that we lack says nothing of the address.
        if cause != .tooManyOpenFiles {
            hosts[host].peers[connections[slot].dial.candidates[attempt]].suspectUntil = now + Self.addressSuspectFor
        }
        if connections[slot].dial.started < connections[slot].dial.candidates.count {
            startAttempt(slot, now)
        } else if connections[slot].dial.inProgress == 0 {
            dialFailed(slot, cause, now)
        }
    }

    mutating func connected(_ slot: Int, _ attempt: Int, _ localPort: Int, _ now: Moment) {
        guard connections[slot].phase == .connecting,
            connections[slot].dial.inProgress & (1 << UInt8(attempt)) != 0
        else { return ignoredEvents += 1 }
        let host = connections[slot].host
        let address = connections[slot].dial.candidates[attempt]
        for other in 0..<connections[slot].dial.started
        where other != attempt && connections[slot].dial.inProgress & (1 << UInt8(other)) != 0 {
            // Those begun earlier had their 250 ms; a later one has shown nothing yet.
            if other < attempt {
                hosts[host].peers[connections[slot].dial.candidates[other]].suspectUntil = now + Self.addressSuspectFor
            }
            effects.append(.abandonAttempt(connections.id(of: slot), attempt: other))
        }
        connections[slot].dial.inProgress = 0
        connections[slot].address = address
        connections[slot].localPort = localPort
        hosts[host].peers[address].suspectUntil = .zero
        hosts[host].totals.latency.connect.record(now - connections[slot].phaseSince)
        guard hosts[host].description.isTLS else { return established(slot, now) }
        move(slot, to: .handshaking, now)
        setDeadline(slot, now + hosts[host].limits.tlsTimeout)
    }
}
