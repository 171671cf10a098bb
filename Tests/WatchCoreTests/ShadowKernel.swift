import DNSWire
import PoolModel

@testable import WatchCore

/// A world of processes, servers and connections, of which everything is known. It has what the kernel has: sockets with
/// cookies, TIME_WAIT, counts, and messages about the end of sockets that are read later, or lost.
struct ShadowKernel {
    struct Process {
        var pid: Int
        var startTicks: UInt64
        var parent = 1
        var name: String
        var user: UInt32
        var isReadable = true
        var key: OwnerKey { .process(pid: pid, startTicks: startTicks) }
    }

    struct Connection {
        var cookie: UInt64
        var pair: SocketPair
        var owner: Int
        var inode: UInt64
        var openedAt: Moment
        var figures = TCPFigures()
        var sentAt: Moment
        var receivedAt: Moment
        var isAwaiting = false
        var isBase = false
        var wasDumped = false
        var wasOwned = false
    }

    /// The true counts of one process's connections to one server since the watch began.
    struct Truth: Equatable {
        var opened = 0, closed = 0, closedByProcess = 0, closedByPeer = 0
        var started = 0, completed = 0
        /// Opened connections whose owner could be read.
        var owned = 0
    }

    struct Key: Hashable { var owner: OwnerKey, server: Endpoint }

    var now = Moment.zero + .seconds(1000)
    var random: SplitMix64
    var processes: [Process] = []
    var ended: [Process] = []
    var servers: [Endpoint] = []
    var connections: [Connection] = []
    var timeWaits: Set<SocketPair> = []
    var activeOpens = 7000
    var truth: [Key: Truth] = [:]
    var isWatched = false
    /// Messages that were not read yet, oldest first.
    var messages: [SocketRecord] = []
    /// Lines of the kernel's trace that were not read yet.
    var changes: [TracedChange] = []
    var isTraced = false
    var lookups = 0
    /// The pair of a connection that the peer closed a moment ago: its port is free at once.
    var reusable: SocketPair?
    private var nextCookie: UInt64 = 1
    private var nextPort: UInt16 = 33_000
    private var nextTicks: UInt64 = 100

    init(seed: UInt64, processes count: Int, servers serverCount: Int) {
        random = SplitMix64(seed: seed)
        for index in 0..<serverCount {
            let address = index % 3 == 2 ? IPAddress(high: 0, low: 1) : IPAddress(ipv4: 0x7f00_0001)
            servers.append(Endpoint(address: address, port: UInt16(8080 + index)))
        }
        for index in 0..<count { startProcess(pid: 100 + index) }
    }

    mutating func startProcess(pid: Int, user: UInt32 = 1000, isReadable: Bool = true) {
        nextTicks += 1
        processes.append(
            Process(pid: pid, startTicks: nextTicks, name: "service\(pid)", user: user, isReadable: isReadable))
    }

    mutating func advance(_ time: Nanoseconds) { now = now + time }

    // MARK: Connections

    mutating func open(_ owner: Int, _ server: Endpoint) {
        var local = Endpoint(address: server.address, port: nextPort)
        if let pair = reusable, pair.remote == server {
            local = pair.local
        } else {
            nextPort = nextPort >= 60_000 ? 33_000 : nextPort + 1
        }
        reusable = nil
        let pair = SocketPair(local: local, remote: server)
        guard !connections.contains(where: { $0.pair == pair }) else { return }
        timeWaits.remove(pair)
        var connection = Connection(
            cookie: nextCookie, pair: pair, owner: owner, inode: nextCookie &* 10, openedAt: now, sentAt: now,
            receivedAt: now, isBase: !isWatched)
        nextCookie += 2
        connection.figures.segmentsSent = 2
        connection.figures.segmentsReceived = 1
        connection.figures.bytesAcknowledged = 1
        connection.figures.roundTripMicroseconds = 50
        activeOpens += 1
        connections.append(connection)
        if isWatched { count(connection) { $0.opened += 1 } }
        trace(pair, .closed, .synSent, owner)
    }

    mutating func count(_ connection: Connection, _ change: (inout Truth) -> Void) {
        change(&truth[Key(owner: processes[connection.owner].key, server: connection.pair.remote), default: Truth()])
    }

    mutating func request(_ index: Int) {
        guard !connections[index].isAwaiting else { return respond(index) }
        connections[index].isAwaiting = true
        connections[index].sentAt = now
        connections[index].figures.dataSegmentsSent += 1
        connections[index].figures.segmentsSent += 1
        connections[index].figures.bytesAcknowledged += 120
        if isWatched { count(connections[index]) { $0.started += 1 } }
    }

    private mutating func respond(_ index: Int) {
        connections[index].isAwaiting = false
        connections[index].receivedAt = now
        connections[index].figures.dataSegmentsReceived += 1
        connections[index].figures.segmentsReceived += 1
        connections[index].figures.segmentsSent += 1
        connections[index].figures.bytesReceived += 300
        if isWatched { count(connections[index]) { $0.completed += 1 } }
    }

    mutating func close(_ index: Int, byPeer: Bool) {
        let connection = connections.remove(at: index)
        if isWatched {
            count(connection) {
                $0.closed += 1
                if byPeer { $0.closedByPeer += 1 } else { $0.closedByProcess += 1 }
            }
        }
        var record = record(of: connection)
        let (sent, received): (UInt32, UInt32) = byPeer ? (4, 4) : (5, 3)
        record.tcp?.segmentsSent = connection.figures.dataSegmentsSent + sent
        record.tcp?.segmentsReceived = connection.figures.dataSegmentsReceived + received
        record.tcp?.bytesAcknowledged += 1
        record.tcp?.bytesReceived += 1
        record.state = .closed
        (record.user, record.inode) = (0, 0)
        messages.append(record)
        var other = SocketRecord(
            cookie: connection.cookie + 1, state: .closed,
            pair: SocketPair(local: connection.pair.remote, remote: connection.pair.local))
        other.tcp = record.tcp
        messages.append(other)
        trace(connection.pair, .established, byPeer ? .closeWait : .finWait1, connection.owner)
        if byPeer { reusable = connection.pair } else { timeWaits.insert(connection.pair) }
    }

    private mutating func trace(_ pair: SocketPair, _ old: TCPState, _ new: TCPState, _ owner: Int) {
        guard isTraced else { return }
        changes.append(TracedChange(pair: pair, old: old, new: new, pid: processes[owner].pid))
        let other = SocketPair(local: pair.remote, remote: pair.local)
        let answer: TCPState = new == .closeWait ? .finWait1 : .closeWait
        if old == .established { changes.append(TracedChange(pair: other, old: old, new: answer, pid: 0)) }
    }

    mutating func failToOpen(_ server: Endpoint) {
        var record = SocketRecord(
            cookie: nextCookie, state: .closed,
            pair: SocketPair(
                local: Endpoint(address: server.address, port: 61_000),
                remote: Endpoint(address: server.address, port: 0)))
        record.tcp = TCPFigures()
        nextCookie += 2
        messages.append(record)
    }

    mutating func lookUp() {
        lookups += isWatched ? 1 : 0
        messages.append(
            SocketRecord(
                transport: .udp, cookie: nextCookie, state: .closed,
                pair: SocketPair(
                    local: Endpoint(address: IPAddress(ipv4: 0x7f00_0001), port: 50_000),
                    remote: Endpoint(address: IPAddress(ipv4: 0x7f00_0035), port: 53))))
        nextCookie += 1
    }

    /// Ends a process; another gets its number.
    mutating func replaceProcess(_ index: Int) {
        for place in connections.indices.reversed() where connections[place].owner == index {
            close(place, byPeer: false)
        }
        ended.append(processes[index])
        nextTicks += 1
        processes[index].startTicks = nextTicks
    }
}
