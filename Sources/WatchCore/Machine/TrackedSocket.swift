import DNSWire
import PoolModel

/// The side that closed a connection first.
enum Closer: Sendable, Equatable { case peer, process }

/// An outbound connection that was in a dump.
struct TrackedSocket {
    var cookie: UInt64
    /// In the order of first sight.
    var serial: Int
    var pair: SocketPair
    var ledger: Int
    var user: UInt32
    var inode: UInt64
    var firstSeen: Moment
    /// True: it was open when the watch began, so it was not opened, and what it carried before does not count.
    var isBase: Bool
    var state: TCPState
    /// The kernel's figures as of `seenAt`.
    var figures: TCPFigures
    var seenAt: Moment
    /// The figures that do not count, for a connection of the beginning.
    var before = TCPFigures()
    /// Segments in each direction that carry no request, those of a TLS handshake.
    var overhead: Int
    /// The number of the latest dump that had it, and since when none does.
    var dump: Int
    var missingSince: Moment?
    var missedDumps = 0
    /// The side that closed first, as the state tells.
    var closer: Closer?
    /// Requests that were counted before: counts never go down.
    var startedFloor = 0
    var completedFloor = 0
    /// True if this socket raised the weight of its ledger.
    var isWeighed = false
    /// Its part of the ledger.
    var part = Tally()

    /// Sets the part that this open connection has in its ledger.
    mutating func count() {
        let exchanges = Exchanges(figures, state: state, of: self)
        startedFloor = exchanges.started
        completedFloor = exchanges.completed
        var tally = Tally()
        tally.open = 1
        if isBase { tally.base = 1 } else { tally.opened = 1 }
        tally.active = exchanges.isActive ? 1 : 0
        tally.count(exchanges, figures, isBase: isBase, before: before, pair: pair)
        if figures.roundTripMicroseconds > 0 {
            tally.roundTripMicroseconds = Int(figures.roundTripMicroseconds)
            tally.roundTrips = 1
        }
        tally.byShares = part.byShares
        part = tally
    }
}

extension Tally {
    /// Adds what a connection carried. A SYN is acknowledged as if it were a byte.
    mutating func count(
        _ exchanges: Exchanges, _ figures: TCPFigures, isBase: Bool, before: TCPFigures, pair: SocketPair
    ) {
        started += exchanges.started
        completed += exchanges.completed
        onNew += isBase ? 0 : min(1, exchanges.started)
        if figures.isBulky(isLoopback: pair.remote.address.isLoopback) { bulky += exchanges.started }
        if pair.remote.isTLS && figures.looksMultiplexed { multiplexed += exchanges.started }
        let sent = figures.bytesAcknowledged &- (isBase ? before.bytesAcknowledged : min(1, figures.bytesAcknowledged))
        bytesSent += Int(truncatingIfNeeded: sent)
        bytesReceived += Int(truncatingIfNeeded: figures.bytesReceived &- before.bytesReceived)
        retransmits += Int(figures.retransmits &- before.retransmits)
    }
}

/// Requests on one connection, as its segments tell.
struct Exchanges: Equatable {
    var started: Int
    var completed: Int
    var isActive: Bool

    /// The smaller number of data segments of both directions is that of requests, where a request or a response fits
    /// one segment. While a response is awaited, the request is among them unless it is what the larger number has more.
    init(_ figures: TCPFigures, state: TCPState, of socket: TrackedSocket) {
        self.init(
            figures,
            isActive: state.isOpen && figures.awaitsResponse(overhead: socket.isBase ? 0 : socket.overhead),
            before: socket.before, overhead: socket.overhead, startedFloor: socket.startedFloor,
            completedFloor: socket.completedFloor)
    }

    init(
        _ figures: TCPFigures, isActive: Bool, before: TCPFigures = TCPFigures(), overhead: Int,
        startedFloor: Int = 0, completedFloor: Int = 0
    ) {
        let sent = Int(figures.dataSegmentsSent) - Int(before.dataSegmentsSent)
        let received = Int(figures.dataSegmentsReceived) - Int(before.dataSegmentsReceived)
        let pairs = max(0, min(sent, received) - overhead)
        self.isActive = isActive
        guard isActive else {
            started = max(pairs, startedFloor)
            completed = started
            return
        }
        started = max(sent > received ? pairs + 1 : max(1, pairs), startedFloor)
        completed = max(min(sent > received ? pairs : pairs - 1, started - 1), completedFloor)
        started = max(started, completed)
    }
}

extension TCPFigures {
    /// True where data was sent more lately than any came.
    func awaitsResponse(overhead: Int) -> Bool {
        guard Int(dataSegmentsSent) > overhead else { return false }
        return lastSentMilliseconds < lastReceivedMilliseconds || unacknowledged > 0
    }

    /// True where segments are full in both directions, so that neither number is that of requests.
    func isBulky(isLoopback: Bool) -> Bool {
        guard dataSegmentsSent >= 2, dataSegmentsReceived >= 2 else { return false }
        // The usual segment of Ethernet carries 1448 bytes, that of the loopback device 65,483.
        let full: UInt64 = isLoopback ? 48_000 : 1340
        return bytesAcknowledged / UInt64(dataSegmentsSent) >= full
            && bytesReceived / UInt64(dataSegmentsReceived) >= full
    }

    /// True where small messages went both ways, many, and by far not alternating, as frames of HTTP/2 do.
    var looksMultiplexed: Bool {
        let (sent, received) = (UInt64(dataSegmentsSent), UInt64(dataSegmentsReceived))
        guard sent >= 64, received >= 64 else { return false }
        guard bytesAcknowledged / sent < 700, bytesReceived / received < 700 else { return false }
        return max(sent, received) - min(sent, received) > max(sent, received) / 8
    }
}

extension Endpoint {
    /// True for the ports of https. Other ports may carry TLS too, so a count of requests is never more than an estimate.
    var isTLS: Bool { port == 443 || port == 8443 }
}
