import DNSWire
import NIOCore

/// Queries received by the bundled DNS server, whether or not they were answered.
package struct DNSStats: Codable, Hashable, Sendable {
    package var queries = 0
    /// The number of `queries` that arrived over TCP.
    package var queriesOverTCP = 0
    /// Messages that were not queries: garbage, responses.
    package var malformed = 0
    /// By downstream name, then by record type (`A`, `AAAA`, `other`). Unknown names are counted under `*`.
    package var byName: [String: [String: Int]] = [:]
    /// By response code (`NOERROR`, `NXDOMAIN`, …); `none` if no response was sent.
    package var byResponse: [String: Int] = [:]

    package func queries(for hostName: String) -> Int {
        byName[hostName.lowercased(), default: [:]].values.reduce(0, +)
    }
}

/// The records of all downstream names, and their injected faults. Confined to the DNS server's loop.
///
/// Authoritative for `pooltop.test` and for each scenario's name; all other names are refused.
final class DNSZone {
    fileprivate struct Entry {
        let scenario: Scenario
        var addresses: [IPAddress]
        var ttlSeconds: UInt32
        var rotation = 0
        var fault: DNSFault?
        /// The scenario's, until records are injected.
        var nameAnswers: Scenario.NameAnswers
        /// The time of the first query, from which an outage is timed.
        var firstQuery: NIODeadline?
    }

    /// The TTL of negative answers (RFC 2308 §5). Short, so that a user soon sees a name return.
    static let negativeTTLSeconds: UInt32 = 5
    private static let apex = "pooltop.test"

    private var entries: [DomainName: Entry] = [:]
    private(set) var stats = DNSStats()

    init(_ scenarios: [Scenario]) throws(ScenarioError) {
        for scenario in scenarios {
            guard let name = DomainName(scenario.hostName) else {
                throw .invalidValue(scenario: scenario.name, field: "hostName")
            }
            let addresses = try Self.parse(scenario.addresses, scenario.name)
            if let index = entries.index(forKey: name), entries.values[index].addresses != addresses {
                throw .invalidValue(scenario: scenario.name, field: "hostName (shared, with other addresses)")
            }
            entries[name] = Entry(
                scenario: scenario, addresses: addresses, ttlSeconds: UInt32(scenario.ttlSeconds),
                nameAnswers: scenario.nameAnswers)
        }
    }

    private static func parse(_ addresses: [String], _ scenario: String) throws(ScenarioError) -> [IPAddress] {
        var parsed: [IPAddress] = []
        for address in addresses {
            guard let value = IPAddress(address), value.isLoopback else {
                throw .invalidAddress(scenario: scenario, address: address)
            }
            parsed.append(value)
        }
        return parsed
    }

    // MARK: Faults

    /// A nil fault restores the name.
    func inject(_ fault: DNSFault?, into hostName: String) throws(ScenarioError) {
        guard let name = DomainName(hostName), var entry = entries[name] else { throw .unknownName(hostName) }
        switch fault {
        case nil:
            entry.fault = nil
            entry.nameAnswers = entry.scenario.nameAnswers
            entry.firstQuery = nil
            entry.addresses = try Self.parse(entry.scenario.addresses, entry.scenario.name)
            entry.ttlSeconds = UInt32(entry.scenario.ttlSeconds)
        case .records(let addresses, let ttlSeconds):
            entry.fault = nil
            entry.nameAnswers = .records
            if let addresses { entry.addresses = try Self.parse(addresses, entry.scenario.name) }
            if let ttlSeconds { entry.ttlSeconds = UInt32(clamping: ttlSeconds) }
        case .nameError, .serverFailure, .silence, .truncation:
            entry.fault = fault
        }
        entries[name] = entry
    }

    // MARK: Answers

    /// The response to one message that arrived at `now`; nil if none is to be sent.
    func answer(_ bytes: [UInt8], overTCP: Bool, now: NIODeadline) -> [UInt8]? {
        let query: Message
        do {
            query = try Message(decoding: bytes)
        } catch {
            stats.malformed += 1
            return nil
        }
        // Responding to responses could make two servers exchange messages forever.
        guard !query.isResponse else {
            stats.malformed += 1
            return nil
        }
        count(query, overTCP: overTCP)
        guard let response = respond(to: query, overTCP: overTCP, now: now) else {
            stats.byResponse["none", default: 0] += 1
            return nil
        }
        stats.byResponse[Self.label(response.responseCode), default: 0] += 1
        return response.encoded(limit: overTCP ? Message.maximumLength : query.udpResponseLimit)
    }

    private func count(_ query: Message, overTCP: Bool) {
        stats.queries += 1
        if overTCP { stats.queriesOverTCP += 1 }
        guard let question = query.questions.first else { return }
        let name = entries[question.name] == nil ? "*" : "\(question.name)".lowercased()
        let type = question.type == .a ? "A" : question.type == .aaaa ? "AAAA" : "other"
        stats.byName[name, default: [:]][type, default: 0] += 1
    }

    private func respond(to query: Message, overTCP: Bool, now: NIODeadline) -> Message? {
        guard query.opcode == 0 else { return query.response(.notImplemented, authoritative: false) }
        if let edns = query.edns, edns.version != 0 { return query.response(.badVersion, authoritative: false) }
        guard query.questions.count == 1, let question = query.questions.first else {
            return query.response(.formatError, authoritative: false)
        }
        guard var entry = entries[question.name] else { return respondOutsideEntries(query, question) }
        if entry.firstQuery == nil {
            entry.firstQuery = now
            entries[question.name] = entry
        }
        switch entry.fault ?? entry.scenarioFault(now) {
        case .silence: return nil
        case .serverFailure: return query.response(.serverFailure, authoritative: false)
        case .nameError: return negative(query, .nameError, owner: question.name)
        case .truncation where !overTCP:
            var response = query.response()
            response.isTruncated = true
            return response
        case .truncation, .records, nil: return positive(query, question, entry)
        }
    }

    private func respondOutsideEntries(_ query: Message, _ question: Question) -> Message {
        guard let apex = DomainName(Self.apex), question.name.isWithin(apex), question.recordClass == .internet else {
            return query.response(.refused, authoritative: false)
        }
        guard question.name == apex else { return negative(query, .nameError, owner: question.name) }
        guard question.type == .soa else { return negative(query, .noError, owner: apex) }
        var response = query.response()
        response.answers = [soa(for: apex)]
        return response
    }

    private func positive(_ query: Message, _ question: Question, _ entry: Entry) -> Message {
        guard question.recordClass == .internet else { return query.response(.refused, authoritative: false) }
        let addresses = entry.addresses.filter {
            question.type == .any || question.type == RecordType($0.family)
        }
        guard !addresses.isEmpty else { return negative(query, .noError, owner: question.name) }
        let first = entry.scenario.rotatesAddresses ? entry.rotation % addresses.count : 0
        entries[question.name]?.rotation += 1
        var response = query.response()
        response.answers = (addresses[first...] + addresses[..<first]).map {
            .address(question.name, $0, ttlSeconds: entry.ttlSeconds)
        }
        return response
    }

    /// NXDOMAIN or NODATA, with the SOA that determines its TTL.
    private func negative(_ query: Message, _ code: ResponseCode, owner: DomainName) -> Message {
        var response = query.response(code)
        response.authorities = [soa(for: owner)]
        return response
    }

    private func soa(for name: DomainName) -> Record {
        let apex = DomainName(Self.apex) ?? .root
        let owner = name.isWithin(apex) ? apex : name
        let data = StartOfAuthority(
            primaryServer: DomainName("ns.pooltop.test") ?? .root, mailbox: DomainName("nobody.pooltop.test") ?? .root,
            minimumSeconds: Self.negativeTTLSeconds)
        return .soa(owner, data, ttlSeconds: Self.negativeTTLSeconds)
    }

    private static func label(_ code: ResponseCode) -> String {
        switch code {
        case .noError: "NOERROR"
        case .formatError: "FORMERR"
        case .serverFailure: "SERVFAIL"
        case .nameError: "NXDOMAIN"
        case .notImplemented: "NOTIMP"
        case .refused: "REFUSED"
        default: "RCODE\(code.rawValue)"
        }
    }
}

extension DNSZone.Entry {
    /// The fault that is part of the scenario, if no other was injected.
    fileprivate func scenarioFault(_ now: NIODeadline) -> DNSFault? {
        switch nameAnswers {
        case .records: nil
        case .nameError: .nameError
        case .serverFailure: .serverFailure
        case .silence: .silence
        case .outage(let seconds):
            now > (firstQuery ?? now) + .nanoseconds(Int64(seconds * 1e9)) ? .silence : nil
        }
    }
}
