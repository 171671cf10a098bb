package import DNSWire
package import PoolModel

/// Where a dial goes.
package enum PeerAddress: Hashable, Sendable {
    case ip(IPAddress, port: Int)
    case unix(path: String)
}

extension PeerAddress {
    /// The interface that an address of link-local scope belongs to.
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

/// Single deeds for the shell, performed in this order.
package enum AgentEffect: Sendable {
    /// Ask a DNS server; answered by `resolved`.
    case resolve(NameID, for: ConnectionID)
    /// Begin a TCP connect; answered by `connected` or `attemptFailed`.
    case connect(ConnectionID, attempt: Int, address: Int)
    /// Give up one connect of a dial that goes on; no answer.
    case abandonAttempt(ConnectionID, attempt: Int)
    /// Give up a dial whole: every connect and handshake of it; no answer.
    case abortDial(ConnectionID)
    /// Write the request; first look at the socket if it was idle. Answered by `requestWritten` or `foundDead`.
    case assign(RequestID, ConnectionID, sendClose: Bool, isReused: Bool)
    /// Say since when the connection has made no progress that is the server's to make; answered by `silenceMeasured`.
    case measureSilence(ConnectionID)
    /// Read the rest of the body and throw it away.
    case drainBody(ConnectionID)
    /// Close an established connection; no answer.
    case close(ConnectionID, CloseReason)
    /// Hand a connection that changed protocol to the caller; the core has forgotten it.
    case detach(ConnectionID)
    case succeed(RequestID, status: Int)
    indirect case fail(RequestID, AgentError)
    case cancelled(RequestID)
    /// Nothing is left after `drainBegan` or `shutdownBegan`.
    case drained
}

/// An `assign` effect that holds when its turn has come.
package struct Assignment: Sendable, Equatable {
    /// The connection has been idle or carried an exchange: it is worth a look.
    package var mayHaveDied: Bool
    package var isRetry: Bool
}

/// Effects in order. Most facts have one, which has a place of its own here: the ordinary exchange touches no array.
package struct EffectQueue: Sendable {
    /// The next one. Where there is none, nothing follows either.
    private var first: AgentEffect?
    private var rest: [AgentEffect] = []
    /// How many of `rest` were taken.
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

    /// It keeps its storage.
    @inline(never)
    private mutating func advance() {
        first = rest[taken]
        taken += 1
        guard taken == rest.count else { return }
        rest.removeAll(keepingCapacity: true)
        taken = 0
    }
}
