import PoolModel

extension CloseReason {
    /// Why connections are not used again, behind a colon.
    var because: String {
        switch self {
        case .idleTimeout: "our idle limit ends them"
        case .hintTimeout: "the server's timeout hint ends them"
        case .learnedTimeout: "the server's idle limit, as learned, ends them"
        case .lifetime: "our longest lifetime ends them"
        case .maxRequests: "our request limit ends them"
        case .hintMax: "the server's request limit ends them"
        case .idleLimitHost: "more were idle than maxFreeSockets"
        case .idleLimitTotal: "more were idle than all hosts may have"
        case .evictedForOtherHost: "they were closed for another host"
        case .peerClosedIdle: "the server closes them while idle"
        case .peerClosedActive: "the server closes them in an exchange"
        case .peerReset: "the server resets them"
        case .closeHeaderReceived: "the server sends Connection: close"
        case .closeHeaderSent: "we sent Connection: close"
        case .http10: "the server speaks HTTP/1.0"
        case .untilCloseBody: "bodies end with the connection"
        case .unsolicitedBytes: "the server sends bytes that nobody asked for"
        case .framingError: "answers are not valid HTTP"
        case .bodyAbandoned: "bodies are given up before their end"
        case .requestCancelled: "requests are cancelled"
        case .requestTimeout: "requests time out"
        case .earlyResponse: "the server answers before the request is complete"
        case .tlsError: "TLS errors end them"
        case .dnsRetired: "addresses leave DNS"
        case .keepAliveDisabled: "HTTP keep-alive was off"
        case .upgraded: "they change protocol"
        case .drain: "the agent drains"
        case .shutdown: "the agent shuts down"
        case .closedByProcess: "the process closes them"
        case .closerUnknown: "one side closes them"
        }
    }
}
