import PlainDocuments
package import PoolModel
import SessionConfig

/// One host in a window.
package struct HostWindow: Sendable {
    package var name: String
    package var origin: String
    package var figures: WindowFigures
    package var addresses: [AddressWindow]
    /// The host at the end of the window, for values that are not counts; nil if the agent has not used it yet.
    package var present: HostSnapshot?
    /// The host as it was before its last requests were given up; nil if none were.
    var givenUp: GivenUp?

    /// A run gives up what is not answered soon after its end. What hangs is seen before that, and not after it.
    struct GivenUp: Sendable {
        var host: HostSnapshot
        /// The counts of the window until then.
        var gained: HostMetrics
    }

    /// The host while its requests were still waited for.
    var waiting: HostSnapshot? { givenUp?.host ?? present }
}

/// One peer address in a window.
package struct AddressWindow: Sendable {
    package var address: String
    var connectionsOpened: Int
    package var exchanges: Int
    var openAtStart: Int
    /// The address at the end of the window.
    package var present: AddressSnapshot
}

/// The differences between two snapshots of the same agent.
package struct MetricsWindow: Sendable {
    /// The length of the window on the monotonic clock.
    package var seconds: Double
    package var hosts: [HostWindow]
    package var totals: WindowFigures
    /// The counts of the window; `entries` at its end.
    package var dns: DNSCounts
    var dnsCacheEnabled: Bool
    /// HTTP keep-alive at the end of the window, for hosts without a setting of their own.
    package var keepAlive: Bool
    /// The CPU time of the window; the largest resident size so far.
    package var process: ProcessSnapshot
    /// The periods ending in the window in which the program did not send.
    var gaps: [LoadGap]
    /// The periods ending in the window in which a target gave no answer.
    var silences: [TargetSilence]
    /// When the agent started, in seconds since 1970-01-01 UTC.
    private var agentStartedAt: Double

    /// - Parameters:
    ///   - first: the snapshot at the beginning of the window.
    ///   - last: the snapshot at its end.
    ///   - givingUp: the snapshot before requests that were not answered were given up; nil if none were.
    package init(from first: AgentSnapshot, to last: AgentSnapshot, givingUp: AgentSnapshot? = nil) {
        seconds = max(0, last.uptimeSeconds - first.uptimeSeconds)
        let pools = last.hosts.map { host in
            let earlier = first.earlier(host, of: last)
            var pool = HostWindow(host, since: earlier)
            if let before = givingUp?.hosts.first(where: { $0.id == host.id }),
                before.metrics.requests.inFlight + before.metrics.requests.queued > 0
            {
                let gained = before.metrics.since(earlier?.metrics ?? HostMetrics())
                pool.givenUp = HostWindow.GivenUp(host: before, gained: gained)
            }
            return pool
        }
        hosts = Self.withPlanned(pools, from: first.load, to: last.load)
        totals = WindowFigures()
        for host in hosts { totals.merge(host.figures) }
        // Without a host the source still does not know what it cannot see.
        if hosts.isEmpty { totals.certainty = last.certainty }
        dns = last.dns.since(first.dns)
        dnsCacheEnabled = last.dnsCacheEnabled
        keepAlive = last.keepAlive
        process = last.process
        process.cpuSeconds -= first.process.cpuSeconds
        process.agentCPUSeconds -= first.process.agentCPUSeconds
        gaps = (last.load?.gaps ?? []).filter { $0.endSeconds > first.uptimeSeconds }
        silences = (last.load?.silences ?? []).filter { $0.endSeconds > first.uptimeSeconds }
        agentStartedAt = last.takenAt - last.uptimeSeconds
    }

    /// Requests that were due in those gaps and were not sent.
    var missed: Int { gaps.reduce(0) { $0 + $1.missed } }

    /// `gaps` and `silences` in the reports; no member if there is none.
    var gapMembers: [JSONValue.Member] { ownGapMembers + silenceMembers }

    private var silenceMembers: [JSONValue.Member] {
        guard !silences.isEmpty else { return [] }
        let documents = silences.map { silence in
            JSONValue.object([
                "time": .string(Timestamp.text(agentStartedAt + silence.uptimeSeconds)),
                "seconds": .number(silence.seconds), "target": .string(silence.name),
            ])
        }
        return [.init(key: "silences", value: .array(documents))]
    }

    private var ownGapMembers: [JSONValue.Member] {
        guard !gaps.isEmpty else { return [] }
        let documents = gaps.map { gap in
            JSONValue.object([
                "time": .string(Timestamp.text(agentStartedAt + gap.uptimeSeconds)), "seconds": .number(gap.seconds),
                "missed": .integer(gap.missed), "cause": .string(gap.cause.rawValue),
            ])
        }
        return [.init(key: "gaps", value: .array(documents))]
    }

    /// CPU time of the agent and the generator per finished request; absent before the first.
    package var agentCPUSecondsPerRequest: Figure<Double> {
        cpu(process.agentCPUSeconds).with(totals.known.finished) { $1 == 0 ? nil : $0 / Double($1) }
    }

    /// A CPU time with its certainty.
    package func cpu(_ seconds: Double) -> Figure<Double> { Figure(seconds, totals.certainty[.cpu]) }

    /// A DNS count with its certainty.
    package func known(_ counter: Counter<DNSCounts>) -> Figure<Int> {
        Figure(dns[keyPath: counter.keyPath], totals.certainty[counter.group])
    }

    /// The same for a property.
    package func dns(_ count: KeyPath<DNSCounts, Int>) -> Figure<Int> {
        Figure(dns[keyPath: count], totals.certainty[.dns])
    }

    /// A count per second; absent if no time has passed.
    package func perSecond(_ count: Figure<Int>) -> Figure<Double> { count.perSecond(in: seconds) }

    package func host(named name: String) -> HostWindow? {
        hosts.first { $0.name == name } ?? hosts.first { $0.origin == name || $0.origin.hasSuffix("://\(name)") }
    }

    /// Several targets may share a host. A target whose host the agent has not used yet gets an entry of its own,
    /// because a count of zero is a result too.
    private static func withPlanned(
        _ pools: [HostWindow], from first: LoadSnapshot?, to last: LoadSnapshot?
    ) -> [HostWindow] {
        guard let last else { return pools }
        var hosts = pools
        for index in hosts.indices { hosts[index].figures.planned = 0 }
        for (index, target) in last.targets.enumerated() {
            let before = first?.targets.indices.contains(index) == true ? first?.targets[index].planned ?? 0 : 0
            let planned = target.planned - before
            let origin = (try? TargetURL.parse(target.url))?.origin ?? target.url
            if let place = hosts.firstIndex(where: { $0.name == target.name })
                ?? hosts.firstIndex(where: { $0.origin == origin })
            {
                hosts[place].figures.planned = (hosts[place].figures.planned ?? 0) + planned
            } else {
                var figures = WindowFigures()
                figures.planned = planned
                hosts.append(
                    HostWindow(name: target.name, origin: origin, figures: figures, addresses: [], present: nil))
            }
        }
        return hosts
    }
}

extension AgentSnapshot {
    /// The host as it was in this snapshot, the earlier one of two; nil: nothing of it was counted then.
    fileprivate func earlier(_ host: HostSnapshot, of later: AgentSnapshot) -> HostSnapshot? {
        let known = hosts.first { $0.name == host.name && $0.origin == host.origin }
        guard let source = later.source else { return known }
        // The counts of a process that was chosen in between are since the beginning.
        guard self.source?.scope == source.scope, self.source?.pid == source.pid else { return nil }
        // An address may have got a name in between.
        return known
            ?? hosts.first { old in old.id == host.id && !later.hosts.contains { $0.name == old.name } }
    }
}

extension HostWindow {
    fileprivate init(_ host: HostSnapshot, since earlier: HostSnapshot?) {
        name = host.name
        origin = host.origin
        let before = earlier?.metrics ?? HostMetrics()
        figures = WindowFigures()
        figures.metrics = host.metrics.since(before)
        figures.certainty = host.certainty
        figures.openAtStart = before.connections.open
        // Unknown counts cannot be balanced.
        if host.certainty[.dials] != .unknown { figures.connectingAtStart = before.connections.connecting }
        if host.certainty.of([.activity, .queue]) != .unknown {
            figures.presentAtStart = before.requests.inFlight + before.requests.queued
        }
        addresses = host.addresses.map { address in
            let before = earlier?.addresses.first { $0.address == address.address }
            return AddressWindow(
                address: address.address,
                connectionsOpened: address.connectionsOpened - (before?.connectionsOpened ?? 0),
                exchanges: address.exchanges - (before?.exchanges ?? 0), openAtStart: before?.open ?? 0,
                present: address)
        }
        present = host
    }
}
