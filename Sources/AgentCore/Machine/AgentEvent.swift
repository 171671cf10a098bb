package import DNSWire
package import PoolModel

/// A request as the core sees it: where it goes and what the retry rules must know of it.
package struct RequestArrival: Sendable {
    package var host: HostID
    package var method: MethodID
    /// When it should have started by the plan; latency and queue wait count from here.
    package var plannedAt: Moment
    /// GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110 §9.2.2), or declared so by the caller.
    package var isIdempotent: Bool
    /// Whether its body can be sent again from the start (true where it has none).
    package var isReplayable: Bool
    /// Wins over `AgentSettings.requestTimeout` where given.
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

/// The server's `Keep-Alive` hint; nil fields were not given.
package struct KeepAliveHint: Sendable, Equatable {
    package var timeoutSeconds: Int?
    package var max: Int?
    package init(timeoutSeconds: Int? = nil, max: Int? = nil) {
        self.timeoutSeconds = timeoutSeconds
        self.max = max
    }
}

/// How a connection ended that the shell did not close on our word.
package enum ConnectionEnd: Sendable, Equatable {
    /// FIN, or close_notify.
    case finished
    /// RST, or a write to a connection already gone.
    case reset
    /// TLS failed, or the stream ended without close_notify where that matters. The reason is known where the server
    /// refused us after our side of the handshake was complete (TLS 1.3 lets it).
    case tls(TLSFailure?)
    /// We ended it: bytes came that cannot answer its request, because the server had not received any of it.
    case unsolicited
}

/// What the one non-blocking look before reuse found instead of silence. Nothing was written.
package enum DeadOnLook: Sendable, Equatable {
    case finished
    case reset
    case bytes
}

/// Facts that the shell reports, in the past tense. A fact about a connection that has moved on is ignored and counted.
///
/// What is rare lies in a box of its own where it is large, since settings of 300 bytes would otherwise make every fact
/// as large, and where its small fields lie where the facts of every exchange have words: those are then read byte by
/// byte as well.
package enum AgentEvent: Sendable {
    case requestArrived(RequestID, RequestArrival)
    case requestCancelled(RequestID)
    /// The run is over: a request that waits because its host cannot be reached fails with that, any other is cancelled.
    case requestGivenUp(RequestID)

    indirect case resolved(NameID, for: ConnectionID, ResolutionOutcome, elapsed: Nanoseconds)
    case querySent
    case connected(ConnectionID, attempt: Int, localPort: Int)
    indirect case attemptFailed(ConnectionID, attempt: Int, FailureCause)
    indirect case handshakeCompleted(ConnectionID, resumed: Bool)
    indirect case handshakeFailed(ConnectionID, TLSFailure)

    /// The request head (and a body that needs no streaming) was handed to the kernel.
    /// `bodyFollows`: a body that comes in parts is still to be written.
    case requestWritten(ConnectionID, bytes: Int, bodyFollows: Bool = false)
    /// A part of such a body was handed to the kernel; after the last one nothing more of the request follows.
    case requestBodyWritten(ConnectionID, bytes: Int, isLast: Bool)
    /// Since when the connection has made no progress. The moment itself where the server is not to blame: the caller does
    /// not read, or has not produced the rest of the request's body. `Moment.zero`: nothing came since its phase began.
    case silenceMeasured(ConnectionID, since: Moment)
    indirect case foundDead(ConnectionID, DeadOnLook)
    case responseHead(ConnectionID, status: Int, KeepAliveHint)
    /// The response is complete; `closing`: why the connection cannot carry another, as far as the wire tells.
    case exchangeEnded(ConnectionID, closing: CloseReason?, bytesReceived: Int)
    /// The response cannot be used; the connection is lost with it.
    indirect case exchangeFailed(ConnectionID, FailureCause, bytesReceived: Int)
    /// The caller gave the response body up. `canDrain`: little enough may be left to read it to its end.
    indirect case bodyAbandoned(ConnectionID, canDrain: Bool)
    /// `sawByte`: whether any byte of a final or 1xx response had come; `cause` names an incomplete response.
    indirect case connectionEnded(ConnectionID, ConnectionEnd, cause: FailureCause, sawByte: Bool, bytesReceived: Int)
    case bytesWhileIdle(ConnectionID)

    indirect case keepAliveSet(KeepAlivePolicy, host: HostID?)
    indirect case settingsChanged(AgentSettings)
    /// Takes the place of what the host adjusted before, so that a change made a thousand times is kept once.
    indirect case hostAdjusted(HostID, SettingsAdjustment)
    case idleCloseRequested(host: HostID?)
    case dnsFlushRequested
    /// The machine slept for so long, and the clock of all moments stood still meanwhile.
    indirect case suspended(for: Nanoseconds)
    /// resolv.conf or hosts say something else now.
    case resolverChanged
    /// A person changed something that the agent does not know of, such as the load.
    indirect case markMade(ProgramNotice, host: HostID?)
    case drainBegan
    case shutdownBegan
}
