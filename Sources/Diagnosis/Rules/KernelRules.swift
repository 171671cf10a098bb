import PoolModel

// A watched process: how its connections end is all that tells what its pool does.

/// Idle for less than this when the server closed it, a connection was not waiting for another request: the server closes
/// with its answer.
private let leastIdleSeconds = 0.05

extension HostEvidence {
    /// The idle age at which the server was seen to close connections; nil: too few were seen.
    var idleAgeAtDeath: Double? {
        guard let kernel = host.kernel, kernel.deaths >= 3 else { return nil }
        return kernel.idleAgeAtDeathSeconds
    }

    /// The server does not wait for a second request.
    var closesWithAnswer: Bool { idleAgeAtDeath.map { $0 < leastIdleSeconds } ?? false }

    /// As good as every request has a connection of its own: who ends it tells why.
    func oneRequestEach(_ reuse: Reuse) -> OneRequestEach? {
        guard let kernel = host.kernel, let perConnection = window.requestsPerConnection.value, perConnection < 1.5,
            let reason = window.closedByReason.value?.dominant
        else { return nil }
        let closer: OneRequestEach.Closer
        switch reason {
        case .closedByProcess: closer = .process
        case .closerUnknown: closer = .unknown
        case .peerClosedIdle, .peerClosedActive, .peerReset:
            // A server that waits for a while has an idle limit, and `closesIdle` has it.
            guard closesWithAnswer else { return nil }
            closer = .server
        case .idleTimeout, .hintTimeout, .learnedTimeout, .lifetime, .maxRequests, .hintMax, .idleLimitHost,
            .idleLimitTotal, .evictedForOtherHost, .closeHeaderReceived, .closeHeaderSent, .http10, .untilCloseBody,
            .unsolicitedBytes, .framingError, .bodyAbandoned, .requestCancelled, .requestTimeout, .earlyResponse,
            .tlsError, .dnsRetired, .keepAliveDisabled, .upgraded, .drain, .shutdown:
            return nil
        }
        let life = kernel.connectionAgeSeconds
        // By Little's law, and one more for when two come at once.
        let enough = requestsPerSecond.flatMap { rate in life.map { Int(min(1e6, (rate * $0).rounded(.up))) + 1 } }
        return OneRequestEach(
            reuse: reuse, closer: closer, requestsPerSecond: requestsPerSecond, lifeSeconds: life, enough: enough)
    }
}

/// Why each request has a connection of its own comes before what follows from it.
@Sendable func oneRequestEach(_ evidence: HostEvidence) -> Finding? {
    guard let reuse = evidence.reuse, reuse.share < 0.9 else { return nil }
    return evidence.oneRequestEach(reuse).map { Finding(.warn, .oneRequestEach($0)) }
}

/// Ports that wait after connections that this side closed, as the kernel counts them.
@Sendable func timeWait(_ evidence: HostEvidence) -> Finding? {
    guard let held = evidence.host.kernel?.timeWait else { return nil }
    let addresses = max(1, evidence.host.addresses.count { !evidence.knows(.dns) || $0.isInDNS })
    guard held / addresses >= portsOfAPair / 2 else { return nil }
    return Finding(.warn, .timeWait(held: held, addresses: addresses))
}

/// Segments are lost on the way, so often that it is no accident.
@Sendable func retransmits(_ evidence: HostEvidence) -> Finding? {
    guard let count = evidence.host.kernel?.retransmits, count >= 20 else { return nil }
    let requests = evidence.total.finished
    guard let all = requests.value ?? evidence.total.opened.value, all > 0 else { return nil }
    let share = Double(count) / Double(all)
    guard share >= 0.01 else { return nil }
    return Finding(
        share >= 0.05 ? .warn : .hint,
        .retransmits(count: count, per: share, ofConnections: requests.value == nil))
}

/// One address is far away compared with the others of the host.
@Sendable func farAddress(_ evidence: HostEvidence) -> Finding? {
    var sums: [String: (seconds: Double, count: Int)] = [:]
    for socket in evidence.host.sockets ?? [] {
        guard let peer = socket.peer, let seconds = socket.roundTripSeconds else { continue }
        let sum = sums[peer] ?? (0, 0)
        sums[peer] = (sum.seconds + seconds, sum.count + 1)
    }
    let means = sums.map { (address: $0.key, seconds: $0.value.seconds / Double($0.value.count)) }
        .sorted { ($0.seconds, $0.address) < ($1.seconds, $1.address) }
    guard means.count >= 2, let farthest = means.last else { return nil }
    let usual = means[(means.count - 1) / 2].seconds
    guard farthest.seconds >= usual * 3, farthest.seconds - usual >= 0.005 else { return nil }
    return Finding(.hint, .farAddress(farthest.address, seconds: farthest.seconds, usualSeconds: usual))
}
