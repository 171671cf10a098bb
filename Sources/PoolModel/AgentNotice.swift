/// Something that happened in the agent and deserves a line in the log. It has no text, because the view that shows it
/// chooses the words.
public struct AgentNotice: Sendable, Equatable {
    /// How important a notice is.
    public enum Level: String, Codable, Sendable {
        /// Good to know.
        case info
        /// Something that may need attention.
        case warn
        /// A person changed something; drawn as a mark on every chart.
        case mark
    }
    /// How important it is.
    public var level: Level
    /// Seconds since the agent started.
    public var uptimeSeconds: Double
    /// The host that it is about; nil if it is about all hosts.
    public var hostID: Int?
    /// The host's name, the same as `HostSnapshot.name`. It is stored because the host may have been evicted for
    /// another by the time of the snapshot.
    public var hostName: String?
    /// The kind of notice.
    public var kind: Kind
    /// The DNS name whose lookup failed; nil: it is about something else.
    public var lookedUp: String?
    /// How often it happened since the notice of the same kind and cause before, this time included; nil: once, or it was
    /// not counted.
    public var count: Int?

    package init(
        level: Level, uptimeSeconds: Double, hostID: Int?, hostName: String? = nil, kind: Kind,
        lookedUp: String? = nil, count: Int? = nil
    ) {
        self.level = level
        self.uptimeSeconds = uptimeSeconds
        self.hostID = hostID
        self.hostName = hostName
        self.kind = kind
        self.lookedUp = lookedUp
        self.count = count
    }

    /// A notice from a recording that was made before notices had kinds.
    package init(level: Level, uptimeSeconds: Double, hostID: Int?, label: String = "", text: String) {
        self.init(
            level: level, uptimeSeconds: uptimeSeconds, hostID: hostID,
            kind: .program(ProgramNotice(.recorded(label: label, text: text))))
    }
}

extension AgentNotice {
    /// The kind of notice, with the details needed to describe it.
    public enum Kind: Sendable, Equatable {
        /// HTTP keep-alive was switched on.
        case keepAliveOn
        /// HTTP keep-alive was switched off.
        case keepAliveOff
        /// HTTP keep-alive was switched on for this number of exchanges per connection.
        case keepAliveFor(exchanges: ClosedRange<Int>)
        /// Idle connections were closed on request.
        case idleClosed
        /// The DNS cache was switched on.
        case dnsCacheOn
        /// The DNS cache was switched off.
        case dnsCacheOff
        /// The DNS cache was emptied.
        case dnsCacheFlushed
        /// Another setting was changed.
        case settingsChanged
        /// The machine slept, and idle connections were closed afterwards.
        case suspended(seconds: Double)
        /// The system's DNS settings or its hosts file changed, and names are being looked up again.
        case resolverChanged
        /// A dial failed for the first time since the last successful one.
        case hostUnreachable(FailureCause, TLSFailure?)
        /// A dial succeeded after earlier ones had failed.
        case hostReachable
        /// A request failed.
        case requestFailed(FailureCause, TLSFailure?)
        /// The server ended a connection after its first exchange with `Connection: close`, so connections to it cannot
        /// be reused.
        case reuseForbidden
        /// The server closed a connection that had been idle for this long.
        case idleClosedByPeer(ageSeconds: Double)
        /// The server sent bytes that no request had asked for, and the connection was closed.
        case unsolicitedBytes
        /// An address was removed from the host's DNS records, and this many connections to it were closed.
        case addressRetired(String, connections: Int)
        /// A notice from the program around the agent.
        case program(ProgramNotice)
    }
}

/// Something that the surrounding program did or observed, and that the agent itself does not interpret.
public struct ProgramNotice: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// The generator's rate or concurrency was multiplied.
        case loadChanged(factor: Double)
        /// Totals were reset.
        case totalsReset
        case faultInjected(DownstreamFault)
        /// A setting by its name in config files, with its values before and after.
        case settingChanged(name: String, from: String, to: String)
        /// A host that was asked gave no answer for this long.
        case silent(seconds: Double)
        /// The load's generator did not run for this long.
        case stopped(seconds: Double, cause: LoadGap.Cause = .stopped)
        /// The text of a notice from a recording made before notices had kinds.
        case recorded(label: String, text: String)
        /// The label of a kind that only a newer version knows.
        case unknown(String)
    }
    package var content: Content

    package init(_ content: Content) { self.content = content }
}

/// The faults that can be injected into a bundled downstream while it runs. The raw value is a stable label.
package enum DownstreamFault: String, CaseIterable, Sendable {
    case dropIdle, drain, refuse, slowDown, changeDNS, heal
}

extension AgentNotice {
    /// Changes every text in the notice that may come from outside.
    package mutating func mapTexts(_ change: (String) -> String) {
        hostName = hostName.map(change)
        lookedUp = lookedUp.map(change)
        switch kind {
        case .addressRetired(let address, let connections):
            kind = .addressRetired(change(address), connections: connections)
        case .program(let notice): kind = .program(notice.mappingTexts(change))
        case .keepAliveOn, .keepAliveOff, .keepAliveFor, .idleClosed, .dnsCacheOn, .dnsCacheOff, .dnsCacheFlushed,
            .settingsChanged, .suspended, .resolverChanged, .hostUnreachable, .hostReachable, .requestFailed,
            .reuseForbidden, .idleClosedByPeer, .unsolicitedBytes:
            break
        }
    }
}

extension ProgramNotice {
    fileprivate func mappingTexts(_ change: (String) -> String) -> ProgramNotice {
        switch content {
        case .recorded(let label, let text): ProgramNotice(.recorded(label: change(label), text: change(text)))
        case .unknown(let label): ProgramNotice(.unknown(change(label)))
        case .settingChanged(let name, let before, let after):
            ProgramNotice(.settingChanged(name: change(name), from: change(before), to: change(after)))
        case .loadChanged, .totalsReset, .faultInjected, .stopped, .silent: self
        }
    }
}
