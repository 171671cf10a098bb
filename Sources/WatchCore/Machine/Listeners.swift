import DNSWire
import PoolModel

/// The ends that are listened on, which tell a connection's two ends on this machine apart.
struct Listeners {
    /// A server that ended leaves connections behind that end later.
    private static let memory = Nanoseconds.seconds(60)

    private var seen: [Endpoint: Moment] = [:]
    /// A bit for each port. Most ports are not listened on, and that is told without a search.
    private var ports: [UInt64] = Array(repeating: 0, count: 1024)

    mutating func note(_ local: Endpoint, now: Moment) {
        seen[local] = now
        ports[Int(local.port >> 6)] |= 1 << UInt64(local.port & 63)
    }

    mutating func forgetOld(now: Moment) {
        guard seen.contains(where: { now - $0.value > Self.memory }) else { return }
        seen = seen.filter { now - $0.value <= Self.memory }
        ports = Array(repeating: 0, count: 1024)
        for local in seen.keys { ports[Int(local.port >> 6)] |= 1 << UInt64(local.port & 63) }
    }

    func contains(_ end: Endpoint) -> Bool {
        guard ports[Int(end.port >> 6)] & (1 << UInt64(end.port & 63)) != 0 else { return false }
        return seen[end] != nil || seen[Endpoint(address: IPAddress(ipv4: 0), port: end.port)] != nil
            || seen[Endpoint(address: IPAddress(high: 0, low: 0), port: end.port)] != nil
    }

    /// True where the connection was opened by its local end, as far as the socket's own figures tell.
    func isOutbound(_ record: SocketRecord) -> Bool {
        let pair = record.pair
        let isUnclear = pair.local.port >= Self.ephemeral && pair.remote.port >= Self.ephemeral
        guard isUnclear, !contains(pair.local), !contains(pair.remote), let figures = record.tcp,
            let sent = figures.bytesSent
        else { return isOutbound(pair) }
        // The end that connects has its SYN acknowledged as if it were a byte, and the other has not. A FIN counts so too.
        let beyondData = figures.bytesAcknowledged &- sent
        switch record.state {
        case .synSent: return true
        case .established, .closeWait, .finWait1: return beyondData == 1
        case .finWait2, .lastAck, .closing, .timeWait, .closed, .synReceived, .newSynReceived, .listen:
            return beyondData == 2
        }
    }

    /// Clients have ports from here on, unless they ask for another one.
    private static let ephemeral: UInt16 = 32_768

    /// True where the connection was opened by its local end. Where neither end is known to be listened on, as in the
    /// first moments of a server, the ports tell: that of a client is from the ephemeral range.
    func isOutbound(_ pair: SocketPair) -> Bool {
        if contains(pair.local) { return false }
        if pair.local.port >= Self.ephemeral || pair.remote.port < Self.ephemeral { return true }
        return contains(pair.remote)
    }
}
