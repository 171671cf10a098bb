import PoolModel

extension Cause {
    /// A stable name in camel case; never used again for another cause.
    package var label: String {
        switch self {
        case .name(let trouble): trouble.kind.label
        case .dial(let trouble): trouble.reason.map { "tls" + $0.rawValue.capitalized1 } ?? trouble.cause.rawValue
        case .dialPending(let state, _, _): state == .handshaking ? "tlsStalls" : "connectUnanswered"
        case .silent(let silence): silence.isInBody ? "bodyStalls" : "noResponse"
        case .unanswered(_, let inBody): inBody ? "bodyStalls" : "noResponse"
        case .stuck: "someHang"
        case .dribble, .slowBody: "bodyDribbles"
        case .slow: "slow"
        case .statuses(let trouble): "status\(trouble.kind)xx"
        case .failures(let cause, _): cause.rawValue
        case .strayAnswers: "strayAnswers"
        case .staleName: "staleDNS"
        case .addressesDead: "addressDead"
        case .addressGone: "addressGone"
        case .unevenLoad: "uneven"
        case .massClose: "massClose"
        case .waiting(let waiting): waiting.why.label
        case .bodyUnread: "bodyUnread"
        case .surplus: "surplus"
        case .dialsUnused: "unusedDials"
        case .ports, .timeWait: "timeWait"
        case .retransmits: "retransmits"
        case .farAddress: "farAddress"
        case .oneRequestEach(let found): found.label
        case .lookupsPerConnection: "dnsPerConnection"
        case .lowReuse(_, let reason): reason.label
        case .closesIdle(let closes): closes.isBeforeOurs ? "serverClosesFirst" : "serverClosesIdle"
        case .goodReuse: "goodReuse"
        case .descriptors: "descriptors"
        case .lookupsPerRequest: "dnsPerRequest"
        }
    }

}

extension NameTrouble.Kind {
    fileprivate var label: String {
        switch self {
        case .missing: "noSuchName"
        case .serverSilent: "dnsServerSilent"
        case .serverFails: "dnsServerFails"
        }
    }
}

extension Diagnosis {
    /// The label as words, for the brackets behind advice: `pool too small`.
    package var tag: String {
        var words = ""
        var wasUpper = true
        for character in label {
            let isUpper = character.isUppercase
            if isUpper, !wasUpper { words.append(" ") }
            wasUpper = isUpper
            words.append(character)
        }
        // An abbreviation keeps its capitals.
        return words.split(separator: " ").map {
            $0.count > 1 && $0.allSatisfy(\.isUppercase) ? String($0) : $0.lowercased()
        }
        .joined(separator: " ")
    }
}

extension String {
    fileprivate var capitalized1: String { prefix(1).uppercased() + dropFirst() }
}

extension Waiting.Why {
    fileprivate var label: String {
        switch self {
        case .poolTooSmall: "poolTooSmall"
        case .slowServer: "slowServer"
        case .dialsAreSlow: "slowDials"
        case .unknown: "waiting"
        }
    }
}

extension Cause.Reason {
    fileprivate var label: String {
        switch self {
        case .keepAliveOff: "keepAliveOff"
        case .wasOff: "keepAliveWasOff"
        case .growing: "poolGrows"
        case .unknown: "lowReuse"
        case .closes(let reason, _, _, _): Self.label(reason)
        }
    }

    private static func label(_ reason: CloseReason) -> String {
        switch reason {
        case .closeHeaderReceived, .http10, .untilCloseBody: "serverSaysClose"
        case .closeHeaderSent, .keepAliveDisabled: "keepAliveWasOff"
        case .idleTimeout, .lifetime: "ourIdleLimit"
        case .hintTimeout, .learnedTimeout, .peerClosedIdle: "serverIdleLimit"
        case .idleLimitHost, .idleLimitTotal, .evictedForOtherHost: "idleCap"
        case .maxRequests, .hintMax: "requestLimit"
        case .peerClosedActive, .peerReset, .tlsError, .framingError, .unsolicitedBytes, .bodyAbandoned,
            .requestCancelled, .requestTimeout, .earlyResponse:
            "errorsEndThem"
        case .dnsRetired: "dnsMoves"
        case .upgraded, .drain, .shutdown, .closedByProcess, .closerUnknown: "lowReuse"
        }
    }
}
