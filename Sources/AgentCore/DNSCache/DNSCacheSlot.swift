import DNSWire
import PoolModel

extension DNSCache {
    /// Why the last lookups of a name gave no addresses; nil: the last one did, or there was none.
    func failure(of name: NameID, now: Moment) -> NameFailure? { slots[name.index].failure(now) }

    /// The content of the cache for a name.
    enum Kept: Sendable, Equatable {
        case nothing
        case addresses
        case notFound
        case failure(FailureCause)
    }

    /// An address that is about to be retired.
    struct Departure: Sendable, Equatable {
        var name: NameID
        var address: IPAddress
        var retireAt: Moment
    }

    /// Lookups that gave no addresses, in a row.
    struct Trouble: Sendable, Equatable {
        var cause: FailureCause
        var since: Moment
        var staleHits = 0
    }

    /// All that is known of one name.
    struct Slot: Sendable {
        let name: String
        var kept = Kept.nothing
        /// The addresses of the last answer, whether or not it is still cached.
        var addresses: [IPAddress] = []
        var wasAnswered = false
        var source = AnswerSource.dns
        var receivedAt = Moment.zero
        var ttl: Nanoseconds = 0
        var expiresAt = Moment.zero
        /// From this moment on a hit starts a query; `never` once it has.
        var refreshAt = Moment.never
        /// Failed queries since the last answer.
        var failures = 0
        var lastFailure = FailureCause.dnsFailure
        /// When the first of the queries on their way was begun.
        var askedAt = Moment.zero
        /// Failures and "no such name" since the last answer with addresses; nil: there were none.
        var trouble: Trouble?
        /// The end of the pause after the last failure, for those who ask and for refreshes that nobody asked for.
        var askableAt = Moment.zero
        var retryAt = Moment.zero
        /// Queries in progress that a lookup started.
        var lookupQueries = 0
        /// Queries in progress that were started ahead of expiry; at most one.
        var refreshQueries = 0
        var hits = 0
        var misses = 0
        /// No host uses the name any more.
        var isReleased = false

        init(name: String) { self.name = name }

        var queries: Int { lookupQueries + refreshQueries }

        func entry(isStale: Bool) -> DNSEntry { DNSEntry(addresses: addresses, source: source, isStale: isStale) }

        mutating func countHit(isStale: Bool) {
            hits += 1
            if isStale { trouble?.staleHits += 1 }
        }

        /// `kind`: for a lookup, or ahead of need.
        mutating func beginQuery(_ kind: WritableKeyPath<Slot, Int>, _ now: Moment) {
            if queries == 0 { askedAt = now }
            self[keyPath: kind] += 1
        }

        mutating func noteTrouble(in outcome: ResolutionOutcome, _ now: Moment) {
            let cause: FailureCause? =
                switch outcome {
                case .addresses(let addresses, _, _): addresses.isEmpty ? .dnsNotFound : nil
                case .notFound: .dnsNotFound
                case .timeout: .dnsTimeout
                case .serverFailure: .dnsFailure
                }
            trouble = cause.map {
                Trouble(cause: $0, since: trouble?.since ?? askedAt, staleHits: trouble?.staleHits ?? 0)
            }
        }

        /// Doubles the pause with each failure in a row, and lets a stale answer ask again when it is over.
        mutating func noteFailure(_ cause: FailureCause, _ now: Moment) {
            let doubled = DNSCache.minFailurePause << Int64(min(failures, 16))
            failures += 1
            lastFailure = cause
            askableAt = now + min(doubled, DNSCache.maxAskedFailurePause)
            retryAt = now + min(doubled, DNSCache.maxFailurePause)
            refreshAt = askableAt
        }

        /// Marks the answer as expired, earlier by the time of the suspension that this clock did not count.
        mutating func expire(after suspension: Nanoseconds, _ now: Moment) {
            let expiry = Moment(nanoseconds: expiresAt.nanoseconds &- max(suspension, 0))
            expiresAt = min(expiry, now)
            failures = 0
            refreshAt = .never
        }

        mutating func limitTTL(_ maximum: Nanoseconds) {
            guard ttl > maximum else { return }
            ttl = maximum
            expiresAt = min(expiresAt, receivedAt + maximum)
            if refreshAt != .never { refreshAt = min(refreshAt, receivedAt + (maximum - maximum / 10)) }
        }

        /// A query that has had no answer for so long counts as one that has failed: its limit may be far.
        static let patience = Nanoseconds.seconds(2)

        func failure(_ now: Moment) -> NameFailure? {
            var trouble = trouble
            if trouble == nil, queries > 0, now - askedAt >= Self.patience {
                trouble = Trouble(cause: .dnsTimeout, since: askedAt)
            }
            return trouble.map {
                NameFailure(
                    name: name, cause: $0.cause, sinceSeconds: (now - $0.since).asSeconds, staleHits: $0.staleHits)
            }
        }

        func record(hostID: Int, now: Moment) -> DNSRecordSnapshot? {
            let negative: FailureCause?
            switch kept {
            case .nothing: return nil
            case .addresses: negative = nil
            case .notFound: negative = .dnsNotFound
            case .failure(let cause): negative = cause
            }
            return DNSRecordSnapshot(
                hostID: hostID, name: name, addresses: negative == nil ? addresses.map(\.description) : [],
                ttlSeconds: ttl.asSeconds, remainingSeconds: (expiresAt - now).asSeconds, negative: negative,
                hits: hits, misses: misses, source: source.rawValue)
        }
    }

    /// The slots in order of their last use: a doubly linked list inside one array, so that a hit updates four numbers.
    struct UseOrder: Sendable {
        private struct Links: Sendable {
            var newer = UseOrder.end
            var older = UseOrder.end
            var isIn = false
        }

        private static let end = -1
        private var links: [Links] = []
        private var newest = UseOrder.end
        private(set) var count = 0
        private var last = UseOrder.end

        init() {}

        var oldest: Int? { last == Self.end ? nil : last }

        mutating func addSlot() { links.append(Links()) }

        func contains(_ index: Int) -> Bool { links[index].isIn }

        /// Newest first.
        var indices: [Int] {
            var result: [Int] = []
            var index = newest
            while index != Self.end {
                result.append(index)
                index = links[index].older
            }
            return result
        }

        mutating func touch(_ index: Int) {
            if newest == index { return }
            remove(index)
            links[index] = Links(newer: Self.end, older: newest, isIn: true)
            if newest != Self.end { links[newest].newer = index } else { last = index }
            newest = index
            count += 1
        }

        mutating func remove(_ index: Int) {
            let link = links[index]
            guard link.isIn else { return }
            if link.newer != Self.end { links[link.newer].older = link.older } else { newest = link.older }
            if link.older != Self.end { links[link.older].newer = link.newer } else { last = link.newer }
            links[index] = Links()
            count -= 1
        }

        /// Returns the number of slots in the list.
        func checkInvariants() -> Int {
            var found = 0
            var index = newest
            var oldest = Self.end
            while index != Self.end {
                demand(links[index].isIn, "a member says that it is one")
                demand(links[index].newer == oldest, "the list reads the same backwards")
                found += 1
                oldest = index
                index = links[index].older
            }
            demand(found == count, "the list has all of its members")
            demand(oldest == last, "the list ends at its oldest")
            return found
        }
    }
}
