/// What the shell asks while it performs effects on the way of a connection. Mutating only because a question to a value
/// of another module would copy it, as `assignment`.
extension AgentMachine {
    /// Where a connect goes.
    package struct Destination: Sendable {
        package let host: Int
        package let peer: PeerAddress
    }

    /// nil: the dial was ended by a fact raised between the effect and its turn.
    package mutating func destination(of id: ConnectionID, address: Int) -> Destination? {
        guard let slot = connections.slot(of: id) else { return nil }
        let host = connections[slot].host
        return Destination(host: host, peer: hosts[host].peers[address].address)
    }

    /// False: it has left.
    package mutating func isKnown(_ id: ConnectionID) -> Bool { connections.slot(of: id) != nil }

    /// nil: it has left.
    package mutating func host(of id: ConnectionID) -> HostID? {
        connections.slot(of: id).map { slot in
            let host = connections[slot].host
            return HostID(host, serial: hosts[host].serial)
        }
    }

    /// The silence after which TCP keep-alive probes are sent on a connection; nil: none are. One that carries a single
    /// exchange is not worth the calls to the kernel.
    package mutating func probeSilence(of id: ConnectionID) -> Duration? {
        guard let slot = connections.slot(of: id), keepAlive(of: HostID(connections[slot].host)).isOn else {
            return nil
        }
        return settings.tcpKeepAliveProbe
    }
}
