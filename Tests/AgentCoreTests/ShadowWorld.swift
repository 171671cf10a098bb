import AgentCore
import DNSWire
import Testing

/// The outside world as the machine must see it: performs effects, and fails on one that no correct machine asks for.
///
/// It keeps its own books of connections and requests, made from effects alone, and compares them with the machine's
/// snapshot: the independent witness.
struct ShadowWorld {
    enum Wire: Equatable {
        case resolving
        case connecting(attempts: Set<Int>)
        case handshaking
        case idle
        /// `assign` was performed and not answered yet.
        case assigned(request: Int)
        case written(request: Int)
        case answering(request: Int)
        case draining
    }

    private(set) var wires: [ConnectionID: Wire] = [:]
    /// Requests that were started and have not ended.
    private(set) var requests: [Int: Bool] = [:]
    private(set) var lookups: [(name: NameID, id: ConnectionID)] = []
    private(set) var started = 0
    private(set) var ended = 0
    private(set) var opened = 0
    private(set) var closed = 0
    private(set) var written = 0
    private(set) var isDrained = false
    private var freeSlots: [Int] = []
    private var isTLS: [Bool]
    private var hostOf: [ConnectionID: Int] = [:]
    private var gone: ConnectionID?

    init(isTLS: [Bool]) { self.isTLS = isTLS }

    var establishedCount: Int { wires.values.count { !Self.isDialing($0) } }

    static func isDialing(_ wire: Wire) -> Bool {
        switch wire {
        case .resolving, .connecting, .handshaking: true
        case .idle, .assigned, .written, .answering, .draining: false
        }
    }

    /// Connections in a fixed order: no iteration order of a dictionary may decide what a seed does.
    var orderedWires: [(id: ConnectionID, wire: Wire)] {
        wires.map { (id: $0.key, wire: $0.value) }.sorted { $0.id.serial < $1.id.serial }
    }

    var openRequests: [Int] { requests.keys.sorted() }

    mutating func newRequest() -> RequestID {
        let slot = freeSlots.popLast() ?? (requests.count + freeSlots.count)
        var free = slot
        while requests[free] != nil { free += 1 }
        requests[free] = true
        started += 1
        return RequestID(free)
    }

    // MARK: Effects

    /// `alreadyGone`: a connection that ended by itself; closing it again is harmless and not counted twice.
    mutating func performAll(_ machine: inout AgentMachine, alreadyGone: ConnectionID? = nil) throws {
        gone = alreadyGone
        while let effect = machine.nextEffect() { try perform(effect, machine) }
        gone = nil
    }

    private mutating func perform(_ effect: AgentEffect, _ machine: AgentMachine) throws {
        switch effect {
        case .resolve(let name, let id):
            lookups.append((name, id))
            if id != .none {
                try #require(wires[id] == nil)
                wires[id] = .resolving
            }
        case .connect(let id, let attempt, let address):
            // Ended by a fact raised between the effect and its turn; the shell skips it too.
            guard machine.connections.slot(of: id) != nil else { return }
            let host = machine.connections[id.slot].host
            hostOf[id] = host
            try #require(machine.hosts[host].peers.indices.contains(address))
            if case .connecting(var attempts) = wires[id] {
                try #require(attempts.insert(attempt).inserted)
                wires[id] = .connecting(attempts: attempts)
            } else {
                try #require(wires[id] == nil || wires[id] == .resolving, "a dial that connects twice")
                wires[id] = .connecting(attempts: [attempt])
            }
        case .abandonAttempt: break
        case .abortDial(let id):
            if let wire = wires[id] { try #require(Self.isDialing(wire)) }
            wires[id] = nil
        case .assign(let request, let id, let sendClose, let isReused):
            try performAssign(request, id, sendClose: sendClose, isReused: isReused, machine)
        case .drainBody(let id):
            try #require(isCarrying(id))
            wires[id] = .draining
        case .close(let id, _), .detach(let id):
            if id == gone { return }
            let wire = try #require(wires[id], "a connection is closed that is not open")
            try #require(!Self.isDialing(wire))
            wires[id] = nil
            closed += 1
        case .succeed(let request, _), .fail(let request, _), .cancelled(let request):
            try end(request)
        case .drained:
            isDrained = true
        }
    }

    private mutating func performAssign(
        _ request: RequestID, _ id: ConnectionID, sendClose: Bool, isReused: Bool, _ machine: AgentMachine
    ) throws {
        try #require(requests[request.slot] != nil, "a request that has ended is assigned")
        if let wire = wires[id] {
            try #require(wire == .idle || isCarrying(id), "an assignment to a connection that is not ready")
            if case .assigned = wire { Issue.record("two requests on one connection") }
        }
        let host = machine.connections[id.slot].host
        if machine.connections.slot(of: id) != nil, !machine.keepAlive(ofHost: host) { try #require(sendClose) }
        wires[id] = .assigned(request: request.slot)
    }

    private func isCarrying(_ id: ConnectionID) -> Bool {
        switch wires[id] {
        case .written, .answering, .draining, .assigned: true
        default: false
        }
    }

    private mutating func end(_ request: RequestID) throws {
        try #require(requests.removeValue(forKey: request.slot) != nil, "a request ended twice")
        freeSlots.append(request.slot)
        ended += 1
        for (id, wire) in wires {
            switch wire {
            case .assigned(request.slot): wires[id] = .idle
            case .written(request.slot), .answering(request.slot): wires[id] = .idle
            default: break
            }
        }
    }

    // MARK: Facts

    mutating func takeLookup(_ index: Int) -> (name: NameID, id: ConnectionID) { lookups.remove(at: index) }

    /// TCP is up; for https the handshake follows.
    mutating func connect(_ id: ConnectionID) {
        guard let host = hostOf[id], isTLS[host] else { return establish(id) }
        wires[id] = .handshaking
    }

    mutating func establish(_ id: ConnectionID) {
        wires[id] = .idle
        opened += 1
    }

    mutating func set(_ id: ConnectionID, _ wire: Wire) {
        if case .written = wire { written += 1 }
        wires[id] = wire
    }

    /// The connection is gone before the machine hears of it.
    mutating func drop(_ id: ConnectionID) {
        if let wire = wires.removeValue(forKey: id), !Self.isDialing(wire) { closed += 1 }
    }

    /// A dial that failed by a fact of ours (no address, last attempt refused) ends without an effect.
    mutating func forgetDials(where isOver: (ConnectionID) -> Bool) {
        for (id, wire) in wires where Self.isDialing(wire) && isOver(id) { wires[id] = nil }
    }

    // MARK: Comparison

    func check(_ snapshot: AgentSnapshot) throws {
        func sum(_ count: (HostMetrics) -> Int) -> Int { snapshot.hosts.reduce(0) { $0 + count($1.metrics) } }
        try #require(sum { $0.requests.started } == started)
        try #require(sum { $0.requests.succeeded + $0.requests.failed + $0.requests.cancelled } == ended)
        try #require(sum { $0.connections.opened } == opened)
        try #require(sum { $0.connections.closed } == closed)
        try #require(sum { $0.connections.open } == establishedCount)
        try #require(sum { $0.requests.onNewConnection + $0.requests.onReusedConnection } == written)
        try #require(sum { $0.connections.closedByReason.total } == closed)
    }
}

extension AgentMachine {
    func keepAlive(ofHost host: Int) -> Bool { (hosts[host].keepAlive ?? settings.keepAlive).isOn }
}
