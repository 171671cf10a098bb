// Interprets a response to one question by RFC 1034 §4.3.2, RFC 2308 and RFC 2181. Pure functions of the message.

/// The meaning of one response for the query that it answers.
package enum ResponseVerdict: Sendable, Equatable {
    /// Not an answer to this query: forged, late or broken. It is ignored.
    case unrelated
    /// TC: ask again over TCP.
    case truncated
    case addresses([IPAddress], ttlSeconds: UInt32)
    /// NODATA: the name exists, without this type.
    case noData(ttlSeconds: UInt32)
    /// NXDOMAIN.
    case noName(ttlSeconds: UInt32)
    /// The server does not understand EDNS (FORMERR, NOTIMP or BADVERS to a query that carried it; RFC 6891 §7).
    case ednsRefused
    /// SERVFAIL, REFUSED, a referral, or another code: this server cannot answer.
    case failed
}

extension Message {
    /// The maximum number of aliases followed in one response.
    package static let maximumAliases = 16
    /// The maximum number of addresses taken from one response; the rest is dropped.
    package static let maximumAddresses = 64
    /// RFC 2308 §5: one to three hours is sensible for negative answers.
    package static let maximumNegativeTTLSeconds: UInt32 = 10_800
    /// The TTL of a "no" for which the server gives none: one without an SOA, or aliases in a circle. RFC 2308 §5 would
    /// not cache the former at all, so that 250 requests for a name would cause 500 queries. RFC 9520 §3.2 requires one
    /// second for failures.
    package static let unstatedNegativeTTLSeconds: UInt32 = 1

    /// Interprets `self` as the response to `query`.
    ///
    /// The id and the question must be those of the query (RFC 5452 §9.1). The caller must check the sender.
    package func verdict(for query: Message) -> ResponseVerdict {
        guard isResponse, id == query.id, opcode == query.opcode, let asked = query.questions.first else {
            return .unrelated
        }
        let refusesFormat = responseCode == .formatError || responseCode == .notImplemented
        // A server that could not read the query cannot repeat its question.
        guard questions == query.questions || (refusesFormat && questions.isEmpty) else { return .unrelated }
        if query.edns != nil, refusesFormat || responseCode == .badVersion { return .ednsRefused }
        if isTruncated { return .truncated }
        switch responseCode {
        case .noError: return answer(to: asked)
        case .nameError: return .noName(ttlSeconds: negativeTTLSeconds(within: aliasTarget(of: asked).ttlSeconds))
        default: return .failed
        }
    }

    private func answer(to asked: Question) -> ResponseVerdict {
        let target = aliasTarget(of: asked)
        if target.isEndless { return .noData(ttlSeconds: Self.unstatedNegativeTTLSeconds) }
        var ttlSeconds = target.ttlSeconds
        var addresses: [IPAddress] = []
        for record in answers where record.type == asked.type && record.name == target.name {
            guard case .address(let address) = record.data, addresses.count < Self.maximumAddresses else { continue }
            ttlSeconds = min(ttlSeconds, record.ttlSeconds)
            if !addresses.contains(address) { addresses.append(address) }
        }
        if !addresses.isEmpty { return .addresses(addresses, ttlSeconds: ttlSeconds) }
        // NS without SOA and without recursion refers to other servers and is not a "no" (RFC 2308 §2.2).
        let isReferral = authorities.contains { $0.type == .ns } && startOfAuthority == nil && answers.isEmpty
        if isReferral, !recursionAvailable { return .failed }
        return .noData(ttlSeconds: negativeTTLSeconds(within: ttlSeconds))
    }

    private struct AliasTarget {
        var name: DomainName
        /// The lowest TTL along the chain.
        var ttlSeconds = UInt32.max
        /// The aliases form a circle, or there are more than we follow.
        var isEndless = false
    }

    /// The end of the chain of aliases; the records may be in any order.
    private func aliasTarget(of asked: Question) -> AliasTarget {
        var target = AliasTarget(name: asked.name)
        for _ in 0...Self.maximumAliases {
            guard let alias = answers.first(where: { $0.type == .cname && $0.name == target.name }),
                case .cname(let next) = alias.data
            else { return target }
            target.ttlSeconds = min(target.ttlSeconds, alias.ttlSeconds)
            target.name = next
        }
        target.isEndless = true
        return target
    }

    private var startOfAuthority: (soa: StartOfAuthority, ttlSeconds: UInt32)? {
        for record in authorities {
            if case .soa(let soa) = record.data { return (soa, record.ttlSeconds) }
        }
        return nil
    }

    /// The TTL from the SOA, or from the aliases along the way if theirs is lower.
    private func negativeTTLSeconds(within aliases: UInt32) -> UInt32 {
        guard let found = startOfAuthority else { return Self.unstatedNegativeTTLSeconds }
        return min(aliases, found.ttlSeconds, found.soa.minimumSeconds, Self.maximumNegativeTTLSeconds)
    }
}
