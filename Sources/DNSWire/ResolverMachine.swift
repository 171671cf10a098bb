// The stub resolver's decisions, without its sockets. It performs no I/O, reads no clock and draws no randomness of its
// own: `now` and a generator are passed in with every event.
//
// Rules:
// 1. A name that is an address, or is in the hosts file, is answered at once without a query.
// 2. Names become candidates by ndots and the search list (resolv.conf(5)); a trailing dot means "as is". A "no" leads
//    to the next candidate. So does a server failure, but then the name is no longer reported as absent.
// 3. A candidate queries A and AAAA in parallel. The first family with an answer waits at most 50 ms for the other (RFC
// 8305 §3), so that a resolver that is slow with one type does not slow every connection.
// 4. A message waits `timeoutSeconds`, or the lookup's limit divided by all planned tries if that is shorter, so that
//    the last server gets its turn within the limit. Then the next server is asked, for `attempts` rounds. Earlier
//    messages stay open: their late answer counts, their late failure does not.
// 5. SERVFAIL, REFUSED, or an unreachable server: next server at once. TC: the same server over TCP. FORMERR to EDNS:
//    the same server without EDNS.
// 6. Every answer is checked: the message that it answers (id, question) and the server that it came from. An answer
//    that fails the check is counted and otherwise ignored, because a forger must not be able to end a lookup.
// 7. Each `send…` effect is followed by exactly one `stopListening`, and each lookup by exactly one `complete`, last.
//
// Limits: `maximumLookups` at once (further ones get `serverFailure`); tries ≤ servers × attempts ≤ 15 per family and
// candidate, each with one repetition over TCP and one without EDNS; candidates ≤ 33.

package struct ResolverMachine: Sendable {
    package typealias Nanoseconds = Int64
    package static let never = Nanoseconds.max

    package static let maximumLookups = 4096
    /// RFC 8305 §3, "Resolution Delay".
    package static let secondFamilyWait: Nanoseconds = 50_000_000
    /// The TTL of names from a hosts file, which has none; caches clamp it.
    package static let fixedTTLSeconds: UInt32 = 3600

    /// A message in progress. Never reused.
    package struct QueryID: Hashable, Sendable {
        package let lookup: Int
        package let serial: UInt32
    }

    package enum Event: Sendable, Equatable {
        /// A caller requested a name. The number is chosen by the caller, is below `maximumLookups`, and can be reused
        /// once the lookup has completed.
        case lookupRequested(Int, name: String, limit: Nanoseconds)
        /// The lookup is no longer needed; no `complete` will follow.
        case lookupAbandoned(Int)
        /// A message came on the socket of this query.
        case messageReceived(QueryID, from: DNSServerAddress, Message)
        /// The query's socket failed: refused, unreachable, closed.
        case queryFailed(QueryID)
        /// The contents of the system's files changed. Lookups in progress start over with the time that they have
        /// left, because they may be waiting for servers of a network that is gone.
        indirect case configurationChanged(ResolverConfiguration)
    }

    package enum Effect: Sendable, Equatable {
        /// Send over UDP, from an unpredictable port. `id` is the message's id, which distinguishes answers on one
        /// socket.
        case sendDatagram(QueryID, to: DNSServerAddress, id: UInt16, bytes: [UInt8])
        /// Send over TCP.
        case sendStream(QueryID, to: DNSServerAddress, bytes: [UInt8])
        case stopListening(QueryID)
        case complete(Int, ResolutionOutcome)
    }

    package var configuration: ResolverConfiguration { issuer.configuration }
    /// The number of events for lookups and queries that are over, and of answers that failed a check.
    package private(set) var ignoredEvents = 0

    private var issuer: Issuer
    private var lookups: [ResolverLookup?] = []
    private var live = 0
    private var deadlines = LookupDeadlineHeap()
    private var nextGeneration: UInt32 = 0

    package init(configuration: ResolverConfiguration) { issuer = Issuer(configuration: configuration) }

    package var lookupsInFlight: Int { live }
    /// The number of queued deadlines, including those of ended lookups; `queueDeadline` limits those.
    var queuedDeadlines: Int { deadlines.count }

    /// When `tick` is due. It may be early, if a lookup has ended in the meantime, but never late.
    package var nextDeadline: Nanoseconds { deadlines.first?.deadline ?? Self.never }

    package mutating func handle(
        _ event: Event, now: Nanoseconds, using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        switch event {
        case .lookupRequested(let number, let name, let limit):
            begin(number, name, limit, now, &random, &effects)
        case .lookupAbandoned(let number):
            guard isLive(number) else { return ignore() }
            lookups[number]?.stopListening(&effects)
            remove(number)
        case .messageReceived(let query, let server, let message):
            guard isLive(query.lookup),
                let used = lookups[query.lookup]?.received(
                    query, server, message, now, &issuer, &random, &effects)
            else { return ignore() }
            if used { completeIfDecided(query.lookup, &effects) } else { ignore() }
        case .queryFailed(let query):
            guard isLive(query.lookup),
                let used = lookups[query.lookup]?.transportFailed(query, now, &issuer, &random, &effects)
            else { return ignore() }
            if used { completeIfDecided(query.lookup, &effects) } else { ignore() }
        case .configurationChanged(let configuration):
            issuer.configuration = configuration
            for number in lookups.indices { beginAgain(number, now, &random, &effects) }
        }
    }

    package mutating func tick(
        _ now: Nanoseconds, using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        while let due = deadlines.first, due.deadline <= now {
            deadlines.removeFirst()
            guard isCurrent(due) else { continue }
            lookups[due.lookup]?.queuedDeadline = Self.never
            lookups[due.lookup]?.tick(now, &issuer, &random, &effects)
            completeIfDecided(due.lookup, &effects)
        }
    }

    private mutating func begin(
        _ number: Int, _ name: String, _ limit: Nanoseconds, _ now: Nanoseconds,
        _ random: inout some RandomNumberGenerator, _ effects: inout [Effect]
    ) {
        if let outcome = issuer.answerWithoutServer(name) {
            effects.append(.complete(number, outcome))
            return
        }
        guard (0..<Self.maximumLookups).contains(number), let plan = CandidatePlan(name, issuer.configuration) else {
            // A name that cannot be encoded for DNS cannot exist in DNS.
            let isNumber = (0..<Self.maximumLookups).contains(number)
            effects.append(.complete(number, isNumber ? .notFound(ttlSeconds: 0) : .serverFailure))
            return
        }
        while lookups.count <= number { lookups.append(nil) }
        precondition(lookups[number] == nil, "the caller gave the number of a running lookup to another")
        nextGeneration &+= 1
        lookups[number] = ResolverLookup(
            number: number, name: name, generation: nextGeneration, plan: plan, now: now, limit: limit, issuer: &issuer)
        live += 1
        lookups[number]?.askCandidate(now, &issuer, &random, &effects)
        completeIfDecided(number, &effects)
    }

    private mutating func beginAgain(
        _ number: Int, _ now: Nanoseconds, _ random: inout some RandomNumberGenerator, _ effects: inout [Effect]
    ) {
        guard let lookup = lookups[number] else { return }
        lookups[number]?.stopListening(&effects)
        remove(number)
        begin(number, lookup.name, lookup.limit == Self.never ? .max : lookup.limit - now, now, &random, &effects)
    }

    /// Completes the lookup if it is decided, otherwise schedules its deadline.
    private mutating func completeIfDecided(_ number: Int, _ effects: inout [Effect]) {
        guard let outcome = lookups[number]?.outcome else { return queueDeadline(number) }
        lookups[number]?.stopListening(&effects)
        remove(number)
        effects.append(.complete(number, outcome))
    }

    /// A deadline that moved later stays queued at its old time, and is examined again when that arrives.
    private mutating func queueDeadline(_ number: Int) {
        guard let lookup = lookups[number], lookup.nextDeadline < lookup.queuedDeadline else { return }
        lookups[number]?.queuedDeadline = lookup.nextDeadline
        deadlines.insert(
            .init(deadline: lookup.nextDeadline, lookup: number, generation: lookup.generation))
        if deadlines.count > 2 * live + 64 { dropStaleDeadlines() }
    }

    private mutating func dropStaleDeadlines() {
        deadlines = LookupDeadlineHeap(
            lookups.compactMap { lookup in
                lookup.map { .init(deadline: $0.queuedDeadline, lookup: $0.number, generation: $0.generation) }
            })
    }

    private func isCurrent(_ entry: LookupDeadlineHeap.Entry) -> Bool {
        guard let lookup = lookups[entry.lookup] else { return false }
        return lookup.generation == entry.generation && lookup.queuedDeadline == entry.deadline
    }

    private func isLive(_ number: Int) -> Bool { lookups.indices.contains(number) && lookups[number] != nil }

    private mutating func remove(_ number: Int) {
        lookups[number] = nil
        live -= 1
    }

    private mutating func ignore() { ignoredEvents += 1 }
}

/// The state that all lookups share: the configuration and the numbers that must never be reused.
struct Issuer: Sendable {
    var configuration: ResolverConfiguration
    private var nextSerial: UInt32 = 0
    private var nextServer = 0

    init(configuration: ResolverConfiguration) { self.configuration = configuration }

    mutating func serial() -> UInt32 {
        nextSerial &+= 1
        return nextSerial
    }

    /// The position of the server that a new lookup asks first.
    mutating func firstServer() -> Int {
        guard configuration.rotate, configuration.servers.count > 1 else { return 0 }
        defer { nextServer = (nextServer + 1) % configuration.servers.count }
        return nextServer
    }

    func answerWithoutServer(_ name: String) -> ResolutionOutcome? {
        let ttl = ResolverMachine.fixedTTLSeconds
        if let address = IPAddress(name) { return .addresses([address], ttlSeconds: ttl, source: .literal) }
        let special = SpecialUseName(name)
        var addresses = configuration.hosts.lookup(name) ?? []
        if !configuration.queriesIPv6 { addresses.removeAll { $0.family == .v6 } }
        if addresses.isEmpty {
            // The hosts file may contain localhost for the other family only.
            if special == .localhost {
                addresses = [.loopbackV4]
            } else {
                return special.map { _ in .notFound(ttlSeconds: ttl) }
            }
        }
        return .addresses(addresses, ttlSeconds: ttl, source: .hostsFile)
    }
}

extension ResolverConfiguration {
    /// The names that servers are asked for where this one is looked up, in their order.
    package func namesTried(for name: String) -> [String] {
        guard let plan = CandidatePlan(name, self) else { return [] }
        return (0..<plan.count).compactMap { plan.candidate($0)?.description }
    }
}

/// The names that one asked name stands for, in order.
struct CandidatePlan: Sendable {
    private let name: DomainName
    private let search: [DomainName]
    private let asItIsFirst: Bool

    init?(_ text: String, _ configuration: ResolverConfiguration) {
        guard let name = DomainName(text), name != .root else { return nil }
        self.name = name
        search = text.hasSuffix(".") ? [] : configuration.search
        asItIsFirst = name.labels.count - 1 >= configuration.ndots
    }

    var count: Int { search.count + 1 }

    /// Nil if the search domain makes the name too long, or makes it one that must not be sent to servers.
    func candidate(_ index: Int) -> DomainName? {
        if index == (asItIsFirst ? 0 : search.count) { return name }
        guard let full = name.appending(search[asItIsFirst ? index - 1 : index]) else { return nil }
        return SpecialUseName(full) == nil ? full : nil
    }
}
