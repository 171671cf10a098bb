// A single lookup of `ResolverMachine`: two families, each a small state machine, and the current candidate.

struct ResolverLookup: Sendable {
    typealias Effect = ResolverMachine.Effect
    typealias QueryID = ResolverMachine.QueryID
    typealias Nanoseconds = ResolverMachine.Nanoseconds

    /// A message that may still be answered.
    private struct Query: Sendable {
        var serial: UInt32
        var server: DNSServerAddress
        var message: Message
        var isStream: Bool
    }

    let number: Int
    /// The name as requested.
    let name: String
    let generation: UInt32
    /// For the owner: the deadline that is queued in its heap.
    var queuedDeadline = ResolverMachine.never
    /// Set once, when the lookup is decided.
    private(set) var outcome: ResolutionOutcome?

    private let plan: CandidatePlan
    private let servers: [DNSServerAddress]
    private let firstServer: Int
    private let tries: Int
    private let queriesIPv6: Bool
    /// The latest time at which the lookup ends.
    let limit: Nanoseconds
    /// The time limit for the answer to one message.
    private let patience: Nanoseconds
    private var candidate = 0
    private var v4 = FamilyState.skipped
    private var v6 = FamilyState.skipped
    /// The end of the wait for the second family.
    private var secondFamilyDeadline = ResolverMachine.never
    private var queries: [Query] = []
    private var anyCandidateFailed = false
    private var negativeTTLSeconds = UInt32.max

    init(
        number: Int, name: String, generation: UInt32, plan: CandidatePlan, now: Nanoseconds, limit: Nanoseconds,
        issuer: inout Issuer
    ) {
        let configuration = issuer.configuration
        self.number = number
        self.name = name
        self.generation = generation
        self.plan = plan
        servers = configuration.servers
        firstServer = issuer.firstServer()
        tries = configuration.servers.count * max(configuration.attempts, 1)
        queriesIPv6 = configuration.queriesIPv6
        self.limit = Self.add(now, max(limit, 0))
        let configured = Int64(max(configuration.timeoutSeconds, 1)) * 1_000_000_000
        patience = max(min(configured, max(limit, 0) / Int64(max(tries, 1))), 1_000_000)
    }

    private static func add(_ now: Nanoseconds, _ span: Nanoseconds) -> Nanoseconds {
        let (sum, overflow) = now.addingReportingOverflow(span)
        return overflow ? ResolverMachine.never : sum
    }

    var nextDeadline: Nanoseconds {
        var earliest = min(limit, secondFamilyDeadline)
        for state in [v4, v6] {
            if case .asking(let running) = state { earliest = min(earliest, running.deadline) }
        }
        return earliest
    }

    // MARK: Asking

    /// Starts the current candidate, or a later one if its name is too long.
    mutating func askCandidate(
        _ now: Nanoseconds, _ issuer: inout Issuer, _ random: inout some RandomNumberGenerator,
        _ effects: inout [Effect]
    ) {
        while candidate < plan.count, plan.candidate(candidate) == nil { candidate += 1 }
        guard candidate < plan.count, tries > 0 else { return finish() }
        v4 = ask(.v4, .init(number: 0), now, &issuer, &random, &effects)
        v6 = queriesIPv6 ? ask(.v6, .init(number: 0), now, &issuer, &random, &effects) : .skipped
    }

    /// Sends the message of one try; `failed` if no try is left.
    private mutating func ask(
        _ family: IPAddress.Family, _ attempt: FamilyState.Attempt, _ now: Nanoseconds, _ issuer: inout Issuer,
        _ random: inout some RandomNumberGenerator, _ effects: inout [Effect]
    ) -> FamilyState {
        guard attempt.number < tries, let name = plan.candidate(candidate) else {
            return .failed(anyAnswer: attempt.anyAnswer)
        }
        let server = servers[(firstServer + attempt.number) % servers.count]
        let message = Message.query(
            id: UInt16(truncatingIfNeeded: random.next()), name: name, type: RecordType(family), edns: attempt.edns)
        let query = Query(serial: issuer.serial(), server: server, message: message, isStream: attempt.isStream)
        queries.append(query)
        let id = QueryID(lookup: number, serial: query.serial)
        effects.append(
            query.isStream
                ? .sendStream(id, to: server, bytes: message.encoded())
                : .sendDatagram(id, to: server, id: message.id, bytes: message.encoded()))
        return .asking(
            .init(
                number: attempt.number, serial: query.serial, deadline: Self.add(now, patience),
                anyAnswer: attempt.anyAnswer))
    }

    // MARK: Events

    /// False if the message is not an answer to the query, or the query is over.
    mutating func received(
        _ id: QueryID, _ server: DNSServerAddress, _ message: Message, _ now: Nanoseconds, _ issuer: inout Issuer,
        _ random: inout some RandomNumberGenerator, _ effects: inout [Effect]
    ) -> Bool {
        guard let index = queries.firstIndex(where: { $0.serial == id.serial }) else { return false }
        let query = queries[index]
        guard query.server == server else { return false }
        var verdict = message.verdict(for: query.message)
        if verdict == .unrelated { return false }
        // A TCP response is complete (RFC 7766 §5), so a truncated one is broken.
        if verdict == .truncated, query.isStream { verdict = .failed }
        end(index, &effects)
        apply(verdict, of: query, now, &issuer, &random, &effects)
        return true
    }

    mutating func transportFailed(
        _ id: QueryID, _ now: Nanoseconds, _ issuer: inout Issuer, _ random: inout some RandomNumberGenerator,
        _ effects: inout [Effect]
    ) -> Bool {
        guard let index = queries.firstIndex(where: { $0.serial == id.serial }) else { return false }
        let query = queries[index]
        end(index, &effects)
        apply(.failed, of: query, now, &issuer, &random, &effects)
        return true
    }

    /// Applies the result of a message, or its absence, to the family that it asked for.
    private mutating func apply(
        _ verdict: ResponseVerdict, of query: Query, _ now: Nanoseconds, _ issuer: inout Issuer,
        _ random: inout some RandomNumberGenerator, _ effects: inout [Effect]
    ) {
        let family: IPAddress.Family = query.message.questions.first?.type == .aaaa ? .v6 : .v4
        let usesEDNS = query.message.edns != nil
        switch self[family].step(after: verdict, serial: query.serial, edns: usesEDNS, isStream: query.isStream) {
        case .stay: break
        case .become(let state): self[family] = state
        case .ask(let attempt): self[family] = ask(family, attempt, now, &issuer, &random, &effects)
        }
        decide(now, &issuer, &random, &effects)
    }

    mutating func tick(
        _ now: Nanoseconds, _ issuer: inout Issuer, _ random: inout some RandomNumberGenerator,
        _ effects: inout [Effect]
    ) {
        if now >= limit {
            outcome = collectedAddresses ?? .timeout
            return
        }
        for family in [IPAddress.Family.v4, .v6] {
            guard case .asking(let running) = self[family], running.deadline <= now else { continue }
            let next = FamilyState.Attempt(number: running.number + 1, anyAnswer: running.anyAnswer)
            self[family] = ask(family, next, now, &issuer, &random, &effects)
        }
        decide(now, &issuer, &random, &effects)
    }

    // MARK: Deciding

    private subscript(family: IPAddress.Family) -> FamilyState {
        get { family == .v4 ? v4 : v6 }
        set { if family == .v4 { v4 = newValue } else { v6 = newValue } }
    }

    private mutating func decide(
        _ now: Nanoseconds, _ issuer: inout Issuer, _ random: inout some RandomNumberGenerator,
        _ effects: inout [Effect]
    ) {
        guard outcome == nil else { return }
        if v4.isAsking || v6.isAsking {
            // An absent name is absent for both types (RFC 8020), but some servers send NXDOMAIN for AAAA only (RFC
            // 4074 §4.2). NXDOMAIN for A is therefore final, and for AAAA alone it is not.
            let isSettled = if case .noName = v4 { true } else { v4.hasAddresses || v6.hasAddresses }
            guard isSettled else { return }
            if secondFamilyDeadline == ResolverMachine.never {
                secondFamilyDeadline = Self.add(now, ResolverMachine.secondFamilyWait)
            }
            if now < secondFamilyDeadline { return }
        }
        if let addresses = collectedAddresses {
            outcome = addresses
            return
        }
        endCandidate()
        guard outcome == nil else { return }
        stopListening(&effects)
        secondFamilyDeadline = ResolverMachine.never
        candidate += 1
        askCandidate(now, &issuer, &random, &effects)
    }

    private var collectedAddresses: ResolutionOutcome? {
        var all: [IPAddress] = []
        var least = UInt32.max
        for case .addresses(let addresses, let ttl) in [v4, v6] {
            all += addresses
            least = min(least, ttl)
        }
        return all.isEmpty ? nil : .addresses(all, ttlSeconds: least, source: .dns)
    }

    /// Records how a candidate without addresses affects the lookup.
    private mutating func endCandidate() {
        if case .noName(let ttl) = v4 {
            negativeTTLSeconds = min(negativeTTLSeconds, ttl)
            return
        }
        for state in [v4, v6] {
            switch state {
            case .noData(let ttl), .noName(let ttl): negativeTTLSeconds = min(negativeTTLSeconds, ttl)
            // The servers would not answer for any further candidate either.
            case .failed(anyAnswer: false): outcome = outcome ?? .timeout
            case .failed(anyAnswer: true): anyCandidateFailed = true
            case .skipped, .asking, .addresses: continue
            }
        }
    }

    /// All candidates have been tried.
    private mutating func finish() {
        outcome =
            anyCandidateFailed
            ? .serverFailure : .notFound(ttlSeconds: negativeTTLSeconds == .max ? 0 : negativeTTLSeconds)
    }

    private mutating func end(_ index: Int, _ effects: inout [Effect]) {
        effects.append(.stopListening(QueryID(lookup: number, serial: queries[index].serial)))
        queries.remove(at: index)
    }

    mutating func stopListening(_ effects: inout [Effect]) {
        for query in queries { effects.append(.stopListening(QueryID(lookup: number, serial: query.serial))) }
        queries.removeAll(keepingCapacity: true)
    }
}
