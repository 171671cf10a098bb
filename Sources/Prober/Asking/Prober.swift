package import AgentCore
import DNSWire
import FoundationEssentials
package import HTTP1
package import KeepAliveAgent
package import PoolModel

/// Probes one target: resolves its name, opens connections, and observes idle ones, requests and handshakes.
///
/// ```
/// look up, open, exchange  (five times, one after the other: the samples of what a new connection costs)
///    │ the first of them at once carries a second request: are connections kept?
///    ├─► hold them and more, as `IdleExamination` decides            (IdleHold)
///    │     and put requests on another, up to the bound              (RequestRuns)
///    └─► offer HTTP/2; ask with Connection: keep-alive; ask for a name that does not exist
/// look up once more: a caching resolver counts its TTL down
/// ```
package struct Prober: Sendable {
    package let location: HostDescription.Location
    package let port: Int
    package let request: RequestBytes
    /// The time limit of one exchange; nil for none.
    package let requestLimit: Duration?
    package let maxWait: Duration
    package let requestBound: Int
    package let dialer: ProbeDialer
    /// Offers HTTP/2 before HTTP/1.1; nil without TLS.
    package let alpnOffer: TLSIdentity?
    package let resolver: ProbeResolver
    package let report: @Sendable (ProbeStep) -> Void

    /// The number of new connections, opened one after the other.
    private static let openings = 5
    /// The number of lost responses after which the server counts as unusable.
    private static let maxAccidents = 3
    /// The time limit for the server to close a connection after announcing it.
    static let closeLimit = Duration.seconds(1)

    /// The outcome of one new connection.
    package struct Attempt: Sendable {
        package var lookup: ProbeObservations.Lookup?
        var opening: ProbeObservations.Opening?
        /// Addresses that could not be connected to.
        var unreachable: [ProbeObservations.Unreachable] = []
        /// Why the connection could not be opened.
        package var failure: ProbeFailure?
        package var connection: ProbeConnection?

        package var response: ProbeResponse? { opening?.exchange.value }
        /// The first exchange is complete and the connection may be reused.
        var isReusable: Bool { response?.persistence == .reusable }
        var cause: FailureCause? { failure?.cause ?? opening?.exchange.failure?.cause }
        package var tlsFailure: TLSFailure? { failure?.tls ?? opening?.exchange.failure?.tls }

        /// The server closed the connection in the middle of an exchange, which happens occasionally.
        var isAccident: Bool { opening?.exchange.failure?.close != nil }
    }

    /// The observations of the first part, and the connections that have been idle since.
    package struct Sampled: Sendable {
        package var seen = ProbeObservations()
        package var kept: [ProbeConnection] = []
        package var start = ContinuousClock.now
    }

    /// The first part: new connections. All probers complete this before any begins its second part, because the many
    /// requests of the second part would distort it.
    package func sample() async -> Sampled {
        var sampled = Sampled()
        sampled.seen.startedAt = Date().timeIntervalSince1970
        sampled.kept = await openAll(&sampled.seen)
        return sampled
    }

    /// The second part: everything that takes longer.
    package func examine(_ sampled: Sampled) async -> ProbeObservations {
        var seen = sampled.seen
        await examine(sampled.kept, &seen)
        seen.durationSeconds = (ContinuousClock.now - sampled.start).asSeconds
        seen.wasInterrupted = Task.isCancelled
        if seen.failure == .cancelled { seen.failure = nil }
        report(.done)
        return seen
    }

    private func examine(_ kept: [ProbeConnection], _ seen: inout ProbeObservations) async {
        defer { for connection in kept { connection.close() } }
        let mayKeep = ProbeFindings(seen).keepsConnections == true && maxWait > .zero
        async let alpn = chosenProtocol(seen)
        async let negative = lookUpMissingName(seen)
        async let asked = askToKeep(seen)
        if mayKeep {
            let slowest = seen.openings.compactMap(\.exchange.value?.firstByteSeconds).max() ?? 0
            let outcome = await IdleHold(prober: self, slowestFirstByteSeconds: slowest).hold(kept)
            (seen.held, seen.heldSeconds) = (outcome.held, outcome.seconds)
            (seen.busy, seen.gathering, seen.runs) = (outcome.busy, outcome.gathering, outcome.runs.runs)
            seen.lookups += outcome.lookups
            seen.reusedFirstBytes += outcome.runs.firstBytes
        }
        report(.finishing)
        seen.askedToKeep = await asked
        seen.alpn = await alpn ?? seen.alpn
        seen.negativeLookup = await negative
        if case .name(let name) = location, seen.failure == nil, let last = await resolver.lookUp(name) {
            seen.lookups.append(last)
        }
    }

    // MARK: New connections

    /// Opens the sample connections. Returns those that are idle and reusable.
    private func openAll(_ seen: inout ProbeObservations) async -> [ProbeConnection] {
        var kept: [ProbeConnection] = []
        var accidents = 0
        var last: Attempt?
        for number in 0..<Self.openings where !Task.isCancelled {
            report(.opening(number + 1, of: Self.openings))
            let attempt = await open(number)
            seen.add(attempt)
            last = attempt
            guard let connection = attempt.connection, attempt.response != nil else {
                attempt.connection?.close()
                accidents += 1
                // After a timeout there is no further attempt.
                if attempt.isAccident, accidents < Self.maxAccidents { continue }
                break
            }
            if seen.tls == nil { seen.tls = await connection.tlsFacts() }
            seen.alpn = seen.alpn ?? connection.alpn
            if await isKept(connection, attempt, &seen) { kept.append(connection) } else { connection.close() }
        }
        if seen.openings.allSatisfy({ $0.exchange.value == nil }) {
            seen.failure = last?.cause
            seen.tlsFailure = last?.tlsFailure
        }
        return kept
    }

    /// Sends a second request on the first connections, which is the only proof of keep-alive.
    private func isKept(
        _ connection: ProbeConnection, _ attempt: Attempt, _ seen: inout ProbeObservations
    ) async -> Bool {
        guard attempt.isReusable else {
            if seen.openings.count == 1 {
                seen.closeAfterLastResponse = await connection.end(within: Self.closeLimit)?.close
            }
            return false
        }
        let hasAnswer = seen.repeats.contains { $0.value != nil }
        // As above, a timeout is not waited for twice.
        let isHopeless = seen.repeats.contains { $0.failure != nil && $0.failure?.close == nil }
        if hasAnswer || isHopeless || seen.repeats.count == Self.maxAccidents { return hasAnswer }
        let second = await connection.exchange(ProbeRequest(request), limit: requestLimit)
        seen.repeats.append(second)
        if let response = second.value { seen.reusedFirstBytes.append(response.firstByteSeconds) }
        return second.value?.persistence == .reusable
    }

    /// Opens a new connection and performs its first exchange. Connections rotate over the addresses; an unreachable
    /// address is skipped.
    package func open(_ number: Int) async -> Attempt { await open(number, ProbeRequest(request)) }

    private func open(_ number: Int, _ request: ProbeRequest) async -> Attempt {
        var attempt = Attempt()
        let peers: [PeerAddress]
        switch location {
        case .addresses(let given): peers = given
        case .name(let name):
            attempt.lookup = await resolver.lookUp(name)
            switch attempt.lookup?.outcome {
            case .addresses(let addresses, _, _): peers = Self.inOrder(addresses).map { .ip($0, port: port) }
            case .notFound: return attempt.failed(.dnsNotFound)
            case .timeout: return attempt.failed(.dnsTimeout)
            case .serverFailure: return attempt.failed(.dnsFailure)
            case nil: return attempt.failed(.cancelled)
            }
        }
        for offset in peers.indices {
            let peer = peers[(number + offset) % peers.count]
            switch await dialer.open(peer) {
            case .failure(let failure):
                attempt.failure = failure
                if failure.cause == .cancelled { return attempt }
                attempt.unreachable.append(.init(address: "\(peer)", cause: failure.cause))
            case .success(let connection):
                let exchange = await connection.exchange(request, limit: requestLimit)
                attempt.failure = nil
                attempt.opening = ProbeObservations.Opening(
                    address: connection.address, connectSeconds: connection.connectSeconds,
                    tlsSeconds: connection.tlsSeconds, exchange: exchange)
                attempt.connection = connection
                return attempt
            }
        }
        return attempt
    }

    /// A fixed order for the same set of addresses, because a server that rotates its answers would interfere with our
    /// own rotation. IPv4 stays before IPv6.
    private static func inOrder(_ addresses: [IPAddress]) -> [IPAddress] {
        addresses.sorted { one, two in
            (one.family.rawValue, one.high, one.low) < (two.family.rawValue, two.high, two.low)
        }
    }

    // MARK: What needs no idle connection

    /// The protocol chosen when HTTP/2 is offered too; nothing is sent on that connection.
    private func chosenProtocol(_ seen: ProbeObservations) async -> String? {
        // A server that speaks HTTP/2 only refuses the handshake, or answers in frames.
        let mayTell = seen.failure == nil || seen.failure == .tlsHandshakeFailed || seen.failure == .framingError
        guard let alpnOffer, mayTell else { return nil }
        let peers: [PeerAddress]
        switch location {
        case .addresses(let given): peers = given
        case .name: peers = ProbeFindings(seen).dns?.addresses.map { .ip($0, port: port) } ?? []
        }
        for peer in peers {
            guard let connection = await dialer.open(peer, with: alpnOffer).value else { continue }
            connection.close()
            return connection.alpn
        }
        return nil
    }

    /// Some servers say how long they keep connections, or keep them, only where a request asks for that.
    private func askToKeep(_ seen: ProbeObservations) async -> [Result<ProbeResponse, ProbeFailure>] {
        guard seen.failure == nil, !seen.openings.isEmpty else { return [] }
        let asking = ProbeRequest(askingToKeep: request)
        let attempt = await open(0, asking)
        defer { attempt.connection?.close() }
        guard let first = attempt.opening?.exchange else { return [] }
        guard let connection = attempt.connection, attempt.isReusable else { return [first] }
        return [first, await connection.exchange(asking, limit: requestLimit)]
    }

    /// How long the absence of a sibling name may be cached; nil if no server was asked for the target's name.
    private func lookUpMissingName(_ seen: ProbeObservations) async -> ResolutionOutcome? {
        guard case .name(let name) = location, case .addresses(_, _, .dns)? = seen.lookups.first?.outcome else {
            return nil
        }
        return await resolver.lookUpMissingName(beside: name)?.outcome
    }

    package init(
        location: HostDescription.Location, port: Int, request: RequestBytes, requestLimit: Duration?,
        maxWait: Duration, requestBound: Int, dialer: ProbeDialer, alpnOffer: TLSIdentity?, resolver: ProbeResolver,
        report: @escaping @Sendable (ProbeStep) -> Void
    ) {
        self.location = location
        self.port = port
        self.request = request
        self.requestLimit = requestLimit
        self.maxWait = maxWait
        self.requestBound = requestBound
        self.dialer = dialer
        self.alpnOffer = alpnOffer
        self.resolver = resolver
        self.report = report
    }
}

extension Prober.Attempt {
    fileprivate func failed(_ cause: FailureCause) -> Self {
        var attempt = self
        attempt.failure = ProbeFailure(cause: cause)
        return attempt
    }
}

extension ProbeObservations {
    fileprivate mutating func add(_ attempt: Prober.Attempt) {
        if let lookup = attempt.lookup { lookups.append(lookup) }
        if let opening = attempt.opening { openings.append(opening) }
        for address in attempt.unreachable where !unreachable.contains(address) { unreachable.append(address) }
    }
}
