/// The JSON form of a notice: the members that all notices have, the label of its kind, and the members of that kind.
///
/// Old recordings, from before there were kinds, have `label` and `text` instead and still replay. If this version does
/// not know a kind or its cause, only the label is kept.
extension AgentNotice: Codable {
    enum Field: String, CodingKey {
        case level, uptimeSeconds, hostID, hostName, kind, lookedUp, count
        case cause, tlsFailure, seconds, from, to, address, connections, factor, fault
        case setting, before, after
        case label, text
    }

    /// Reads a notice written by this version, or by an older or newer one.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        level = try fields.decode(Level.self, forKey: .level)
        uptimeSeconds = try fields.decode(Double.self, forKey: .uptimeSeconds)
        hostID = try fields.decodeIfPresent(Int.self, forKey: .hostID)
        hostName = try fields.decodeIfPresent(String.self, forKey: .hostName)
        lookedUp = try fields.decodeIfPresent(String.self, forKey: .lookedUp)
        count = try fields.decodeIfPresent(Int.self, forKey: .count)
        guard let name = try fields.decodeIfPresent(String.self, forKey: .kind) else {
            let label = try fields.decode(String.self, forKey: .label)
            let text = try fields.decode(String.self, forKey: .text)
            kind = .program(ProgramNotice(.recorded(label: label, text: text)))
            return
        }
        let known = try Kind.Label(rawValue: name).flatMap { try Kind($0, fields) }
        kind = known ?? .program(ProgramNotice(.unknown(name)))
    }

    /// Writes the common members, the kind's label and the kind's members.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(level, forKey: .level)
        try fields.encode(uptimeSeconds, forKey: .uptimeSeconds)
        try fields.encodeIfPresent(hostID, forKey: .hostID)
        try fields.encodeIfPresent(hostName, forKey: .hostName)
        try fields.encodeIfPresent(lookedUp, forKey: .lookedUp)
        try fields.encodeIfPresent(count, forKey: .count)
        if let label = kind.label { try fields.encode(label, forKey: .kind) }
        try kind.encode(to: &fields)
    }
}

extension AgentNotice.Kind {
    /// Stable labels; none is ever reused for another kind.
    package enum Label: String, CaseIterable, Sendable {
        case keepAliveOn, keepAliveOff, keepAliveFor, idleClosed, dnsCacheOn, dnsCacheOff, dnsCacheFlushed
        case settingsChanged, suspended, resolverChanged, hostUnreachable, hostReachable, requestFailed
        case reuseForbidden, idleClosedByPeer, unsolicitedBytes, addressRetired
        case loadChanged, totalsReset, faultInjected, programStopped, programSettingChanged, hostSilent
    }

    /// Nil for the text of an old recording, which has no kind.
    package var label: String? {
        let label: Label
        switch self {
        case .keepAliveOn: label = .keepAliveOn
        case .keepAliveOff: label = .keepAliveOff
        case .keepAliveFor: label = .keepAliveFor
        case .idleClosed: label = .idleClosed
        case .dnsCacheOn: label = .dnsCacheOn
        case .dnsCacheOff: label = .dnsCacheOff
        case .dnsCacheFlushed: label = .dnsCacheFlushed
        case .settingsChanged: label = .settingsChanged
        case .suspended: label = .suspended
        case .resolverChanged: label = .resolverChanged
        case .hostUnreachable: label = .hostUnreachable
        case .hostReachable: label = .hostReachable
        case .requestFailed: label = .requestFailed
        case .reuseForbidden: label = .reuseForbidden
        case .idleClosedByPeer: label = .idleClosedByPeer
        case .unsolicitedBytes: label = .unsolicitedBytes
        case .addressRetired: label = .addressRetired
        case .program(let notice): return notice.label
        }
        return label.rawValue
    }

    /// Nil if one of its values is unknown to this version, as a newer version's may be.
    fileprivate init?(_ label: Label, _ fields: KeyedDecodingContainer<AgentNotice.Field>) throws {
        switch label {
        case .keepAliveOn: self = .keepAliveOn
        case .keepAliveOff: self = .keepAliveOff
        case .keepAliveFor:
            let (from, to) = (try fields.decode(Int.self, forKey: .from), try fields.decode(Int.self, forKey: .to))
            guard from <= to else { return nil }
            self = .keepAliveFor(exchanges: from...to)
        case .idleClosed: self = .idleClosed
        case .dnsCacheOn: self = .dnsCacheOn
        case .dnsCacheOff: self = .dnsCacheOff
        case .dnsCacheFlushed: self = .dnsCacheFlushed
        case .settingsChanged: self = .settingsChanged
        case .suspended: self = .suspended(seconds: try fields.decode(Double.self, forKey: .seconds))
        case .resolverChanged: self = .resolverChanged
        case .hostUnreachable:
            guard let (cause, reason) = try Self.failure(fields) else { return nil }
            self = .hostUnreachable(cause, reason)
        case .hostReachable: self = .hostReachable
        case .requestFailed:
            guard let (cause, reason) = try Self.failure(fields) else { return nil }
            self = .requestFailed(cause, reason)
        case .reuseForbidden: self = .reuseForbidden
        case .idleClosedByPeer: self = .idleClosedByPeer(ageSeconds: try fields.decode(Double.self, forKey: .seconds))
        case .unsolicitedBytes: self = .unsolicitedBytes
        case .addressRetired:
            self = .addressRetired(
                try fields.decode(String.self, forKey: .address),
                connections: try fields.decode(Int.self, forKey: .connections))
        case .loadChanged, .totalsReset, .faultInjected, .programStopped, .programSettingChanged,
            .hostSilent:
            guard let notice = try ProgramNotice(label, fields) else { return nil }
            self = .program(notice)
        }
    }

    private static func failure(
        _ fields: KeyedDecodingContainer<AgentNotice.Field>
    ) throws -> (FailureCause, TLSFailure?)? {
        guard let cause = FailureCause(rawValue: try fields.decode(String.self, forKey: .cause)) else { return nil }
        let reason = try fields.decodeIfPresent(String.self, forKey: .tlsFailure)
        return (cause, reason.flatMap { TLSFailure(rawValue: $0) })
    }

    fileprivate func encode(to fields: inout KeyedEncodingContainer<AgentNotice.Field>) throws {
        switch self {
        case .keepAliveFor(let exchanges):
            try fields.encode(exchanges.lowerBound, forKey: .from)
            try fields.encode(exchanges.upperBound, forKey: .to)
        case .suspended(let seconds), .idleClosedByPeer(let seconds): try fields.encode(seconds, forKey: .seconds)
        case .hostUnreachable(let cause, let reason), .requestFailed(let cause, let reason):
            try fields.encode(cause, forKey: .cause)
            try fields.encodeIfPresent(reason, forKey: .tlsFailure)
        case .addressRetired(let address, let connections):
            try fields.encode(address, forKey: .address)
            try fields.encode(connections, forKey: .connections)
        case .program(let notice): try notice.encode(to: &fields)
        case .keepAliveOn, .keepAliveOff, .idleClosed, .dnsCacheOn, .dnsCacheOff, .dnsCacheFlushed, .settingsChanged,
            .resolverChanged, .hostReachable, .reuseForbidden, .unsolicitedBytes:
            break
        }
    }
}

extension ProgramNotice {
    fileprivate var label: String? {
        switch content {
        case .loadChanged: AgentNotice.Kind.Label.loadChanged.rawValue
        case .totalsReset: AgentNotice.Kind.Label.totalsReset.rawValue
        case .faultInjected: AgentNotice.Kind.Label.faultInjected.rawValue
        case .stopped: AgentNotice.Kind.Label.programStopped.rawValue
        case .settingChanged: AgentNotice.Kind.Label.programSettingChanged.rawValue
        case .silent: AgentNotice.Kind.Label.hostSilent.rawValue
        case .unknown(let label): label
        case .recorded: nil
        }
    }

    fileprivate init?(_ label: AgentNotice.Kind.Label, _ fields: KeyedDecodingContainer<AgentNotice.Field>) throws {
        switch label {
        case .loadChanged: self.init(.loadChanged(factor: try fields.decode(Double.self, forKey: .factor)))
        case .totalsReset: self.init(.totalsReset)
        case .faultInjected:
            guard let fault = DownstreamFault(rawValue: try fields.decode(String.self, forKey: .fault)) else {
                return nil
            }
            self.init(.faultInjected(fault))
        case .programStopped:
            let cause = try fields.decodeIfPresent(String.self, forKey: .cause)
            self.init(
                .stopped(
                    seconds: try fields.decode(Double.self, forKey: .seconds),
                    cause: cause.flatMap { LoadGap.Cause(rawValue: $0) } ?? .stopped))
        case .hostSilent: self.init(.silent(seconds: try fields.decode(Double.self, forKey: .seconds)))
        case .programSettingChanged:
            self.init(
                .settingChanged(
                    name: try fields.decode(String.self, forKey: .setting),
                    from: try fields.decode(String.self, forKey: .before),
                    to: try fields.decode(String.self, forKey: .after)))
        case .keepAliveOn, .keepAliveOff, .keepAliveFor, .idleClosed, .dnsCacheOn, .dnsCacheOff, .dnsCacheFlushed,
            .settingsChanged, .suspended, .resolverChanged, .hostUnreachable, .hostReachable, .requestFailed,
            .reuseForbidden, .idleClosedByPeer, .unsolicitedBytes, .addressRetired:
            return nil
        }
    }

    fileprivate func encode(to fields: inout KeyedEncodingContainer<AgentNotice.Field>) throws {
        switch content {
        case .loadChanged(let factor): try fields.encode(factor, forKey: .factor)
        case .totalsReset, .unknown: break
        case .faultInjected(let fault): try fields.encode(fault.rawValue, forKey: .fault)
        case .silent(let seconds): try fields.encode(seconds, forKey: .seconds)
        case .stopped(let seconds, let cause):
            try fields.encode(seconds, forKey: .seconds)
            try fields.encode(cause.rawValue, forKey: .cause)
        case .settingChanged(let name, let before, let after):
            try fields.encode(name, forKey: .setting)
            try fields.encode(before, forKey: .before)
            try fields.encode(after, forKey: .after)
        case .recorded(let label, let text):
            try fields.encode(label, forKey: .label)
            try fields.encode(text, forKey: .text)
        }
    }
}
