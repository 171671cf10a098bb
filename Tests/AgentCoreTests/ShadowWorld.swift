import AgentCore
import DNSWire
import PoolModel

/// The outside world as the machine must see it: performs effects, and throws on one that no correct machine asks for.
///
/// It keeps its own books of connections and requests, made from effects and facts alone, and judges by them: the
/// independent witness. `ShadowWorld+Rules.swift` has the rules. Few connections are open at a time, so a short array
/// in the order of their dials serves better than a dictionary, whose order must not decide what a seed does.
struct ShadowWorld {
    enum Wire: Equatable {
        case resolving
        /// One bit per attempt in progress.
        case connecting(attempts: UInt8)
        case handshaking
        case idle
        /// `assign` was performed and not answered yet.
        case assigned(request: Int)
        case written(request: Int)
        case answering(request: Int)
        case draining

        var isDialing: Bool {
            switch self {
            case .resolving, .connecting, .handshaking: true
            case .idle, .assigned, .written, .answering, .draining: false
            }
        }

        var request: Int? {
            switch self {
            case .assigned(let request), .written(let request), .answering(let request): request
            case .resolving, .connecting, .handshaking, .idle, .draining: nil
            }
        }
    }

    struct Connection {
        var id: ConnectionID
        var wire: Wire
        var host: Int
        var exchanges = 0
        /// It was idle when an event was over: it may be dead unseen.
        var hasBeenIdle = false
        var idleSince = Moment.never
    }

    struct Request {
        enum Place { case waiting, assigned }

        var slot: Int
        var host: Int
        var isIdempotent: Bool
        var isReplayable: Bool
        var place = Place.waiting
        var timesWritten = 0
        /// Its connection died under it. Where it may be sent again, only a fresh connection will do.
        var isLost = false
        var mayBeSentAgain = false
        var wasSentAgain = false
    }

    /// A deed or a state that no correct machine brings about.
    struct Violation: Error, CustomStringConvertible {
        var description: String
    }

    /// The limits in force.
    var limits: AgentSettings
    /// Every connection that exists, dials included, the oldest dial first.
    private(set) var connections: [Connection] = []
    private(set) var lookups: [(name: NameID, id: ConnectionID)] = []
    /// In the order of their arrival.
    private(set) var openRequests: [Request] = []
    private(set) var started = 0
    private(set) var ended = 0
    private(set) var opened = 0
    private(set) var closed = 0
    private(set) var written = 0
    private(set) var retried = 0
    private(set) var timesDrained = 0
    /// Hosts that dialled since the last `checkRules`, and the last connection that existed then: a dial that waits for
    /// another's lookup is heard of only when its connect begins.
    var dialled: [Int] = []
    var lastSerial = 0
    /// Attempts that lost a race in this event and are still to be given up.
    var losers = 0
    var now = Moment.zero
    /// Failed dials and open connections by host, as of the last `checkRules`.
    var lastLook: [Int: (failed: Int, open: Int)] = [:]
    /// Connections whose silence is to be measured.
    private var silences: [ConnectionID] = []
    private var freeSlots: [Int] = []
    /// The connection that ended by itself in this event; closing it again is harmless and not counted twice.
    private var gone: ConnectionID?
    private let isTLS: [Bool]

    init(isTLS: [Bool], limits: AgentSettings) {
        self.isTLS = isTLS
        self.limits = limits
    }

    var isDrained: Bool { timesDrained > 0 }

    func demand(_ holds: Bool, _ rule: StaticString) throws {
        if !holds { throw Violation(description: "\(rule)") }
    }

    private func position(of id: ConnectionID) -> Int? {
        var index = 0
        while index < connections.count {
            if connections[index].id.serial == id.serial { return index }
            index += 1
        }
        return nil
    }

    private func position(_ id: ConnectionID, _ rule: StaticString) throws -> Int {
        guard let index = position(of: id) else { throw Violation(description: "\(rule)") }
        return index
    }

    private func position(ofRequest slot: Int, _ rule: StaticString) throws -> Int {
        var index = 0
        while index < openRequests.count {
            if openRequests[index].slot == slot { return index }
            index += 1
        }
        throw Violation(description: "\(rule)")
    }

    mutating func newRequest(host: Int, isIdempotent: Bool, isReplayable: Bool) -> RequestID {
        let slot = freeSlots.popLast() ?? (openRequests.count + freeSlots.count)
        openRequests.append(
            Request(slot: slot, host: host, isIdempotent: isIdempotent, isReplayable: isReplayable))
        started += 1
        return RequestID(slot)
    }

    // MARK: Effects

    mutating func performAll(_ machine: inout AgentMachine) throws {
        while let effect = machine.nextEffect() { try perform(effect, &machine) }
        // Behind the effects of the event, which are judged by what the machine knew then.
        while let id = silences.popLast() {
            // Something has moved every other time, for whatever reason.
            machine.handle(.silenceMeasured(id, since: id.serial % 2 == 0 ? .zero : now), now: now)
            while let effect = machine.nextEffect() { try perform(effect, &machine) }
        }
        gone = nil
    }

    private mutating func perform(_ effect: AgentEffect, _ machine: inout AgentMachine) throws {
        switch effect {
        case .resolve(let name, let id):
            lookups.append((name, id))
            guard id != .none, machine.connections.slot(of: id) != nil else { return }
            try demand(position(of: id) == nil, "a dial asks twice")
            begin(id, .resolving, &machine)
        case .connect(let id, let attempt, let address):
            try performConnect(id, attempt, address, &machine)
        case .abandonAttempt: losers -= 1
        case .abortDial(let id):
            guard let index = position(of: id) else { return }
            try demand(connections[index].wire.isDialing, "a dial is aborted that is over")
            connections.remove(at: index)
        case .assign(let request, let id, let sendClose, let isReused):
            try performAssign(request, id, sendClose: sendClose, isReused: isReused, &machine)
        case .measureSilence(let id):
            let index = try position(id, "silence is measured on no connection")
            switch connections[index].wire {
            case .written, .answering: break
            case .resolving, .connecting, .handshaking, .idle, .assigned, .draining:
                throw Violation(description: "silence is measured where nothing is awaited")
            }
            silences.append(id)
        case .drainBody(let id):
            let index = try position(id, "a body is drained on no connection")
            // Its request ended in the same event, which left it idle.
            try demand(!connections[index].wire.isDialing, "a body is drained on a dial")
            connections[index].wire = .draining
        case .close(let id, _), .detach(let id):
            if id == gone { return }
            let index = try position(id, "a connection is closed that is not open")
            try demand(!connections[index].wire.isDialing, "a dial is closed")
            connections.remove(at: index)
            closed += 1
        case .succeed(let request, _):
            try end(request, wasAnswered: true)
        case .fail(let request, _), .cancelled(let request):
            try end(request, wasAnswered: false)
        case .drained:
            timesDrained += 1
            try demand(timesDrained == 1, "drained twice")
        }
    }

    private mutating func begin(_ id: ConnectionID, _ wire: Wire, _ machine: inout AgentMachine) {
        let host = machine.connections[id.slot].host
        connections.append(Connection(id: id, wire: wire, host: host))
        if id.serial > lastSerial { dialled.append(host) }
    }

    private mutating func performConnect(
        _ id: ConnectionID, _ attempt: Int, _ address: Int, _ machine: inout AgentMachine
    ) throws {
        // Ended by a fact raised between the effect and its turn; the shell skips it too.
        guard machine.connections.slot(of: id) != nil else { return }
        let host = machine.connections[id.slot].host
        try demand(address >= 0 && address < machine.hosts[host].peers.count, "a connect to no address")
        try demand(attempt >= 0 && attempt < Dial.maxAttempts, "an attempt beyond the limit")
        let bit: UInt8 = 1 << UInt8(attempt)
        guard let index = position(of: id) else { return begin(id, .connecting(attempts: bit), &machine) }
        switch connections[index].wire {
        case .resolving:
            connections[index].wire = .connecting(attempts: bit)
        case .connecting(let attempts):
            try demand(attempts & bit == 0, "an attempt is made twice")
            connections[index].wire = .connecting(attempts: attempts | bit)
        case .handshaking, .idle, .assigned, .written, .answering, .draining:
            throw Violation(description: "a connect on a connection that is past it")
        }
    }

    private mutating func performAssign(
        _ id: RequestID, _ connection: ConnectionID, sendClose: Bool, isReused: Bool, _ machine: inout AgentMachine
    ) throws {
        let request = try position(ofRequest: id.slot, "a request that has ended is assigned")
        let index = try position(connection, "an assignment to a connection that is not open")
        switch connections[index].wire {
        case .idle, .draining: break
        case .resolving, .connecting, .handshaking, .assigned, .written, .answering:
            throw Violation(description: "an assignment to a connection that is not free")
        }
        try demand(openRequests[request].place == .waiting, "a request is assigned twice")
        try demand(isReused == (connections[index].exchanges > 0), "reuse is told wrongly")
        if !machine.keepAlive(ofHost: connections[index].host) {
            try demand(sendClose, "a request without Connection: close while HTTP keep-alive is off")
        }
        try checkOrder(of: request, on: connections[index])
        try checkFairness(of: request, on: connections[index], &machine)
        try checkSendingAgain(&openRequests[request], on: connections[index])
        if openRequests[request].isLost {
            openRequests[request].isLost = false
            openRequests[request].wasSentAgain = true
            retried += 1
        }
        openRequests[request].place = .assigned
        connections[index].wire = .assigned(request: id.slot)
    }

    private mutating func end(_ id: RequestID, wasAnswered: Bool) throws {
        let index = try position(ofRequest: id.slot, "a request ended twice")
        try demand(!wasAnswered || openRequests[index].timesWritten > 0, "a request succeeded that was never written")
        openRequests.remove(at: index)
        freeSlots.append(id.slot)
        ended += 1
        var connection = 0
        while connection < connections.count {
            if connections[connection].wire.request == id.slot { connections[connection].wire = .idle }
            connection += 1
        }
    }

    // MARK: Facts

    mutating func takeLookup(_ index: Int) -> (name: NameID, id: ConnectionID) { lookups.remove(at: index) }

    /// TCP is up; for https the handshake follows.
    mutating func connect(_ id: ConnectionID) {
        guard let index = position(of: id) else { return }
        if case .connecting(let attempts) = connections[index].wire { losers += attempts.nonzeroBitCount - 1 }
        if isTLS[connections[index].host] { connections[index].wire = .handshaking } else { establish(id) }
    }

    mutating func establish(_ id: ConnectionID) {
        set(id, .idle)
        opened += 1
    }

    mutating func set(_ id: ConnectionID, _ wire: Wire) {
        guard let index = position(of: id) else { return }
        connections[index].wire = wire
    }

    /// The request went out whole, or its head and the beginning of its body did.
    mutating func write(_ id: ConnectionID, request slot: Int) throws {
        let index = try position(id, "written on no connection")
        let request = try position(ofRequest: slot, "a request that has ended is written")
        written += 1
        connections[index].exchanges += 1
        connections[index].wire = .written(request: slot)
        openRequests[request].timesWritten += 1
        if openRequests[request].timesWritten > 1 {
            try demand(openRequests[request].timesWritten == 2, "a request is written three times")
            try demand(
                openRequests[request].isIdempotent && openRequests[request].isReplayable,
                "a request that may not be repeated is written twice")
        }
    }

    /// Whether it was used before, or left alone.
    func mayBeDead(_ id: ConnectionID) -> Bool {
        guard let index = position(of: id) else { return false }
        return connections[index].exchanges > 0 || connections[index].hasBeenIdle
    }

    /// The check found a dead socket before anything was written, so the request waits as before.
    mutating func foundDead(_ id: ConnectionID) throws {
        guard let index = position(of: id), let slot = connections[index].wire.request else { return }
        openRequests[try position(ofRequest: slot, "a request that has ended is on a connection")].place = .waiting
    }

    /// The connection is gone before the machine hears of it. `sawByte`: of the response to the request on it.
    mutating func lose(_ id: ConnectionID, sawByte: Bool = false) throws {
        guard let index = position(of: id) else { return }
        let connection = connections.remove(at: index)
        gone = id
        if !connection.wire.isDialing { closed += 1 }
        guard let slot = connection.wire.request else { return }
        let request = try position(ofRequest: slot, "a request that has ended is on a connection")
        let wasUsed = connection.hasBeenIdle || connection.exchanges > (isWritten(connection.wire) ? 1 : 0)
        let isRepeatable = openRequests[request].isIdempotent && openRequests[request].isReplayable
        openRequests[request].place = .waiting
        openRequests[request].isLost = true
        openRequests[request].mayBeSentAgain =
            wasUsed && !sawByte && limits.retries > 0 && !openRequests[request].wasSentAgain
            && (isRepeatable || !isWritten(connection.wire))
    }

    private func isWritten(_ wire: Wire) -> Bool {
        switch wire {
        case .written, .answering: true
        case .resolving, .connecting, .handshaking, .idle, .assigned, .draining: false
        }
    }

    /// After each event: dials that ended by a fact of ours (no address, last attempt refused) end without an effect.
    mutating func forgetDeadDials(_ machine: inout AgentMachine, _ now: Moment) throws {
        var index = connections.count - 1
        while index >= 0 {
            let connection = connections[index]
            if machine.connections.slot(of: connection.id) == nil {
                switch connection.wire {
                case .resolving, .connecting(attempts: 0): connections.remove(at: index)
                case .connecting, .handshaking:
                    throw Violation(description: "a dial in progress was forgotten and not aborted")
                case .idle, .assigned, .written, .answering, .draining:
                    throw Violation(description: "an open connection was forgotten and not closed")
                }
            } else if connection.wire == .idle {
                connections[index].hasBeenIdle = true
                connections[index].idleSince = min(connection.idleSince, now)
            } else {
                connections[index].idleSince = .never
            }
            index -= 1
        }
    }
}
