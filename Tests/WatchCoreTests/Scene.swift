import DNSWire
import PoolModel
import Testing

@testable import WatchCore

/// A machine with facts made by hand, at times that a test says in seconds.
struct Scene {
    static let server = Endpoint(address: IPAddress(ipv4: 0x0a00_0001), port: 80)
    static let client = IPAddress(ipv4: 0x0a00_0002)

    var machine: WatchMachine
    var now: Moment

    init(_ settings: WatchSettings = WatchSettings(), at seconds: Double = 100) {
        now = Moment.zero + .seconds(seconds)
        machine = WatchMachine(settings: settings, seed: 7, startedAt: now)
    }

    mutating func after(_ seconds: Double) { now = now + .seconds(seconds) }
    mutating func tell(_ fact: Fact) { machine.handle(fact, now: now) }
    mutating func dump(_ records: SocketRecord...) { tell(.dumped(records)) }
    mutating func snapshot(socketsFor: Set<Int> = []) -> AgentSnapshot {
        machine.snapshot(now: now, wallClock: 0, socketsFor: socketsFor)
    }
    /// The first host.
    mutating func host() throws -> HostSnapshot { try #require(snapshot().hosts.first) }

    /// An open connection, which carried so many exchanges of one segment each, the last one a moment ago.
    static func socket(
        _ cookie: UInt64, port: UInt16? = nil, to server: Endpoint = server, exchanges: UInt32 = 0,
        state: TCPState = .established,
        user: UInt32 = 1000, idle: UInt32 = 0, _ change: (inout TCPFigures) -> Void = { _ in }
    ) -> SocketRecord {
        var figures = TCPFigures()
        figures.segmentsSent = 2 + 2 * exchanges
        figures.segmentsReceived = 1 + exchanges
        figures.dataSegmentsSent = exchanges
        figures.dataSegmentsReceived = exchanges
        figures.bytesAcknowledged = 1 + 100 * UInt64(exchanges)
        figures.bytesReceived = 300 * UInt64(exchanges)
        figures.lastSentMilliseconds = idle + 2
        figures.lastReceivedMilliseconds = idle
        figures.roundTripMicroseconds = 400
        change(&figures)
        let local = Endpoint(address: client, port: port ?? UInt16(40_000 + cookie % 20_000))
        return SocketRecord(
            cookie: cookie, state: state, pair: SocketPair(local: local, remote: server), user: user, inode: cookie,
            tcp: figures)
    }

    /// The end of such a connection.
    static func ended(
        _ cookie: UInt64, port: UInt16? = nil, to server: Endpoint = server, exchanges: UInt32 = 0, byPeer: Bool = true,
        idle: UInt32 = 0, _ change: (inout TCPFigures) -> Void = { _ in }
    ) -> SocketRecord {
        var record = socket(cookie, port: port, to: server, exchanges: exchanges, state: .closed, user: 0, idle: idle) {
            $0.segmentsSent = exchanges + (byPeer ? 4 : 5)
            $0.segmentsReceived = exchanges + (byPeer ? 4 : 3)
            $0.bytesAcknowledged += 1
            $0.bytesReceived += 1
            change(&$0)
        }
        record.inode = 0
        return record
    }

    /// The socket on which the server listens, where it is on this machine.
    static let listener = SocketRecord(
        cookie: 1 << 40, state: .listen,
        pair: SocketPair(local: server, remote: Endpoint(address: IPAddress(ipv4: 0), port: 0)))

    /// Connections to a server on this machine that no dump saw: both of their ends are destroyed.
    mutating func openAndAccept(_ cookies: Range<UInt64>) {
        for cookie in cookies {
            let ended = Self.ended(cookie, exchanges: 1)
            var accepted = ended
            accepted.cookie += 1 << 20
            accepted.pair = SocketPair(local: ended.pair.remote, remote: ended.pair.local)
            tell(.destroyed(ended))
            tell(.destroyed(accepted))
        }
    }

    static func process(
        _ pid: Int, parent: Int = 1, began: UInt64 = 1, user: UInt32 = 1000, cpu: Double = 0, isReadable: Bool = true
    ) -> ProcessFacts {
        ProcessFacts(
            pid: pid, parent: parent, startTicks: began, command: "/usr/bin/node app\(pid).js", name: "node",
            user: user,
            userName: "ann", cpuSeconds: cpu, isReadable: isReadable)
    }
}
