public import PoolModel

/// Why a request ended without a response, with what is needed to see the reason: where it went, how far it had come,
/// the host's four numbers at that moment, how long it had waited, and the last failed dial.
public struct AgentError: Error, Sendable, Equatable {
    /// The cause; its raw value is the stable label.
    public var cause: FailureCause
    /// `scheme://host:port`, as in `HostSnapshot.origin`; nil: the request had none that could be read.
    public var origin: String?
    /// How far it had come; nil: it was refused before it began.
    public var phase: RequestPhase?
    /// Why TLS failed, where `cause` is `tlsHandshakeFailed` or `tlsCertificateInvalid`; otherwise nil.
    public var tlsFailure: TLSFailure?
    /// From arrival at the agent to the failure, in seconds.
    public var waitedSeconds: Double
    /// The host's last failed dial since its last successful one; nil: none.
    public var lastConnectFailure: FailureCause?
    /// Connections of the host that carried an exchange.
    public var active: Int
    /// Connections of the host that were open and reusable.
    public var idle: Int
    /// Dials of the host in progress.
    public var connecting: Int
    /// Requests to the host that waited for a connection.
    public var waiting: Int
    /// A sentence on what is wrong with the request; nil for every cause but `invalidRequest`, a TLS configuration that
    /// cannot be used, and `dnsNotFound` for a name that no DNS server is ever asked for (`.onion`, RFC 7686).
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
    /// It failed because its host could not be dialled.
    package var isForWantOfConnection: Bool { cause == lastConnectFailure }
}

extension AgentError: CustomStringConvertible {
    /// One line: the label, for TLS the reason, the origin, the wait and the phase, the last connect failure, the four
    /// numbers.
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
