package import DNSWire
package import PoolModel

// The DNS cache: answers by name, who must ask a server, and which addresses have left. Pure: no I/O, no clock.
//
// A name's lookup goes, with the cache on:
//
//   kept addresses, TTL not over ............. hit; from 90 % of the TTL on, once, with a query ahead of the expiry
//   kept addresses, TTL over, servers failing . stale hit, up to the stale limit; a query when the pause is over
//   kept "no such name", TTL not over ........ negative hit
//   kept failure, pause not over ............. negative hit with that cause (1 s doubling to 5 s)
//   otherwise, a query on its way ............ coalesced: joins it
//   otherwise ................................ miss: starts one
//
// and with the cache off always "miss". Only a server's answer ("no" included) replaces addresses; a failure never does.
//
// A failure is cached for at least 1 s and at most 5 min (RFC 9520 §3.2). While requests ask for the name the maximum
// is 5 s, so that a recovered server is noticed soon and is still asked only once per 5 s and name, however many
// requests wait. Names that are refreshed only because their connections are open use the full doubled pause.
//
// Invariants (`checkInvariants`):
//   lookups = hits + staleHits + negativeHits + misses + coalesced
//   entries = slots that keep something = length of the list of use ≤ size; zero with the cache off
//   a slot that keeps addresses has some; with the cache on at most one query per name is begun
//   departures name no address of the current set; `nextRetirement` is the least of their moments
//
// Memory: each interned name keeps a slot with its last set of addresses (at most 64, to detect changes) for as long as
// some host uses it. `size` therefore bounds the cached answers and not the number of names.

package struct DNSCache: Sendable {
    /// RFC 9520 §3.2: failures are kept at least 1 s and at most 5 min.
    package static let minFailurePause = Nanoseconds.seconds(1)
    package static let maxFailurePause = Nanoseconds.seconds(300)
    /// The longest pause while requests ask for the name.
    package static let maxAskedFailurePause = Nanoseconds.seconds(5)
    /// The limit on departures waiting for their moment, over all names. Above it the earliest is retired at once.
    package static let maximumDepartures = 4096

    package private(set) var settings: DNSCacheSettings
    private(set) var slots: [Slot] = []
    private var ids: [String: NameID] = [:]
    /// Slots of names that were released.
    private var freeSlots: [Int] = []
    private var use = UseOrder()
    private var departures: [Departure] = []
    /// When `takeRetired` next returns something; `never` if no address has left.
    package private(set) var nextRetirement = Moment.never
    private var totals = DNSCounts()
    /// Outcomes of queries that were never started. Each is a bug in the caller.
    package private(set) var ignoredEvents = 0

    package init(settings: DNSCacheSettings = DNSCacheSettings()) { self.settings = settings }

    // MARK: Asking

    /// The permanent number of a name. Case and a trailing dot are preserved, because hosts have normalised names.
    package mutating func intern(_ name: String) -> NameID {
        if let known = ids[name] {
            slots[known.index].isReleased = false
            return known
        }
        let id = NameID(index: freeSlots.popLast() ?? slots.count)
        if id.index == slots.count {
            slots.append(Slot(name: name))
            use.addSlot()
        } else {
            slots[id.index] = Slot(name: name)
        }
        ids[name] = id
        return id
    }

    /// Names that are used by a host or have a query in progress.
    package var namesKnown: Int { ids.count }

    package func text(of name: NameID) -> String { slots[name.index].name }

    /// Called when no host uses the name any more: its record is dropped and its number may be reused. While a query
    /// for it is in progress it is kept, because the answer would otherwise be attributed to the number's next name.
    package mutating func release(_ name: NameID) {
        slots[name.index].isReleased = true
        guard slots[name.index].queries == 0 else { return }
        forget(name.index)
        departures.removeAll { $0.name == name }
        findNextRetirement()
        ids[slots[name.index].name] = nil
        slots[name.index] = Slot(name: "")
        freeSlots.append(name.index)
    }

    package mutating func lookup(_ name: NameID, now: Moment) -> DNSLookup {
        totals.lookups += 1
        guard settings.isEnabled else { return miss(name.index, now) }
        switch slots[name.index].kept {
        case .addresses: return lookupAddresses(name.index, now)
        case .notFound where now < slots[name.index].expiresAt: return negativeHit(name.index, .dnsNotFound)
        case .failure(let cause) where now < slots[name.index].expiresAt: return negativeHit(name.index, cause)
        case .nothing, .notFound, .failure: return ask(name.index, now)
        }
    }

    private mutating func lookupAddresses(_ index: Int, _ now: Moment) -> DNSLookup {
        let expiresAt = slots[index].expiresAt
        let isFresh = now < expiresAt
        // Before the first failure, an expired answer is looked up again. After it, the expired answer is served at
        // once, so that a dead server delays one request and not all of them (RFC 8767 §5, failure recheck timer).
        guard isFresh || (slots[index].failures > 0 && now < expiresAt + settings.staleLimit) else {
            // The servers fail and the answer is too old to serve, so the failure is the answer.
            if !isFresh, slots[index].failures > 0, now < slots[index].askableAt {
                return negativeHit(index, slots[index].lastFailure)
            }
            return ask(index, now)
        }
        use.touch(index)
        slots[index].countHit(isStale: !isFresh)
        if isFresh { totals.hits += 1 } else { totals.staleHits += 1 }
        let entry = slots[index].entry(isStale: !isFresh)
        guard now >= slots[index].refreshAt, slots[index].queries == 0 else {
            return isFresh ? .fresh(entry) : .stale(entry)
        }
        beginRefresh(index, now)
        return isFresh ? .refreshNow(entry) : .staleRefreshNow(entry)
    }

    private mutating func negativeHit(_ index: Int, _ cause: FailureCause) -> DNSLookup {
        use.touch(index)
        slots[index].hits += 1
        totals.negativeHits += 1
        return .negative(cause)
    }

    private mutating func ask(_ index: Int, _ now: Moment) -> DNSLookup {
        if slots[index].queries == 0 { return miss(index, now) }
        totals.coalesced += 1
        return .join
    }

    private mutating func miss(_ index: Int, _ now: Moment) -> DNSLookup {
        slots[index].misses += 1
        slots[index].beginQuery(\.lookupQueries, now)
        totals.misses += 1
        return .startQuery
    }

    private mutating func beginRefresh(_ index: Int, _ now: Moment) {
        slots[index].beginQuery(\.refreshQueries, now)
        slots[index].refreshAt = .never
    }

    /// Refreshes a name whose connections are open but which no request looks up, so that a change in its records is
    /// noticed. Returns true if a query must be started, whose outcome goes to `resolved`. Does not count as a lookup.
    package mutating func refresh(_ name: NameID, now: Moment) -> Bool {
        guard settings.isEnabled, slots[name.index].queries == 0, now >= refreshDue(name) else { return false }
        beginRefresh(name.index, now)
        return true
    }

    /// When `refresh` would start a query: when the answer expires, or when the pause after a failure ends; `never`
    /// with the cache off, while a query is in progress, and before the first answer.
    package func refreshDue(_ name: NameID) -> Moment {
        let slot = slots[name.index]
        guard settings.isEnabled, slot.queries == 0 else { return .never }
        switch slot.kept {
        case .nothing: return .never
        case .addresses: return slot.failures > 0 ? slot.retryAt : slot.expiresAt
        case .notFound: return slot.expiresAt
        case .failure: return slot.retryAt
        }
    }

    // MARK: Answers

    /// Called exactly once for every query that was started.
    package mutating func resolved(_ name: NameID, _ outcome: ResolutionOutcome, now: Moment) -> DNSUpdate {
        let index = name.index
        let wasForLookup = slots[index].lookupQueries > 0
        if wasForLookup {
            slots[index].lookupQueries -= 1
        } else if slots[index].refreshQueries > 0 {
            slots[index].refreshQueries -= 1
        } else {
            ignoredEvents += 1
            return DNSUpdate(answer: .failed(.dnsFailure), waiters: .none)
        }
        defer { if slots[index].isReleased { release(name) } }
        slots[index].noteTrouble(in: outcome, now)
        // The last query on its way answers everybody, so that nobody is left behind when the cache is switched.
        let waiters: DNSWaiters = settings.isEnabled || slots[index].queries == 0 ? .all : .oldest
        switch outcome {
        case .addresses(let addresses, let ttlSeconds, let source) where !addresses.isEmpty:
            var update = found(index, addresses, settings.clamp(ttlSeconds), source, now)
            update.waiters = waiters
            return update
        case .addresses: return absent(index, 0, waiters, now)
        case .notFound(let ttlSeconds): return absent(index, settings.clamp(ttlSeconds), waiters, now)
        case .timeout:
            return failed(index, .dnsTimeout, waiters, countsAsFailure: wasForLookup, now)
        case .serverFailure:
            return failed(index, .dnsFailure, waiters, countsAsFailure: wasForLookup, now)
        }
    }

    private mutating func found(
        _ index: Int, _ addresses: [IPAddress], _ ttl: Nanoseconds, _ source: AnswerSource, _ now: Moment
    ) -> DNSUpdate {
        var update = DNSUpdate(
            answer: .addresses(DNSEntry(addresses: addresses, source: source, isStale: false)), waiters: .all)
        change(index, to: addresses, ttl, now, &update)
        slots[index].source = source
        answered(index, ttl > 0 ? .addresses : .nothing, ttl, now)
        return update
    }

    private mutating func absent(
        _ index: Int, _ ttl: Nanoseconds, _ waiters: DNSWaiters, _ now: Moment
    ) -> DNSUpdate {
        var update = DNSUpdate(answer: .failed(.dnsNotFound), waiters: waiters)
        change(index, to: [], ttl, now, &update)
        answered(index, ttl > 0 ? .notFound : .nothing, ttl, now)
        return update
    }

    private mutating func answered(_ index: Int, _ kept: Kept, _ ttl: Nanoseconds, _ now: Moment) {
        slots[index].failures = 0
        slots[index].receivedAt = now
        slots[index].ttl = ttl
        slots[index].expiresAt = now + ttl
        slots[index].refreshAt = now + (ttl - ttl / 10)
        keep(index, kept)
    }

    private mutating func failed(
        _ index: Int, _ cause: FailureCause, _ waiters: DNSWaiters, countsAsFailure: Bool, _ now: Moment
    ) -> DNSUpdate {
        if countsAsFailure { totals.failures += 1 }
        guard settings.isEnabled else { return DNSUpdate(answer: .failed(cause), waiters: waiters) }
        slots[index].noteFailure(cause, now)
        switch slots[index].kept {
        case .addresses:
            // Kept even beyond the stale limit, to show the last known addresses until an answer replaces them.
            let expiresAt = slots[index].expiresAt
            guard now < expiresAt || now < expiresAt + settings.staleLimit else { break }
            let entry = slots[index].entry(isStale: now >= expiresAt)
            return DNSUpdate(answer: .addresses(entry), waiters: waiters)
        case .nothing, .notFound, .failure:
            slots[index].expiresAt = slots[index].askableAt
            slots[index].receivedAt = now
            slots[index].ttl = slots[index].askableAt - now
            keep(index, .failure(cause))
        }
        return DNSUpdate(answer: .failed(cause), waiters: waiters)
    }

    /// Stores the answer and moves the name to the front of the usage order. With the cache off nothing is stored.
    private mutating func keep(_ index: Int, _ kept: Kept) {
        guard kept != .nothing, settings.isEnabled, settings.size > 0 else { return forget(index) }
        slots[index].kept = kept
        use.touch(index)
        evictSurplus()
    }

    private mutating func evictSurplus() {
        while use.count > settings.size, let oldest = use.oldest { forget(oldest) }
    }

    private mutating func forget(_ index: Int) {
        slots[index].kept = .nothing
        slots[index].failures = 0
        use.remove(index)
    }

    // MARK: Change of addresses

    /// Whether connections to the address may continue: it is in the last answer, or left it less than one TTL ago.
    /// True for a name that was never answered.
    package func isCurrent(_ address: IPAddress, of name: NameID) -> Bool {
        guard slots[name.index].wasAnswered else { return true }
        return slots[name.index].addresses.contains(address)
            || departures.contains { $0.name == name && $0.address == address }
    }

    /// Appends the addresses whose grace period has ended, in order of time.
    package mutating func takeRetired(now: Moment, into retired: inout [DNSRetirement]) {
        guard now >= nextRetirement else { return }
        let due = departures.filter { $0.retireAt <= now }.sorted { $0.retireAt < $1.retireAt }
        departures.removeAll { $0.retireAt <= now }
        retired += due.map { DNSRetirement(name: $0.name, address: $0.address) }
        findNextRetirement()
    }

    private mutating func change(
        _ index: Int, to addresses: [IPAddress], _ ttl: Nanoseconds, _ now: Moment, _ update: inout DNSUpdate
    ) {
        defer { slots[index].wasAnswered = true }
        let before = slots[index].addresses
        if before == addresses { return }
        slots[index].addresses = addresses
        let name = NameID(index: index)
        if slots[index].wasAnswered { update.joined = addresses.filter { !before.contains($0) } }
        update.left = before.filter { !addresses.contains($0) }
        departures.removeAll { $0.name == name && addresses.contains($0.address) }
        // With a TTL of zero there would be no grace period for a set that rotates from answer to answer.
        let retireAt = now + max(ttl, settings.minTTL)
        for address in update.left {
            departures.append(Departure(name: name, address: address, retireAt: retireAt))
        }
        hastenSurplusDepartures(now)
        findNextRetirement()
    }

    private mutating func hastenSurplusDepartures(_ now: Moment) {
        let surplus = departures.count - Self.maximumDepartures
        guard surplus > 0 else { return }
        for index in 0..<surplus { departures[index].retireAt = min(departures[index].retireAt, now) }
    }

    private mutating func findNextRetirement() {
        nextRetirement = departures.reduce(.never) { min($0, $1.retireAt) }
    }

    // MARK: Switching

    /// Drops every answer. Queries in progress still answer their waiters, and their answers are cached. The last
    /// addresses of each name are remembered, so that a change is noticed across a flush.
    package mutating func flush() {
        while let oldest = use.oldest { forget(oldest) }
    }

    /// Called when cached answers may be outdated: the machine was suspended, during which this clock stood still, or
    /// its network changed. Addresses are marked expired, so the next lookup queries for them, but they are still
    /// served while no server answers. Failures and "no such name" are dropped.
    package mutating func expire(after suspension: Nanoseconds = 0, now: Moment) {
        for index in use.indices {
            switch slots[index].kept {
            case .addresses: slots[index].expire(after: suspension, now)
            case .nothing, .notFound, .failure: forget(index)
            }
        }
    }

    /// Applies new settings at once: cached answers are cut to the new size and maximum TTL, and dropped if the cache
    /// is switched off. A longer TTL applies from the next answer on.
    package mutating func apply(_ new: DNSCacheSettings) {
        settings = new
        guard new.isEnabled, new.size > 0 else { return flush() }
        evictSurplus()
        for index in use.indices {
            switch slots[index].kept {
            case .addresses, .notFound: slots[index].limitTTL(new.maxTTL)
            case .failure, .nothing: continue
            }
        }
    }

    // MARK: Numbers

    /// A DNS message was sent, for any query.
    package mutating func querySent() { totals.queries += 1 }

    package var counts: DNSCounts {
        var counts = totals
        counts.entries = use.count
        return counts
    }

    /// The record of a name; nil if nothing is cached for it.
    package func record(_ name: NameID, hostID: Int, now: Moment) -> DNSRecordSnapshot? {
        slots[name.index].record(hostID: hostID, now: now)
    }

    /// Traps if an invariant listed at the top of this file is violated. For debug builds and tests, because it visits
    /// every slot.
    package func checkInvariants() {
        let sum = totals.hits + totals.staleHits + totals.negativeHits + totals.misses + totals.coalesced
        demand(totals.lookups == sum, "lookups = hits + stale + negative + misses + coalesced")
        let kept = use.checkInvariants()
        if kept > 0 {
            demand(kept <= settings.size, "no more names than allowed")
            demand(settings.isEnabled, "nothing is kept with the cache off")
        }
        var index = 0
        while index < slots.count {
            let slot = slots[index]
            demand(use.contains(index) == (slot.kept != .nothing), "the order of use has what is kept")
            if slot.kept == .addresses { demand(!slot.addresses.isEmpty, "kept addresses are there") }
            let refreshes = slot.refreshQueries
            demand(slot.lookupQueries >= 0, "queries begun")
            demand(refreshes == 0 || refreshes == 1, "refreshes begun")
            index += 1
        }
        demand(ids.count == slots.count - freeSlots.count, "names and numbers agree")
        var earliest = Moment.never
        for departure in departures {
            let current = slots[departure.name.index].addresses
            demand(!current.contains(departure.address), "what is current has not left")
            earliest = min(earliest, departure.retireAt)
        }
        demand(nextRetirement == earliest, "the next retirement is the earliest")
    }
}
