import AgentCore
import DNSWire
import PoolModel

/// Actions of servers and networks, both expected and untimely.
extension Simulation {
    private mutating func anyConnection() -> (id: ConnectionID, wire: ShadowWorld.Wire)? {
        guard !world.connections.isEmpty else { return nil }
        let connection = world.connections[below(world.connections.count)]
        return (connection.id, connection.wire)
    }

    /// The first from a random place on that is not idle.
    private mutating func anyBusyConnection() -> (id: ConnectionID, wire: ShadowWorld.Wire)? {
        let count = world.connections.count
        guard count > 0 else { return nil }
        let start = below(count)
        for step in 0..<count {
            let connection = world.connections[(start + step) % count]
            if connection.wire != .idle { return (connection.id, connection.wire) }
        }
        return nil
    }

    private static let dialFailures: [FailureCause] = [
        .connectRefused, .connectUnreachable, .addressNotAvailable, .tooManyOpenFiles,
    ]

    /// Moves one lookup or connection on as a healthy world would.
    mutating func progress() throws {
        if !world.lookups.isEmpty, oneIn(2) { return try answerLookup() }
        guard let (id, wire) = anyBusyConnection() else { return }
        switch wire {
        case .resolving: break
        case .connecting(let attempts):
            guard attempts != 0 else { return }
            world.connect(id)
            try happened(.connected(id, attempt: attempts.trailingZeroBitCount, localPort: 40_000))
        case .handshaking:
            world.establish(id)
            try happened(.handshakeCompleted(id, resumed: oneIn(2)))
        case .idle: break
        case .assigned(let request):
            try world.write(id, request: request)
            try happened(.requestWritten(id, bytes: 100, bodyFollows: oneIn(5)))
        case .written(let request):
            if oneIn(8) { return try happened(.requestBodyWritten(id, bytes: 50, isLast: oneIn(2))) }
            world.set(id, .answering(request: request))
            try happened(.responseHead(id, status: 100 + below(500), hint()))
        case .answering, .draining:
            if oneIn(12) { return try happened(.bodyAbandoned(id, canDrain: oneIn(2))) }
            if wire == .draining { world.set(id, .idle) }
            try happened(.exchangeEnded(id, closing: closing(), bytesReceived: 300))
        }
    }

    private mutating func hint() -> KeepAliveHint {
        guard serversHint else { return KeepAliveHint() }
        return KeepAliveHint(
            timeoutSeconds: oneIn(9) ? below(14) - 1 : nil, max: oneIn(12) ? below(5) - 1 : nil)
    }

    private mutating func closing() -> CloseReason? {
        guard oneIn(12) else { return nil }
        let reasons: [CloseReason] = [
            .closeHeaderReceived, .http10, .untilCloseBody, .unsolicitedBytes, .framingError, .earlyResponse, .upgraded,
        ]
        return reasons[below(reasons.count)]
    }

    private mutating func answerLookup() throws {
        let (name, id) = world.takeLookup(below(world.lookups.count))
        let outcome: ResolutionOutcome =
            switch random.next() % 8 {
            case 0: .notFound(ttlSeconds: 3)
            case 1: .serverFailure
            case 2: .timeout
            default:
                .addresses(
                    (0...(random.next() % 3)).map { IPAddress(v4: 0x7F00_0001 + UInt32($0 + random.next() % 2)) }
                        .reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
                    ttlSeconds: UInt32(random.next() % 6), source: .dns)
            }
        if oneIn(4) { try happened(.querySent) }
        try happened(.resolved(name, for: id, outcome, elapsed: 1000))
    }

    mutating func mishap() throws {
        guard let (id, wire) = anyConnection() else { return }
        let end: ConnectionEnd = oneIn(2) ? .finished : oneIn(4) ? .tls(.clientCertificateWanted) : .reset
        switch wire {
        case .resolving: break
        case .connecting(let attempts):
            guard attempts != 0 else { return }
            let attempt = attempts.trailingZeroBitCount
            world.set(id, .connecting(attempts: attempts & ~(1 << UInt8(attempt))))
            try happened(.attemptFailed(id, attempt: attempt, Self.dialFailures[below(Self.dialFailures.count)]))
        case .handshaking:
            try world.lose(id)
            try happened(.handshakeFailed(id, oneIn(2) ? .protocolVersion : .wrongName))
        case .idle:
            if oneIn(3) { return try happened(.bytesWhileIdle(id)) }
            guard serverIdleLimit == .max else { return }
            try lose(id, end, sawByte: false)
        case .assigned:
            // Only what may have died unseen is looked at.
            if oneIn(3) || !world.mayBeDead(id) { return try lose(id, end, sawByte: false) }
            try world.foundDead(id)
            try happened(.foundDead(id, [.finished, .reset, .bytes][below(3)]))
        case .written, .answering, .draining:
            if oneIn(4) {
                return try happened(
                    .exchangeFailed(
                        id, [.framingError, .bodyTooLarge, .invalidRequest][below(3)], bytesReceived: 10))
            }
            let sawByte = oneIn(2)
            if case .answering = wire { return try lose(id, end, sawByte: true, tellsIt: sawByte) }
            try lose(id, end, sawByte: sawByte)
        }
    }

    /// `tellsIt`: what the shell says of bytes; once the head was seen, the machine knows better.
    mutating func lose(
        _ id: ConnectionID, _ end: ConnectionEnd, sawByte: Bool, tellsIt: Bool? = nil
    ) throws {
        try world.lose(id, sawByte: sawByte)
        let cause: FailureCause = end == .reset ? .peerReset : sawByte ? .incompleteBody : .peerClosed
        try happened(
            .connectionEnded(id, end, cause: cause, sawByte: tellsIt ?? sawByte, bytesReceived: 0))
    }
}
