package import PoolModel

/// The life of a connection. Each case names the cases that may follow; every one may also end (the slot is freed).
package enum ConnectionPhase: UInt8, CaseIterable, Sendable {
    /// Waiting for addresses → connecting.
    case resolving
    /// TCP connects in progress → handshaking (https), idle or writing.
    case connecting
    /// TLS handshake in progress → idle or writing.
    case handshaking
    /// Open and reusable → writing.
    case idle
    /// A request was assigned; it is not known to be written → awaitingHead, or idle (cancelled, nothing written).
    case writing
    /// Written → readingBody (response head), idle or writing (a response without a body ended).
    case awaitingHead
    /// The head was seen → draining, idle or writing (the body ended).
    case readingBody
    /// The caller gave the body up; its rest is read and dropped → idle or writing.
    case draining

    package var isDialing: Bool {
        switch self {
        case .resolving, .connecting, .handshaking: true
        case .idle, .writing, .awaitingHead, .readingBody, .draining: false
        }
    }

    package var isActive: Bool {
        switch self {
        case .writing, .awaitingHead, .readingBody, .draining: true
        case .resolving, .connecting, .handshaking, .idle: false
        }
    }

    package var socketState: SocketState {
        switch self {
        case .resolving: .resolving
        case .connecting: .connecting
        case .handshaking: .handshaking
        case .idle: .idle
        case .writing: .writing
        case .awaitingHead: .awaitingHead
        case .readingBody: .readingBody
        case .draining: .draining
        }
    }
}

/// The connects of one dial: addresses in the order of trying, those in progress, and when the next one starts
/// (RFC 8305 §5: a quarter of a second after the one before, or at once when that failed).
package struct Dial: Sendable {
    package static let maxAttempts = 8

    /// Positions in the host's address list.
    package var candidates: [Int] = []
    /// How many of them were started.
    package var started = 0
    /// One bit per attempt in progress.
    package var inProgress: UInt8 = 0
    package var nextAttemptAt = Moment.never
    package var attemptStartedAt = Moment.zero
    /// The cause to report if every attempt fails.
    package var lastFailure = FailureCause.connectRefused
    /// True for a dial that no request asked for (`minIdlePerHost`).
    package var isPrewarm = false
}

/// One connection, from the start of its dial to its end.
package struct Connection: Sendable {
    package static let noRequest = -1
    package static let noAddress = -1

    package var serial = 0
    package var host = 0
    /// Changed only by `AgentMachine.move(_:to:)`, which keeps the populations in step.
    package var phase = ConnectionPhase.resolving
    package var isLive = false
    package var request = Connection.noRequest
    /// Position in the host's address list.
    package var address = Connection.noAddress
    package var localPort = 0
    package var dial = Dial()
    package var dialedAt = Moment.zero
    package var phaseSince = Moment.zero
    /// When the dial, the handshake, the idle time or the exchange has to be over.
    package var deadline = Moment.never
    package var openedAt = Moment.zero
    /// Where in the jitter's range its lifetime lies, −1…1; drawn once.
    package var lifetimeShare = 0.0
    package var lifetimeEnd = Moment.never
    package var idleLimitOrigin = IdleLimitOrigin.none
    /// Exchanges begun.
    package var exchanges = 0
    /// Exchanges allowed by a policy of so many exchanges, drawn once; `Int.max`: no limit.
    package var drawnLimit = Int.max
    /// Exchanges left by the server's `max` hint; nil: none was given.
    package var hintRemaining: Int?
    /// The server's `timeout` hint was zero or less. That is said of this connection: the next one of the host may end
    /// at another server behind the same name, and without a hint nothing would ever take the word back.
    package var hintForbidsRest = false
    /// Why the exchange in progress is the last one, decided when the request was written with `Connection: close`.
    package var lastExchangeReason: CloseReason?
    /// It has been idle: it may have died unseen, whether it carried an exchange before or not.
    package var hasRested = false
    /// Its address left the record set; it closes after its exchange.
    package var isRetired = false
    /// The response head of the exchange in progress has come.
    package var status = 0
    /// It is our caller's turn: it does not read, or has not sent its request to the end.
    package var isHeld = false

    /// It carried nothing and was never out of our sight: what is sent again may go on it (RFC 9112 §9.3.1).
    package var isFresh: Bool { exchanges == 0 && !hasRested }
}

/// Connections by slot. A slot is used again; the serial tells the generations apart.
package struct ConnectionTable: Sendable {
    private var records: [Connection] = []
    private var freeSlots: [Int] = []
    private var nextSerial = 1

    package init() {}

    /// Slots ever used; live and free ones.
    package var capacity: Int { records.count }
    /// Connections that exist now, dials included.
    package var liveCount: Int { records.count - freeSlots.count }
    /// Serials given so far.
    package var lastSerial: Int { nextSerial - 1 }

    package subscript(slot: Int) -> Connection {
        _read { yield records[slot] }
        _modify { yield &records[slot] }
    }

    package mutating func open(host: Int, now: Moment) -> Int {
        let slot = freeSlots.popLast() ?? records.count
        if slot == records.count { records.append(Connection()) }
        records[slot] = Connection()
        records[slot].serial = nextSerial
        records[slot].host = host
        records[slot].isLive = true
        records[slot].dialedAt = now
        records[slot].phaseSince = now
        nextSerial += 1
        return slot
    }

    package mutating func free(_ slot: Int) {
        records[slot].isLive = false
        records[slot].request = Connection.noRequest
        freeSlots.append(slot)
    }

    package func id(of slot: Int) -> ConnectionID { ConnectionID(slot: slot, serial: records[slot].serial) }

    /// The slot of a connection that still exists; nil where the fact comes late.
    @inline(__always)
    package func slot(of id: ConnectionID) -> Int? {
        guard id.slot < records.count, records[id.slot].serial == id.serial, records[id.slot].isLive else { return nil }
        return id.slot
    }

    package var liveSlots: [Int] { records.indices.filter { records[$0].isLive } }

    /// The slots of some hosts by host, each host's oldest connection first; nil for every other host.
    package func liveSlots(ofHosts wanted: Set<Int>, of count: Int) -> [[Int]?] {
        var slots = [[Int]?](repeating: nil, count: count)
        guard !wanted.isEmpty else { return slots }
        for host in wanted where slots.indices.contains(host) { slots[host] = [] }
        for slot in records.indices where records[slot].isLive { slots[records[slot].host]?.append(slot) }
        for host in wanted where slots.indices.contains(host) {
            slots[host]?.sort { records[$0].serial < records[$1].serial }
        }
        return slots
    }
}

/// One request in flight.
package struct Request: Sendable {
    /// absent → queued or assigned; queued → assigned; assigned → queued (retry). Each may end in absent.
    package enum State: Sendable, Equatable {
        case absent
        case queued
        case assigned(slot: Int)
    }

    package var state = State.absent
    package var host = 0
    package var method = MethodID(index: 0)
    /// Grows with every arrival; a retried request keeps its place.
    package var order = 0
    package var plannedAt = Moment.zero
    package var arrivedAt = Moment.zero
    package var assignedAt = Moment.zero
    package var deadline = Moment.never
    package var queuedAt = Moment.zero
    package var queueDeadline = Moment.never
    package var isIdempotent = true
    package var isReplayable = true
    package var retries = 0
    /// Only a connection that carried nothing yet will do: it is being sent again.
    package var needsFresh = false
}
