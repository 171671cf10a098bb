package import PoolModel

/// The phases of a connection. Each case lists its possible successors; every phase may also end (the slot is freed).
package enum ConnectionPhase: UInt8, CaseIterable, Sendable {
    /// Waiting for addresses → connecting.
    case resolving
    /// TCP connects in progress → handshaking (https), idle or writing.
    case connecting
    /// TLS handshake in progress → idle or writing.
    case handshaking
    /// Open and reusable → writing.
    case idle
    /// A request was assigned but is not known to be written → awaitingHead, or idle (cancelled before writing).
    case writing
    /// Written → readingBody (response head), idle or writing (a response without a body ended).
    case awaitingHead
    /// The response head has arrived → draining, idle or writing (the body ended).
    case readingBody
    /// The caller abandoned the body, and its rest is read and discarded → idle or writing.
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

/// The connects of one dial: the addresses in the order to try, those in progress, and when the next one starts (RFC
/// 8305 §5: 250 ms after the previous one, or as soon as that has failed).
package struct Dial: Sendable {
    package static let maxAttempts = 8

    /// Positions in the host's address list.
    package var candidates: [Int] = []
    /// The number of candidates already started.
    package var started = 0
    /// One bit per attempt in progress.
    package var inProgress: UInt8 = 0
    package var nextAttemptAt = Moment.never
    package var attemptStartedAt = Moment.zero
    /// The cause to report if every attempt fails.
    package var lastFailure = FailureCause.connectRefused
    /// True for a dial in advance (`minIdlePerHost`) that no request asked for.
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
    /// When the dial, the handshake, the idle time or the exchange must be over.
    package var deadline = Moment.never
    package var openedAt = Moment.zero
    /// Its lifetime's position within the jitter range, −1…1; drawn once.
    package var lifetimeShare = 0.0
    package var lifetimeEnd = Moment.never
    package var idleLimitOrigin = IdleLimitOrigin.none
    /// Exchanges started.
    package var exchanges = 0
    /// The number of exchanges allowed by an exchange-count policy, drawn once; `Int.max` if unlimited.
    package var drawnLimit = Int.max
    /// The exchanges left according to the server's `max` hint; nil if there was none.
    package var hintRemaining: Int?
    /// The server's `timeout` hint was zero or less. This is stored for the connection and not for the host: the next
    /// connection may reach another server behind the same name, and a server that sends no hints could never withdraw
    /// it.
    package var hintForbidsIdle = false
    /// Why the current exchange is the last one, decided when the request was written with `Connection: close`.
    package var lastExchangeReason: CloseReason?
    /// It has been idle, so it may have died unnoticed, whether or not it carried an exchange before.
    package var hasBeenIdle = false
    /// Its address was removed from the record set; it closes after its exchange.
    package var isRetired = false
    /// The status of the current exchange's response; zero until its head has arrived.
    package var status = 0
    /// It is our caller's turn: it does not read, or has not sent its request to the end.
    package var isHeld = false

    /// It carried no exchange and was never idle, so a retried request may use it (RFC 9112 §9.3.1).
    package var isFresh: Bool { exchanges == 0 && !hasBeenIdle }
}

/// Connections by slot. Slots are reused; the serial distinguishes the generations.
package struct ConnectionTable: Sendable {
    private var records: [Connection] = []
    private var freeSlots: [Int] = []
    private var nextSerial = 1

    package init() {}

    /// All slots, used and free.
    package var capacity: Int { records.count }
    /// Connections that exist now, dials included.
    package var liveCount: Int { records.count - freeSlots.count }
    /// The number of serials issued so far.
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

    /// The slot of a connection that still exists; nil for a late event.
    @inline(__always)
    package func slot(of id: ConnectionID) -> Int? {
        guard id.slot < records.count, records[id.slot].serial == id.serial, records[id.slot].isLive else { return nil }
        return id.slot
    }

    package var liveSlots: [Int] { records.indices.filter { records[$0].isLive } }

    /// The slots of the wanted hosts, each host's oldest connection first; nil for every other host.
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

/// One request in progress.
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
    /// Increases with every arrival; a retried request keeps its number.
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
    /// The request is a retry and needs a connection that has carried no exchange.
    package var needsFresh = false
}
