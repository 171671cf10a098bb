package import DNSWire
package import PoolModel

/// The destination of a dial.
package enum PeerAddress: Hashable, Sendable {
    case ip(IPAddress, port: Int)
    case unix(path: String)
}

extension PeerAddress {
    /// The interface (zone) of an address with link-local scope.
    package var zone: AddressZone? {
        switch self {
        case .ip(let address, _): address.zone
        case .unix: nil
        }
    }
}

extension PeerAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ip(let address, let port): address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .unix(let path): path
        }
    }
}

/// Single actions for the shell, which performs them in order.
package enum AgentEffect: Sendable {
    /// Query a DNS server; answered by `resolved`.
    case resolve(NameID, for: ConnectionID)
    /// Start a TCP connect; answered by `connected` or `attemptFailed`.
    case connect(ConnectionID, attempt: Int, address: Int)
    /// Abandon one connect of a dial that continues; no answer.
    case abandonAttempt(ConnectionID, attempt: Int)
    /// Abandon an entire dial with all its connects and its handshake; no answer.
    case abortDial(ConnectionID)
    /// Write the request, after checking the socket if it was idle. Answered by `requestWritten` or `foundDead`.
    case assign(RequestID, ConnectionID, sendClose: Bool, isReused: Bool)
    /// Report since when the server has made no progress on the connection; answered by `silenceMeasured`.
    case measureSilence(ConnectionID)
    /// Read the rest of the body and discard it.
    case drainBody(ConnectionID)
    /// Close an established connection; no answer.
    case close(ConnectionID, CloseReason)
    /// Hand a connection that changed protocol to the caller; the core has forgotten it.
    case detach(ConnectionID)
    case succeed(RequestID, status: Int)
    indirect case fail(RequestID, AgentError)
    case cancelled(RequestID)
    /// Nothing is left in progress after `drainBegan` or `shutdownBegan`.
    case drained
}

/// An `assign` effect that is still valid when it is performed.
package struct Assignment: Sendable, Equatable {
    /// The connection was idle or carried an exchange before, so the socket should be checked before writing.
    package var mayHaveDied: Bool
    package var isRetry: Bool
}

/// Effects in order. Most events cause only one, which is stored inline, so that an ordinary exchange touches no array.
package struct EffectQueue: Sendable {
    /// The next effect; nil if the queue is empty.
    private var first: AgentEffect?
    private var rest: [AgentEffect] = []
    /// The number of effects already taken from `rest`.
    private var taken = 0

    package init() {}

    package var isEmpty: Bool { first == nil }

    @inline(__always)
    package mutating func append(_ effect: AgentEffect) {
        if first == nil { first = effect } else { rest.append(effect) }
    }

    @inline(__always)
    package mutating func popFirst() -> AgentEffect? {
        let effect = first.take()
        if !rest.isEmpty { advance() }
        return effect
    }

    /// Keeps the array's storage for later effects.
    @inline(never)
    private mutating func advance() {
        first = rest[taken]
        taken += 1
        guard taken == rest.count else { return }
        rest.removeAll(keepingCapacity: true)
        taken = 0
    }
}
