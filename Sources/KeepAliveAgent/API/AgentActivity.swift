import AgentCore
import NIOCore
public import PoolModel

/// One thing that happened to an agent's connections.
public enum AgentActivity: Sendable, Equatable {
    /// A connection was established (for https: after the handshake).
    case connectionOpened(AgentConnection)
    /// It was closed, and why. An upgraded connection counts as closed.
    case connectionClosed(AgentConnection, CloseReason)
    /// A request whose reused connection had died was sent again, on this connection.
    case requestRetried(AgentConnection)
}

/// Names a connection.
public struct AgentConnection: Sendable, Hashable {
    /// As in `SocketSnapshot.id`: unique for the life of the agent.
    public let id: Int
    /// `scheme://host:port`, as in `HostSnapshot.origin`.
    public let origin: String
    /// Our port; nil for unix sockets.
    public let localPort: Int?
}

/// Tells listeners of connections, on the loop. Exists only while there are any.
final class AgentObservers: ConnectionObserver {
    private let eventLoop: any EventLoop
    private var streams: [Int: AsyncStream<AgentActivity>.Continuation] = [:]
    private var nextStream = 0
    /// By serial: a connection's slot may be another's by the time its close is told.
    private var known: [Int: AgentConnection] = [:]

    init(_ machine: AgentMachine, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        for slot in machine.connections.liveSlots { note(slot, machine) }
    }

    /// `whenLast`: nobody listens any more.
    func add(_ stream: AsyncStream<AgentActivity>.Continuation, whenLast: @escaping () -> Void) {
        let number = nextStream
        nextStream += 1
        streams[number] = stream
        let left = NIOLoopBound((observers: self, whenLast: whenLast), eventLoop: eventLoop)
        stream.onTermination = { [eventLoop] _ in
            eventLoop.execute {
                left.value.observers.streams[number] = nil
                if left.value.observers.streams.isEmpty { left.value.whenLast() }
            }
        }
    }

    func finish() {
        for (_, stream) in streams.sorted(by: { $0.key < $1.key }) { stream.finish() }
    }

    func happened(_ event: AgentEvent, _ machine: AgentMachine) {
        switch event {
        case .connected(let id, _, _), .handshakeCompleted(let id, _):
            guard let slot = machine.connections.slot(of: id), known[id.serial] == nil else { return }
            if let connection = note(slot, machine) { tell(.connectionOpened(connection)) }
        case .requestArrived, .requestCancelled, .requestGivenUp, .resolved, .querySent, .attemptFailed,
            .handshakeFailed, .requestWritten, .requestBodyWritten, .silenceMeasured, .foundDead, .responseHead,
            .exchangeEnded, .exchangeFailed, .bodyAbandoned, .connectionEnded, .bytesWhileIdle, .keepAliveSet,
            .settingsChanged,
            .hostAdjusted, .idleCloseRequested, .dnsFlushRequested, .suspended, .resolverChanged, .markMade,
            .drainBegan, .shutdownBegan:
            break
        }
    }

    func closed(_ id: ConnectionID, _ reason: CloseReason) {
        guard let connection = known.removeValue(forKey: id.serial) else { return }
        tell(.connectionClosed(connection, reason))
    }

    func retried(on id: ConnectionID) {
        if let connection = known[id.serial] { tell(.requestRetried(connection)) }
    }

    @discardableResult
    private func note(_ slot: Int, _ machine: AgentMachine) -> AgentConnection? {
        let record = machine.connections[slot]
        guard !record.phase.isDialing else { return nil }
        let connection = AgentConnection(
            id: record.serial, origin: machine.hosts[record.host].description.origin,
            localPort: record.localPort == 0 ? nil : record.localPort)
        known[record.serial] = connection
        return connection
    }

    private func tell(_ activity: AgentActivity) {
        for (_, stream) in streams.sorted(by: { $0.key < $1.key }) { stream.yield(activity) }
    }
}
