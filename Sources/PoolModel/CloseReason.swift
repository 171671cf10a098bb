/// Why an established connection was closed. Every closed connection has exactly one reason, so the counts by reason
/// add up to the connections closed.
///
/// The raw value is the stable label used in JSON, metrics and on screens. A case is never reused for another cause.
public enum CloseReason: String, CaseIterable, Codable, Sendable {
    /// It reached our idle limit (`AgentSettings.idleTimeout`), or the machine was suspended while it was idle: our
    /// timer did not run during that time, but the server's did.
    case idleTimeout
    /// It was about to outlive the server's `Keep-Alive: timeout` hint.
    case hintTimeout
    /// It was about to outlive the idle limit learned from this host's earlier closes.
    case learnedTimeout
    /// It reached `AgentSettings.maxLifetime`.
    case lifetime
    /// It carried `AgentSettings.maxRequestsPerConnection` exchanges.
    case maxRequests
    /// The server's `Keep-Alive: max` hint was used up.
    case hintMax
    /// The host already had its full number of idle connections.
    case idleLimitHost
    /// The agent already had its full number of idle connections.
    case idleLimitTotal
    /// It was the oldest idle connection while a request to another host waited at the total limit.
    case evictedForOtherHost
    /// The server closed it while it was idle.
    case peerClosedIdle
    /// The server closed it during an exchange.
    case peerClosedActive
    /// The server reset it.
    case peerReset
    /// The response carried `Connection: close`.
    case closeHeaderReceived
    /// Our request carried `Connection: close`.
    case closeHeaderSent
    /// The response was HTTP/1.0 without `Connection: keep-alive`.
    case http10
    /// The body's end was the end of the connection (RFC 9112 §6.3 rule 8).
    case untilCloseBody
    /// Bytes arrived that no request had asked for.
    case unsolicitedBytes
    /// The response could not be framed, or its framing cannot be trusted.
    case framingError
    /// The caller abandoned the response body with too much of it left to read.
    case bodyAbandoned
    /// The request on it was cancelled after bytes had been written.
    case requestCancelled
    /// The request on it passed one of its time limits.
    case requestTimeout
    /// The response was complete before the request was.
    case earlyResponse
    /// TLS failed after the handshake, or the connection ended without close_notify.
    case tlsError
    /// Its address was removed from the host's DNS records.
    case dnsRetired
    /// HTTP keep-alive was switched off.
    case keepAliveDisabled
    /// It changed protocol (101, or 2xx to CONNECT) and now belongs to the caller.
    case upgraded
    /// The agent was drained.
    case drain
    /// The agent was shut down.
    case shutdown
    /// A watched process closed it, for reasons that only that process knows.
    case closedByProcess
    /// It ended in a watched process, and nothing tells which side began.
    case closerUnknown

    /// True if the server ended the connection, false if we did.
    public var isRemote: Bool {
        switch self {
        case .peerClosedIdle, .peerClosedActive, .peerReset, .untilCloseBody, .tlsError: true
        case .idleTimeout, .hintTimeout, .learnedTimeout, .lifetime, .maxRequests, .hintMax, .idleLimitHost,
            .idleLimitTotal, .evictedForOtherHost, .closeHeaderReceived, .closeHeaderSent, .http10,
            .unsolicitedBytes, .framingError, .bodyAbandoned, .requestCancelled, .requestTimeout, .earlyResponse,
            .dnsRetired, .keepAliveDisabled, .upgraded, .drain, .shutdown,
            .closedByProcess, .closerUnknown:
            false
        }
    }
}
