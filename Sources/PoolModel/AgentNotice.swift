/// One thing that happened in the agent and is worth a line. It has no words: those are made where it is shown.
public struct AgentNotice: Sendable, Equatable {
    /// How much it matters.
    public enum Level: String, Codable, Sendable {
        /// Good to know.
        case info
        /// Wants a look.
        case warn
        /// A person changed something; drawn as a mark on every chart.
        case mark
    }
    /// How much it matters.
    public var level: Level
    /// Seconds since the agent started.
    public var uptimeSeconds: Double
    /// The host it is about; nil: all of them.
    public var hostID: Int?
    /// That host's name, as in `HostSnapshot.name`: by the time of the snapshot the host may have made room for another.
    public var hostName: String?
    /// The thing that happened.
    public var kind: Kind

    package init(level: Level, uptimeSeconds: Double, hostID: Int?, hostName: String? = nil, kind: Kind) {
        self.level = level
        self.uptimeSeconds = uptimeSeconds
        self.hostID = hostID
        self.hostName = hostName
        self.kind = kind
    }

    /// One of a recording that was made before notices had kinds.
    package init(level: Level, uptimeSeconds: Double, hostID: Int?, label: String = "", text: String) {
        self.init(
            level: level, uptimeSeconds: uptimeSeconds, hostID: hostID,
            kind: .program(ProgramNotice(.recorded(label: label, text: text))))
    }
}

extension AgentNotice {
    /// The thing that happened, with what has to be known to say it.
    public enum Kind: Sendable, Equatable {
        /// HTTP keep-alive was switched on.
        case keepAliveOn
        /// HTTP keep-alive was switched off.
        case keepAliveOff
        /// HTTP keep-alive was switched on for so many exchanges of a connection.
        case keepAliveFor(exchanges: ClosedRange<Int>)
        /// Idle connections were closed because somebody asked for it.
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
        /// The system's DNS settings or its file of hosts changed, and names are looked up again.
        case resolverChanged
        /// A dial failed after others had not.
        case hostUnreachable(FailureCause, TLSFailure?)
        /// A dial succeeded after others had not.
        case hostReachable
        /// A request failed.
        case requestFailed(FailureCause, TLSFailure?)
        /// The server ended a connection after its first exchange by `Connection: close`, so that none can be reused.
        case reuseForbidden
        /// The server closed a connection that had been idle for so long.
        case idleClosedByPeer(ageSeconds: Double)
        /// The server sent bytes that no request had asked for, and the connection was closed.
        case unsolicitedBytes
        /// An address left the host's DNS records, and so many connections to it were closed.
        case addressRetired(String, connections: Int)
        /// Something that the agent does not know of.
        case program(ProgramNotice)
    }
}

/// Something that the program around the agent did or saw, and that means nothing to the agent.
public struct ProgramNotice: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// The generator's rate, or its concurrency, was multiplied.
        case loadChanged(factor: Double)
        /// Totals count from now on.
        case totalsReset
        case faultInjected(DownstreamFault)
        /// A setting by its name in config files, with its values before and after.
        case settingChanged(name: String, from: String, to: String)
        /// The program did not run for so long (SIGSTOP, ^Z).
        case stopped(seconds: Double)
        /// A recording of before notices had kinds has these words.
        case recorded(label: String, text: String)
        /// The label of a kind that a newer version recorded.
        case unknown(String)
    }
    package var content: Content

    package init(_ content: Content) { self.content = content }
}

/// The ways in which a bundled downstream can be made to fail while it runs. The raw value is a stable label.
package enum DownstreamFault: String, CaseIterable, Sendable {
    case dropIdle, drain, refuse, slowDown, changeDNS, heal
}

extension AgentNotice {
    /// Changes every text in it that others may have written.
    package mutating func mapTexts(_ change: (String) -> String) {
        hostName = hostName.map(change)
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
        case .loadChanged, .totalsReset, .faultInjected, .stopped: self
        }
    }
}
