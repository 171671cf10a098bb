import AgentCore
import DNSWire
import Testing

/// A machine with one connection that is in a given phase, and nothing else.
struct Stage {
    var rig: Rig
    let host: HostID
    let id: ConnectionID
    /// The request that waits for the dial or is on the connection.
    var request: Int?

    init(_ phase: ConnectionPhase) throws {
        rig = Rig { $0.requestTimeout = .seconds(30) }
        switch phase {
        case .resolving: host = rig.addHost("a", dnsName: "a.test")
        case .handshaking: host = rig.addHost("a", isTLS: true)
        case .connecting, .idle, .writing, .awaitingHead, .readingBody, .draining: host = rig.addHost("a")
        }
        let request = rig.arrive(host)
        self.request = request
        if phase == .resolving {
            id = rig.lookups[0].id
            return
        }
        id = rig.connects[0].id
        if phase == .connecting { return }
        try rig.connect()
        if phase == .writing || phase == .handshaking { return }
        try rig.write(request)
        if phase == .awaitingHead { return }
        try rig.head(request)
        switch phase {
        case .draining:
            rig.send(.bodyAbandoned(id, canDrain: true))
            self.request = nil
        case .idle:
            try rig.end(request)
            self.request = nil
        case .readingBody, .resolving, .connecting, .handshaking, .writing, .awaitingHead: break
        }
    }

    var phase: ConnectionPhase? { rig.machine.connections.slot(of: id).map { rig.machine.connections[$0].phase } }

    /// Brings everything to its end as a healthy world does.
    mutating func finish() throws {
        for _ in 0..<8 {
            switch phase {
            case nil, .idle: return
            case .resolving: try rig.answer([0x7F00_0001])
            case .connecting: try rig.connect()
            case .handshaking: rig.send(.handshakeCompleted(id, resumed: false))
            case .writing: rig.send(.requestWritten(id, bytes: 1))
            case .awaitingHead: rig.send(.responseHead(id, status: 200, KeepAliveHint()))
            case .readingBody, .draining: rig.send(.exchangeEnded(id, closing: nil, bytesReceived: 1))
            }
        }
    }
}
