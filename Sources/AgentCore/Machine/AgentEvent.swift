package import DNSWire
package import PoolModel

/// A request as the core sees it: its destination, and the properties that the retry rules need.
package struct RequestArrival: Sendable {
    package var host: HostID
    package var method: MethodID
    /// The planned start; latency and queue wait are measured from here.
    package var plannedAt: Moment
    /// True for GET, HEAD, OPTIONS, TRACE, PUT and DELETE (RFC 9110 §9.2.2), or if the caller declared it so.
    package var isIdempotent: Bool
    /// Whether its body can be sent again from the start; true if it has none.
    package var isReplayable: Bool
    /// Overrides `AgentSettings.requestTimeout` if it is given.
    package var timeout: Nanoseconds?

    package init(
        host: HostID, method: MethodID, plannedAt: Moment, isIdempotent: Bool = true, isReplayable: Bool = true,
        timeout: Nanoseconds? = nil
    ) {
        self.host = host
        self.method = method
        self.plannedAt = plannedAt
        self.isIdempotent = isIdempotent
        self.isReplayable = isReplayable
        self.timeout = timeout
    }
}

/// The server's `Keep-Alive` hint; fields that were not given are nil.
package struct KeepAliveHint: Sendable, Equatable {
    package var timeoutSeconds: Int?
    package var max: Int?
    package init(timeoutSeconds: Int? = nil, max: Int? = nil) {
        self.timeoutSeconds = timeoutSeconds
        self.max = max
    }
}

/// How a connection ended that the shell did not close on the core's request.
package enum ConnectionEnd: Sendable, Equatable {
    /// FIN, or close_notify for TLS.
    case finished
    /// RST, or a failed write to a connection that had already ended.
    case reset
    /// TLS failed, or the stream ended without close_notify where that matters. The reason is known if the server
    /// refused us after our side of the handshake was complete, which TLS 1.3 allows.
    case tls(TLSFailure?)
    /// We ended it, because bytes arrived that cannot be the response: the server had not received any of the request.
    case unsolicited
}

/// The state in which the non-blocking check before reuse found the socket. Nothing was written.
package enum DeadOnLook: Sendable, Equatable {
    case finished
    case reset
    case bytes
}

/// Facts that the shell reports, in the past tense. A fact about a connection that no longer exists is ignored and
/// counted.
///
/// Rare cases are `indirect` if their payload is large, because settings of 300 bytes would otherwise make every event
/// as large, or if their payload has small fields that would change the layout of the frequent cases to one that is
/// read byte by byte.
package enum AgentEvent: Sendable {
    case requestArrived(RequestID, RequestArrival)
    case requestCancelled(RequestID)
    /// The run is over: a request fails if it waits because its host cannot be reached, and is cancelled otherwise.
    case requestGivenUp(RequestID)

    indirect case resolved(NameID, for: ConnectionID, ResolutionOutcome, elapsed: Nanoseconds)
    case querySent
    case connected(ConnectionID, attempt: Int, localPort: Int)
    indirect case attemptFailed(ConnectionID, attempt: Int, FailureCause)
    indirect case handshakeCompleted(ConnectionID, resumed: Bool)
    indirect case handshakeFailed(ConnectionID, TLSFailure)

    /// The request head, and the body unless it is streamed, was handed to the kernel. `bodyFollows`: a streamed body
    /// is still to be written.
    case requestWritten(ConnectionID, bytes: Int, bodyFollows: Bool = false)
    /// A part of a streamed body was handed to the kernel; nothing of the request follows the last one.
    case requestBodyWritten(ConnectionID, bytes: Int, isLast: Bool)
    /// The moment since which the connection has made no progress. It is the current moment if the server is not to
    /// blame, because the caller is not reading or has not produced the rest of the request body. `Moment.zero`: no
    /// bytes have moved since the phase began.
    case silenceMeasured(ConnectionID, since: Moment)
    indirect case foundDead(ConnectionID, DeadOnLook)
    case responseHead(ConnectionID, status: Int, KeepAliveHint)
    /// The response is complete. `closing`: the reason, if any is visible on the wire, for which the connection cannot
    /// be reused.
    case exchangeEnded(ConnectionID, closing: CloseReason?, bytesReceived: Int)
    /// The response cannot be used, and the connection cannot be reused.
    indirect case exchangeFailed(ConnectionID, FailureCause, bytesReceived: Int)
    /// The caller abandoned the response body. `canDrain`: the rest may be short enough to read to its end.
    indirect case bodyAbandoned(ConnectionID, canDrain: Bool)
    /// `sawByte`: whether any byte of a final or 1xx response had arrived; `cause`: the failure to report if the
    /// response is incomplete.
    indirect case connectionEnded(ConnectionID, ConnectionEnd, cause: FailureCause, sawByte: Bool, bytesReceived: Int)
    case bytesWhileIdle(ConnectionID)

    indirect case keepAliveSet(KeepAlivePolicy, host: HostID?)
    indirect case settingsChanged(AgentSettings)
    /// Replaces the host's previous adjustment, so that repeated changes do not accumulate.
    indirect case hostAdjusted(HostID, SettingsAdjustment)
    case idleCloseRequested(host: HostID?)
    case dnsFlushRequested
    /// The machine was suspended for this long, during which the monotonic clock stood still.
    indirect case suspended(for: Nanoseconds)
    /// The contents of resolv.conf or the hosts file changed.
    case resolverChanged
    /// A user changed something that the agent does not know about, such as the load.
    indirect case markMade(ProgramNotice, host: HostID?)
    case drainBegan
    case shutdownBegan
}
