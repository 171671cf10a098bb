/// The subject of a cause, from what stands first on the way of a request to what stands last.
enum Subject: Int, Comparable {
    case name, connection, answer, content, address, pool, reuse, process

    static func < (left: Subject, right: Subject) -> Bool { left.rawValue < right.rawValue }
}

extension Cause {
    var subject: Subject {
        switch self {
        case .name: .name
        case .dial, .dialPending: .connection
        case .silent, .unanswered, .stuck, .dribble, .slow, .slowBody: .answer
        case .statuses, .failures, .strayAnswers: .content
        case .staleName, .addressesDead, .addressGone, .unevenLoad, .massClose, .retransmits, .farAddress: .address
        case .waiting, .bodyUnread, .surplus, .dialsUnused, .ports, .timeWait: .pool
        case .lowReuse, .oneRequestEach, .closesIdle, .goodReuse: .reuse
        case .descriptors, .lookupsPerRequest, .lookupsPerConnection: .process
        }
    }

    /// It is said beside any other diagnosis: it is nobody's consequence.
    private var standsAlone: Bool {
        switch self {
        case .strayAnswers, .descriptors: true
        case .name, .dial, .dialPending, .silent, .unanswered, .stuck, .dribble, .slow, .slowBody, .statuses, .failures,
            .staleName,
            .addressesDead, .addressGone, .unevenLoad, .massClose, .waiting, .bodyUnread, .surplus, .dialsUnused,
            .ports,
            .lowReuse, .oneRequestEach, .closesIdle, .goodReuse, .lookupsPerRequest, .lookupsPerConnection,
            .timeWait, .retransmits, .farAddress:
            false
        }
    }

    /// With this as a BAD diagnosis the other is a consequence of it, or would contradict it.
    func silences(_ other: Cause) -> Bool {
        if other.standsAlone { return false }
        switch subject {
        // Nothing gets through: whatever the pool, its reuse and the few answers look like follows from that.
        case .name, .connection: return true
        case .answer: return other.isOfWaiting || other.subject > .content && !other.isOfAddresses
        case .content: return other.subject > .address || other == self
        case .address, .pool, .reuse, .process: return other.subject == .reuse
        }
    }

    /// A host that some wait for in vain need not be told of in three ways.
    private var isOfWaiting: Bool {
        switch self {
        case .silent, .unanswered, .stuck, .dribble, .slow, .slowBody, .waiting, .bodyUnread: true
        case .failures(let cause, _): cause.isOfWaiting
        case .name, .dial, .dialPending, .statuses, .strayAnswers, .staleName, .addressesDead, .addressGone,
            .unevenLoad, .massClose, .surplus, .dialsUnused, .ports, .lowReuse, .closesIdle, .goodReuse, .descriptors,
            .lookupsPerRequest, .lookupsPerConnection, .oneRequestEach, .timeWait, .retransmits, .farAddress:
            false
        }
    }

    /// A dead address or an outage of DNS may well be why a host is silent.
    private var isOfAddresses: Bool {
        switch self {
        case .staleName, .addressesDead, .addressGone, .massClose: true
        case .name, .dial, .dialPending, .silent, .unanswered, .stuck, .dribble, .slow, .slowBody, .statuses, .failures,
            .strayAnswers,
            .unevenLoad, .waiting, .bodyUnread, .surplus, .dialsUnused, .ports, .lowReuse, .closesIdle, .goodReuse,
            .descriptors, .lookupsPerRequest, .lookupsPerConnection, .oneRequestEach, .timeWait, .retransmits,
            .farAddress:
            false
        }
    }
}

extension HostFindings {
    /// Ranks what the rules found: the worst is the diagnosis, of equally bad ones the first; what follows from a BAD one, or
    /// would contradict it, is left out.
    init(ranking found: [Diagnosis]) {
        let ranked = found.enumerated().sorted { ($0.element.level, $0.offset) < ($1.element.level, $1.offset) }
            .map(\.element)
        guard let main = ranked.first else {
            self.init()
            return
        }
        var others: [Diagnosis] = []
        for other in ranked.dropFirst() where !other.isSilenced(by: main) && !others.contains(where: other.isSilenced) {
            others.append(other)
        }
        self.init(main: main, others: others)
    }
}

extension Diagnosis {
    fileprivate func isSilenced(by other: Diagnosis) -> Bool {
        guard other.level == .bad else { return false }
        return level == .good || other.cause.silences(cause)
    }
}
