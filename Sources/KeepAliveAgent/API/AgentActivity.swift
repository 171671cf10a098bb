import AgentCore
import NIOCore
public import PoolModel

/// Something that happened to one of an agent's connections.
public enum AgentActivity: Sendable, Equatable {
    /// A connection was established (for https: after the handshake).
    case connectionOpened(AgentConnection)
    /// A connection was closed, for this reason. An upgraded connection counts as closed.
    case connectionClosed(AgentConnection, CloseReason)
    /// A request was sent again on this connection, because the reused connection that it was on before died.
    case requestRetried(AgentConnection)
}

/// Identifies a connection.
public struct AgentConnection: Sendable, Hashable {
    /// The same value as `SocketSnapshot.id`; unique for the life of the agent.
    public let id: Int
    /// `scheme://host:port`, the same text as `HostSnapshot.origin`.
    public let origin: String
    /// The local port; nil for Unix sockets.
    public let localPort: Int?
}

/// Reports connection activity to subscribers, on the loop. Exists only while there are subscribers.
final class AgentObservers: ConnectionObserver {
    private let eventLoop: any EventLoop
    private var streams: [Int: AsyncStream<AgentActivity>.Continuation] = [:]
    private var nextStream = 0
    /// Keyed by serial, because a connection's slot may have been reused by the time its close is reported.
    private var known: [Int: AgentConnection] = [:]

    init(_ machine: AgentMachine, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        for slot in machine.connections.liveSlots { note(slot, machine) }
    }

    /// `whenLast` is called when the last subscriber has gone.
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
