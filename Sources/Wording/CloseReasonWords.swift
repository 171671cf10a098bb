package import PoolModel

extension CloseReason {
    /// In at most 17 columns, with who did it.
    package var shortLabel: String {
        switch self {
        case .idleTimeout: "our idle limit"
        case .hintTimeout: "server's hint"
        case .learnedTimeout: "learned limit"
        case .lifetime: "our max age"
        case .maxRequests: "our request limit"
        case .hintMax: "server's max"
        case .idleLimitHost: "maxFreeSockets"
        case .idleLimitTotal: "total idle cap"
        case .evictedForOtherHost: "for another host"
        case .peerClosedIdle: "server, idle"
        case .peerClosedActive: "server, active"
        case .peerReset: "server reset"
        case .closeHeaderReceived: "server's close"
        case .closeHeaderSent: "our close"
        case .http10: "HTTP/1.0"
        case .untilCloseBody: "body to close"
        case .unsolicitedBytes: "stray bytes"
        case .framingError: "bad framing"
        case .bodyAbandoned: "body given up"
        case .requestCancelled: "cancelled"
        case .requestTimeout: "timeout"
        case .earlyResponse: "early response"
        case .tlsError: "TLS error"
        case .dnsRetired: "left DNS"
        case .keepAliveDisabled: "keep-alive off"
        case .upgraded: "upgraded"
        case .drain: "drained"
        case .shutdown: "shut down"
        case .closedByProcess: "the process"
        case .closerUnknown: "either side"
        }
    }

    /// In words, where there is room for them.
    package var longLabel: String {
        switch self {
        case .idleTimeout: "idle limit (ours)"
        case .hintTimeout: "server's timeout hint"
        case .learnedTimeout: "learned idle limit"
        case .lifetime: "max lifetime (ours)"
        case .maxRequests: "our request limit"
        case .hintMax: "server's max hint"
        case .idleLimitHost: "over maxFreeSockets"
        case .idleLimitTotal: "over the idle cap of all"
        case .evictedForOtherHost: "closed for another host"
        case .peerClosedIdle: "server closed idle"
        case .peerClosedActive: "server closed active"
        case .peerReset: "server reset"
        case .closeHeaderReceived: "server sent Connection: close"
        case .closeHeaderSent: "we sent Connection: close"
        case .http10: "HTTP/1.0"
        case .untilCloseBody: "body ends at close"
        case .unsolicitedBytes: "bytes nobody asked for"
        case .framingError: "bad framing"
        case .bodyAbandoned: "body given up"
        case .requestCancelled: "request cancelled"
        case .requestTimeout: "request timeout"
        case .earlyResponse: "early response"
        case .tlsError: "TLS error"
        case .dnsRetired: "address left DNS"
        case .keepAliveDisabled: "keep-alive went off"
        case .upgraded: "upgraded"
        case .drain: "drained"
        case .shutdown: "shut down"
        case .closedByProcess: "the process closed it"
        case .closerUnknown: "one side or the other"
        }
    }
}
