/// Questions that the shell asks while it performs effects. They are mutating only because calling a non-mutating
/// method across modules would copy the whole machine, as for `assignment`.
extension AgentMachine {
    /// The destination of a connect.
    package struct Destination: Sendable {
        package let host: Int
        package let peer: PeerAddress
    }

    /// nil if an event between the effect and its turn ended the dial.
    package mutating func destination(of id: ConnectionID, address: Int) -> Destination? {
        guard let slot = connections.slot(of: id) else { return nil }
        let host = connections[slot].host
        return Destination(host: host, peer: hosts[host].peers[address].address)
    }

    /// False if the host was evicted.
    package mutating func isKnown(_ id: ConnectionID) -> Bool { connections.slot(of: id) != nil }

    /// nil if the connection no longer exists.
    package mutating func host(of id: ConnectionID) -> HostID? {
        connections.slot(of: id).map { slot in
            let host = connections[slot].host
            return HostID(host, serial: hosts[host].serial)
        }
    }

    /// The inactivity after which TCP keep-alive probes are sent on a connection; nil if none are sent. A connection
    /// that carries a single exchange is not worth the system calls.
    package mutating func probeSilence(of id: ConnectionID) -> Duration? {
        guard let slot = connections.slot(of: id), keepAlive(of: HostID(connections[slot].host)).isOn else {
            return nil
        }
        return settings.tcpKeepAliveProbe
    }
}
