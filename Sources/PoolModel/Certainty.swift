/// How well a source knows a figure.
public enum Certainty: String, Codable, Sendable, Comparable {
    /// Counted.
    case exact
    /// Inferred from what the source can see; it may be off.
    case estimate
    /// The source cannot see it. It is shown as unknown, never as zero.
    case unknown

    /// Orders by increasing uncertainty, so the maximum of several is the certainty of a figure made from them.
    public static func < (left: Certainty, right: Certainty) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .exact: 0
        case .estimate: 1
        case .unknown: 2
        }
    }
}

/// A group of figures that a source learns in the same way, and therefore knows equally well. Raw values are names in
/// JSON.
public enum FigureGroup: String, CaseIterable, Codable, Sendable {
    /// Requests given to the agent and answered.
    case requests
    /// Failed requests, their causes, and what became of retries.
    case errors
    /// Requests on new and on used connections.
    case reuse
    /// Requests waiting for a connection, and for how long.
    case queue
    /// Connections opened, closed and open.
    case connections
    /// The numbers of active and of idle connections.
    case activity
    /// Dials and their outcomes.
    case dials
    /// The side that closed a connection: we or the peer.
    case closer
    /// Why connections were closed.
    case closeReasons
    /// Responses by status code.
    case statuses
    /// Durations of requests and connects.
    case latency
    /// DNS lookups and queries.
    case dns
    /// TLS handshakes.
    case tls
    /// TLS handshakes that resumed an earlier session.
    case resumption
    /// Bytes sent and received.
    case bytes
    /// HTTP keep-alive and the limits in force.
    case limits
    /// CPU time of the agent's threads.
    case cpu

    fileprivate var bit: UInt32 {
        Self.bits[self] ?? 0
    }

    private static let bits = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($0.element, UInt32(1) << UInt32($0.offset)) })
}

/// The certainty of every figure group of a host. Groups without an entry are exact.
public struct Certainties: Sendable, Equatable {
    private var estimates: UInt32 = 0
    private var unknowns: UInt32 = 0

    /// Everything is exact.
    public init() {}

    /// Everything is exact except these groups.
    public init(_ exceptions: [FigureGroup: Certainty]) {
        for (group, certainty) in exceptions { self[group] = certainty }
    }

    /// The certainty of one group.
    public subscript(group: FigureGroup) -> Certainty {
        get { unknowns & group.bit != 0 ? .unknown : estimates & group.bit != 0 ? .estimate : .exact }
        set {
            estimates &= ~group.bit
            unknowns &= ~group.bit
            switch newValue {
            case .exact: break
            case .estimate: estimates |= group.bit
            case .unknown: unknowns |= group.bit
            }
        }
    }

    /// True where every group is exact.
    public var isExact: Bool { estimates == 0 && unknowns == 0 }
    /// True if any group is an estimate.
    package var hasEstimates: Bool { estimates != 0 }

    /// The groups that are not exact, in declaration order.
    public var exceptions: [(group: FigureGroup, certainty: Certainty)] {
        guard !isExact else { return [] }
        return FigureGroup.allCases.compactMap { self[$0] == .exact ? nil : ($0, self[$0]) }
    }

    /// The certainty of a figure made from several groups: the lowest of them.
    package func of(_ groups: [FigureGroup]) -> Certainty { groups.map { self[$0] }.max() ?? .exact }

    /// The certainty of sums over two hosts: in every group the less certain one wins.
    package mutating func merge(_ other: Certainties) {
        unknowns |= other.unknowns
        estimates = (estimates | other.estimates) & ~unknowns
    }
}

extension Certainties: Codable {
    /// Reads the groups that are known. An unknown word is read as `unknown`, the safe interpretation.
    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: NameKey.self)
        for group in FigureGroup.allCases {
            guard let word = try container.decodeIfPresent(String.self, forKey: NameKey(group.rawValue)) else {
                continue
            }
            self[group] = Certainty(rawValue: word) ?? .unknown
        }
    }

    /// Writes the groups that are not exact.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: NameKey.self)
        for (group, certainty) in exceptions {
            try container.encode(certainty.rawValue, forKey: NameKey(group.rawValue))
        }
    }
}

extension KeyedDecodingContainer {
    /// Snapshots from versions without certainty have none, and their figures are read as exact.
    func decode(_ type: Certainties.Type, forKey key: Key) throws -> Certainties {
        try decodeIfPresent(type, forKey: key) ?? Certainties()
    }
}

extension Certainties {
    /// The kernel's view of a process at its best: it counts connections, and requests only by their segments.
    package static let watched = Certainties([
        .requests: .estimate, .errors: .unknown, .reuse: .estimate, .queue: .unknown, .activity: .estimate,
        .dials: .unknown, .closeReasons: .estimate, .statuses: .unknown, .latency: .unknown, .dns: .estimate,
        .tls: .unknown, .resumption: .unknown, .limits: .unknown,
    ])
}

extension AgentSnapshot {
    /// The certainty of sums over all hosts.
    package var certainty: Certainties {
        // Without a host there is nobody to ask, and limits of a watched process would be shown as if they were known.
        if hosts.isEmpty, source?.kind == .watch { return .watched }
        return hosts.reduce(into: Certainties()) { $0.merge($1.certainty) }
    }
}
