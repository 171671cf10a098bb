import PoolModel

/// A connection in a recording: with moments instead of ages, so that a line need not mention a connection that did not
/// change. Moments are seconds of the agent's uptime with nanosecond precision, from which ages are restored exactly.
struct RecordedSocket: Codable {
    var state: SocketState
    var dialedAt: Double
    var idleAt: Double?
    var exchanges: Int
    var localPort: Int?
    var peer: String?
    var method: String?
    var assignedAt: Double?
    var expiresAt: Double?
    var expiresBy: IdleLimitOrigin?
    var pid: Int?
    var roundTripSeconds: Double?
    var retransmits: Int?

    init(_ socket: SocketSnapshot, at clock: RecordedClock) {
        state = socket.state
        dialedAt = clock.moment(ago: socket.ageSeconds)
        idleAt = socket.idleSeconds.map(clock.moment(ago:))
        exchanges = socket.exchanges
        localPort = socket.localPort
        peer = socket.peer
        method = socket.method
        assignedAt = socket.exchangeSeconds.map(clock.moment(ago:))
        expiresAt = socket.expiresInSeconds.map { clock.moment(ago: -$0) }
        expiresBy = socket.expiresBy
        pid = socket.pid
        roundTripSeconds = socket.roundTripSeconds
        retransmits = socket.retransmits
    }

    func socket(id: Int, at clock: RecordedClock) -> SocketSnapshot {
        SocketSnapshot(
            id: id, state: state, ageSeconds: clock.age(of: dialedAt), idleSeconds: idleAt.map(clock.age(of:)),
            exchanges: exchanges, localPort: localPort, peer: peer, method: method,
            exchangeSeconds: assignedAt.map(clock.age(of:)), expiresInSeconds: expiresAt.map(clock.left(until:)),
            expiresBy: expiresBy, pid: pid, roundTripSeconds: roundTripSeconds, retransmits: retransmits)
    }
}

/// A name of the DNS cache in a recording, with the moment at which it expires.
struct RecordedName: Codable {
    var name: String
    var addresses: [String]
    var ttlSeconds: Double
    var expiresAt: Double
    var negative: FailureCause?
    var hits: Int
    var misses: Int
    var source: String

    init(_ record: DNSRecordSnapshot, at clock: RecordedClock) {
        name = record.name
        addresses = record.addresses
        ttlSeconds = record.ttlSeconds
        expiresAt = clock.moment(ago: -record.remainingSeconds)
        negative = record.negative
        hits = record.hits
        misses = record.misses
        source = record.source
    }

    func record(host: Int, at clock: RecordedClock) -> DNSRecordSnapshot {
        DNSRecordSnapshot(
            hostID: host, name: name, addresses: addresses, ttlSeconds: ttlSeconds,
            remainingSeconds: clock.left(until: expiresAt), negative: negative, hits: hits, misses: misses,
            source: source)
    }
}

/// Converts ages to moments and back with the uptime of a snapshot, in whole nanoseconds.
struct RecordedClock {
    private let now: Nanoseconds

    init(uptimeSeconds: Double) { now = Self.whole(uptimeSeconds) }

    func moment(ago seconds: Double) -> Double { (now - Self.whole(seconds)).asSeconds }

    func age(of moment: Double) -> Double { (now - Self.whole(moment)).asSeconds }

    func left(until moment: Double) -> Double { (Self.whole(moment) - now).asSeconds }

    /// Limited to the range that the decoder accepts.
    private static func whole(_ seconds: Double) -> Nanoseconds {
        let most = 4e9
        return Nanoseconds((min(max(seconds, -most), most) * 1e9).rounded())
    }
}
