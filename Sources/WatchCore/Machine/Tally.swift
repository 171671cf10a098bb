/// The counts of one process's connections to one remote end. A socket's own part is a tally too, so that a socket
/// can be taken out of one ledger and put into another.
///
/// `opened + base = closed + open`, the four ways to be closed add up to `closed`, and `started = completed +
/// unanswered + inFlight`, at every instant.
struct Tally: Equatable {
    var opened = 0
    /// Connections that were open when the watch began.
    var base = 0
    var closed = 0
    var open = 0
    /// Open connections on which a response is awaited.
    var active = 0
    var started = 0
    var completed = 0
    /// Requests whose connection was closed before a response.
    var unanswered = 0
    /// Requests that were the first of their connection.
    var onNew = 0
    /// Requests on connections whose segments are full in both directions, so that segments do not tell requests.
    var bulky = 0
    /// Requests on connections that look like HTTP/2.
    var multiplexed = 0
    var bytesSent = 0
    var bytesReceived = 0
    var retransmits = 0
    /// The sum over the open connections, and how many have a time.
    var roundTripMicroseconds = 0
    var roundTrips = 0
    var peerClosedIdle = 0
    var peerClosedActive = 0
    var closedByProcess = 0
    var closerUnknown = 0
    /// Closed connections whose closer is the likely one, because the kernel was not asked.
    var closerGuessed = 0
    /// Connections that were given to this process by the shares of several.
    var byShares = 0
    /// Connections that only the kernel's total told of.
    var byLoss = 0

    var inFlight: Int { started - completed - unanswered }

    mutating func add(_ other: Tally, times sign: Int = 1) {
        opened += sign * other.opened
        base += sign * other.base
        closed += sign * other.closed
        open += sign * other.open
        active += sign * other.active
        started += sign * other.started
        completed += sign * other.completed
        unanswered += sign * other.unanswered
        onNew += sign * other.onNew
        bulky += sign * other.bulky
        multiplexed += sign * other.multiplexed
        bytesSent += sign * other.bytesSent
        bytesReceived += sign * other.bytesReceived
        retransmits += sign * other.retransmits
        roundTripMicroseconds += sign * other.roundTripMicroseconds
        roundTrips += sign * other.roundTrips
        peerClosedIdle += sign * other.peerClosedIdle
        peerClosedActive += sign * other.peerClosedActive
        closedByProcess += sign * other.closedByProcess
        closerUnknown += sign * other.closerUnknown
        closerGuessed += sign * other.closerGuessed
        byShares += sign * other.byShares
        byLoss += sign * other.byLoss
    }

    mutating func subtract(_ other: Tally) { add(other, times: -1) }

    /// The part of closed connections that lies between two points of a whole: the parts between successive points add
    /// up to the whole, and each keeps the sums of this type.
    func part(from: Double, to: Double) -> Tally {
        func share(_ count: Int) -> Int {
            Int((Double(count) * to).rounded()) - Int((Double(count) * from).rounded())
        }
        var part = Tally()
        part.peerClosedIdle = share(peerClosedIdle)
        part.peerClosedActive = share(peerClosedActive)
        part.closedByProcess = share(closedByProcess)
        part.closerUnknown = share(closerUnknown)
        part.closed = part.peerClosedIdle + part.peerClosedActive + part.closedByProcess + part.closerUnknown
        // Connections that were there before the watch were not opened.
        func ofBase(upTo part: Double) -> Int {
            let reasons = [peerClosedIdle, peerClosedActive, closedByProcess, closerUnknown]
            let ended = reasons.reduce(0) { $0 + Int((Double($1) * part).rounded()) }
            return closed == 0 ? 0 : Int((Double(base) * Double(ended) / Double(closed)).rounded())
        }
        part.base = ofBase(upTo: to) - ofBase(upTo: from)
        part.opened = part.closed - part.base
        part.closerGuessed = share(closerGuessed)
        part.completed = share(completed)
        part.unanswered = share(unanswered)
        part.started = part.completed + part.unanswered
        part.onNew = share(onNew)
        part.bulky = share(bulky)
        part.multiplexed = share(multiplexed)
        part.bytesSent = share(bytesSent)
        part.bytesReceived = share(bytesReceived)
        part.retransmits = share(retransmits)
        part.byLoss = share(byLoss)
        part.byShares = part.opened
        return part
    }

    /// nil, or the sum that does not hold.
    var imbalance: String? {
        if opened + base != closed + open {
            return "opened \(opened) + base \(base) != closed \(closed) + open \(open)"
        }
        if min(opened, base, closed, started) < 0 { return "opened \(opened), base \(base), closed \(closed)" }
        let reasons = peerClosedIdle + peerClosedActive + closedByProcess + closerUnknown
        if reasons != closed { return "closed \(closed) but reasons \(reasons)" }
        if active > open || active < 0 || open < 0 { return "active \(active), open \(open)" }
        if inFlight < 0 { return "started \(started), completed \(completed), unanswered \(unanswered)" }
        let counts = [
            opened, base, closed, started, completed, unanswered, onNew, closerGuessed, bytesSent, bytesReceived,
        ]
        return counts.allSatisfy { $0 >= 0 } ? nil : "negative: \(self)"
    }
}
