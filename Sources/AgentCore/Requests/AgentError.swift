public import PoolModel

/// Why a request ended without a response, with the context needed to understand it: the origin, how far the request
/// had come, the host's four counts at that moment, how long it had waited, and the last failed dial.
public struct AgentError: Error, Sendable, Equatable {
    /// The cause; its raw value is a stable label.
    public var cause: FailureCause
    /// `scheme://host:port`, the same text as `HostSnapshot.origin`; nil if the request had no readable origin.
    public var origin: String?
    /// How far the request had come; nil if it was refused before it began.
    public var phase: RequestPhase?
    /// Why TLS failed, if `cause` is `tlsHandshakeFailed` or `tlsCertificateInvalid`; otherwise nil.
    public var tlsFailure: TLSFailure?
    /// The time from arrival at the agent to the failure, in seconds.
    public var waitedSeconds: Double
    /// The cause of the host's last failed dial if none has succeeded since; otherwise nil.
    public var lastConnectFailure: FailureCause?
    /// Connections of the host with an exchange in progress.
    public var active: Int
    /// Connections of the host that were idle.
    public var idle: Int
    /// Dials of the host that were in progress.
    public var connecting: Int
    /// Requests to the host that were waiting for a connection.
    public var waiting: Int
    /// A sentence about what is wrong with the request. Nil unless the cause is `invalidRequest`, an unusable TLS
    /// configuration, or `dnsNotFound` for a name that is never sent to DNS servers (`.onion`, RFC 7686).
    public var detail: String?

    package init(
        cause: FailureCause, origin: String? = nil, phase: RequestPhase? = nil, tlsFailure: TLSFailure? = nil,
        waitedSeconds: Double = 0, lastConnectFailure: FailureCause? = nil, active: Int = 0, idle: Int = 0,
        connecting: Int = 0, waiting: Int = 0, detail: String? = nil
    ) {
        self.cause = cause
        self.origin = origin
        self.phase = phase
        self.tlsFailure = tlsFailure
        self.waitedSeconds = waitedSeconds
        self.lastConnectFailure = lastConnectFailure
        self.active = active
        self.idle = idle
        self.connecting = connecting
        self.waiting = waiting
        self.detail = detail
    }
}

extension AgentError {
    /// The request failed because its host could not be dialled.
    package var isForWantOfConnection: Bool { cause == lastConnectFailure }
}

extension AgentError: CustomStringConvertible {
    /// One line: the label, the reason for TLS, the origin, the wait and the phase, the last connect failure, and the
    /// four counts.
    public var description: String {
        let milliseconds = Int((waitedSeconds * 1000).rounded())
        var line = cause.rawValue
        if let tlsFailure { line += " (\(tlsFailure.rawValue))" }
        if let origin { line += " for \(origin)" }
        line += " after \(milliseconds) ms"
        if let phase { line += " in phase \(phase.rawValue)" }
        if let lastConnectFailure, lastConnectFailure != cause {
            line += ", last connect error \(lastConnectFailure.rawValue)"
        }
        if let detail { line += ": \(detail)" }
        return line + " (active \(active), idle \(idle), connecting \(connecting), waiting \(waiting))"
    }
}
