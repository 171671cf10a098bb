import DNSWire
import PoolModel

/// Hosts are remote ends, or all ends of one name and port.
struct HostGroup {
    /// The first of its ends: its number and its place.
    var id: Int
    var name: String
    var peers: [Int]
}

extension WatchMachine {
    /// The hosts in the order of first use.
    func hostGroups() -> [HostGroup] {
        var places: [String: Int] = [:]
        var groups: [HostGroup] = []
        let used = peers.indices.filter { peers[$0].isUsed }.sorted { peers[$0].id < peers[$1].id }
        for peer in used {
            let name = hostName(of: peer)
            if let place = places[name] {
                groups[place].peers.append(peer)
            } else {
                places[name] = groups.count
                groups.append(HostGroup(id: peers[peer].id, name: name, peers: [peer]))
            }
        }
        return groups
    }

    /// The name with its port, or the address. Ends with the same text are one host.
    func hostName(of peer: Int) -> String {
        guard let end = peers[peer].endpoint else { return Self.otherName }
        guard settings.showsNames, let name = peers[peer].name else { return end.authority }
        return name.hasSuffix(":\(end.port)") ? name : "\(name):\(end.port)"
    }

    func hostID(of peer: Int) -> Int {
        guard settings.showsNames, peers[peer].name != nil else { return peers[peer].id }
        let name = hostName(of: peer)
        return peers.indices.lazy.filter { peers[$0].isUsed && hostName(of: $0) == name }.map { peers[$0].id }.min()
            ?? peers[peer].id
    }

    /// Shows hosts by their names, or each address as one of its own.
    package mutating func show(names: Bool) { settings.showsNames = names }

    static let otherName = "other"

    /// True where the options do not narrow the hosts down to others.
    func isShown(_ group: HostGroup) -> Bool {
        if let port = settings.port, !group.peers.contains(where: { peers[$0].endpoint.map { Int($0.port) } == port }) {
            return false
        }
        guard let wanted = settings.host else { return true }
        if group.name == wanted { return true }
        return group.peers.contains { peer in
            guard let end = peers[peer].endpoint else { return false }
            return peers[peer].name == wanted || end.address.description == wanted || end.authority == wanted
                || peers[peer].name.map { "\($0):\(end.port)" == wanted } ?? false
        }
    }
}

extension Tally {
    /// True where segments do not tell requests on more than a fifth of them.
    var isCountable: Bool { 5 * (bulky + multiplexed) <= started }

    var certainty: Certainties {
        let isCounted = opened == 0 || (byShares == 0 && byLoss == 0)
        var certainty = Certainties([
            .statuses: .unknown, .latency: .unknown, .queue: .unknown, .errors: .unknown, .resumption: .unknown,
            .limits: .unknown, .dials: .unknown, .tls: .unknown, .activity: .estimate,
        ])
        certainty[.requests] = isCountable ? .estimate : .unknown
        certainty[.reuse] = certainty[.requests]
        certainty[.connections] = isCounted ? .exact : .estimate
        certainty[.closer] = closerGuessed == 0 && closerUnknown == 0 ? certainty[.connections] : .estimate
        // The reasons say no more than who it was.
        certainty[.closeReasons] = certainty[.closer]
        return certainty
    }

    var metrics: HostMetrics {
        var metrics = HostMetrics()
        metrics.requests.started = started
        metrics.requests.succeeded = completed
        metrics.requests.failed = unanswered
        metrics.requests.inFlight = inFlight
        metrics.requests.onNewConnection = min(onNew, started)
        metrics.requests.onReusedConnection = started - min(onNew, started)
        metrics.connections.opened = opened
        metrics.connections.closed = closed
        metrics.connections.active = active
        metrics.connections.idle = open - active
        metrics.connections.closedByReason.add(peerClosedIdle, to: .peerClosedIdle)
        metrics.connections.closedByReason.add(peerClosedActive, to: .peerClosedActive)
        metrics.connections.closedByReason.add(closedByProcess, to: .closedByProcess)
        metrics.connections.closedByReason.add(closerUnknown, to: .closerUnknown)
        metrics.bytes.sent = bytesSent
        metrics.bytes.received = bytesReceived
        return metrics
    }
}
