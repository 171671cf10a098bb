import AgentCore
import DNSWire
import Testing

/// The outside world as the machine must see it: performs effects, and fails on one that no correct machine asks for.
///
/// It keeps its own books of connections and requests, made from effects alone, and compares them with the machine's
/// snapshot: the independent witness. Few connections are open at a time, so a short array in the order of their dials
/// serves better than a dictionary, whose order must not decide what a seed does.
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

        var isCarrying: Bool { self == .draining || request != nil }
    }

    struct Connection {
        var id: ConnectionID
        var wire: Wire
        var host: Int
        var exchanges = 0
    }

    /// Every connection that exists, dials included, the oldest dial first.
    private(set) var connections: [Connection] = []
    private(set) var lookups: [(name: NameID, id: ConnectionID)] = []
    private(set) var openRequests: [Int] = []
    private(set) var started = 0
    private(set) var ended = 0
    private(set) var opened = 0
    private(set) var closed = 0
    private(set) var written = 0
    private(set) var timesDrained = 0
    private var freeSlots: [Int] = []
    private let isTLS: [Bool]

    init(isTLS: [Bool]) { self.isTLS = isTLS }

    var isDrained: Bool { timesDrained > 0 }

    private func position(of id: ConnectionID) -> Int? {
        var index = 0
        while index < connections.count {
            if connections[index].id.serial == id.serial { return index }
            index += 1
        }
        return nil
    }

    mutating func newRequest() -> RequestID {
        let slot = freeSlots.popLast() ?? (openRequests.count + freeSlots.count)
        openRequests.append(slot)
        started += 1
        return RequestID(slot)
    }

    // MARK: Effects

    /// `gone`: a connection that ended by itself; closing it again is harmless and not counted twice.
    mutating func performAll(_ machine: inout AgentMachine, alreadyGone gone: ConnectionID? = nil) throws {
        while let effect = machine.nextEffect() { try perform(effect, &machine, gone) }
    }

    private mutating func perform(
        _ effect: AgentEffect, _ machine: inout AgentMachine, _ gone: ConnectionID?
    ) throws {
        switch effect {
        case .resolve(let name, let id):
            lookups.append((name, id))
            guard id != .none, machine.connections.slot(of: id) != nil else { return }
            try #require(position(of: id) == nil)
            let host = machine.connections[id.slot].host
            connections.append(Connection(id: id, wire: .resolving, host: host))
        case .connect(let id, let attempt, let address):
            try performConnect(id, attempt, address, &machine)
        case .abandonAttempt: break
        case .abortDial(let id):
            guard let index = position(of: id) else { return }
            try #require(connections[index].wire.isDialing)
            connections.remove(at: index)
        case .assign(let request, let id, let sendClose, let isReused):
            try performAssign(request, id, sendClose: sendClose, isReused: isReused, &machine)
        case .drainBody(let id):
            let index = try #require(position(of: id))
            try #require(connections[index].wire.isCarrying)
            connections[index].wire = .draining
        case .close(let id, _), .detach(let id):
            if id == gone { return }
            let index = try #require(position(of: id), "a connection is closed that is not open")
            try #require(!connections[index].wire.isDialing)
            connections.remove(at: index)
            closed += 1
        case .succeed(let request, _), .fail(let request, _), .cancelled(let request):
            try end(request)
        case .drained:
            timesDrained += 1
            try #require(timesDrained == 1, "drained twice")
        }
    }

    private mutating func performConnect(
        _ id: ConnectionID, _ attempt: Int, _ address: Int, _ machine: inout AgentMachine
    ) throws {
        // Ended by a fact raised between the effect and its turn; the shell skips it too.
        guard machine.connections.slot(of: id) != nil else { return }
        let host = machine.connections[id.slot].host
        try #require(machine.hosts[host].peers.indices.contains(address))
        try #require((0..<Dial.maxAttempts).contains(attempt))
        let bit: UInt8 = 1 << UInt8(attempt)
        guard let index = position(of: id) else {
            return connections.append(Connection(id: id, wire: .connecting(attempts: bit), host: host))
        }
        switch connections[index].wire {
        case .resolving:
            connections[index].wire = .connecting(attempts: bit)
        case .connecting(let attempts):
            try #require(attempts & bit == 0, "an attempt is made twice")
            connections[index].wire = .connecting(attempts: attempts | bit)
        case .handshaking, .idle, .assigned, .written, .answering, .draining:
            Issue.record("a connect on a connection that is past it")
        }
    }

    private mutating func performAssign(
        _ request: RequestID, _ id: ConnectionID, sendClose: Bool, isReused: Bool, _ machine: inout AgentMachine
    ) throws {
        try #require(openRequests.contains(request.slot), "a request that has ended is assigned")
        let index = try #require(position(of: id), "an assignment to a connection that is not open")
        switch connections[index].wire {
        case .idle, .written, .answering, .draining: break
        case .resolving, .connecting, .handshaking, .assigned: Issue.record("an assignment to one that is not ready")
        }
        try #require(isReused == (connections[index].exchanges > 0))
        if !machine.keepAlive(ofHost: connections[index].host) { try #require(sendClose) }
        connections[index].wire = .assigned(request: request.slot)
    }

    private mutating func end(_ request: RequestID) throws {
        let open = try #require(openRequests.firstIndex(of: request.slot), "a request ended twice")
        openRequests.remove(at: open)
        freeSlots.append(request.slot)
        ended += 1
        for index in connections.indices where connections[index].wire.request == request.slot {
            connections[index].wire = .idle
        }
    }

    // MARK: Facts

    mutating func takeLookup(_ index: Int) -> (name: NameID, id: ConnectionID) { lookups.remove(at: index) }

    /// TCP is up; for https the handshake follows.
    mutating func connect(_ id: ConnectionID) {
        guard let index = position(of: id) else { return }
        if isTLS[connections[index].host] { connections[index].wire = .handshaking } else { establish(id) }
    }

    mutating func establish(_ id: ConnectionID) {
        set(id, .idle)
        opened += 1
    }

    mutating func set(_ id: ConnectionID, _ wire: Wire) {
        guard let index = position(of: id) else { return }
        if case .written = wire {
            written += 1
            connections[index].exchanges += 1
        }
        connections[index].wire = wire
    }

    /// The connection is gone before the machine hears of it.
    mutating func drop(_ id: ConnectionID) {
        guard let index = position(of: id) else { return }
        if !connections[index].wire.isDialing { closed += 1 }
        connections.remove(at: index)
    }

    /// A dial that failed by a fact of ours (no address, last attempt refused) ends without an effect.
    mutating func forgetDeadDials(_ machine: inout AgentMachine) {
        var index = connections.count - 1
        while index >= 0 {
            if connections[index].wire.isDialing, machine.connections.slot(of: connections[index].id) == nil {
                connections.remove(at: index)
            }
            index -= 1
        }
    }

    // MARK: Comparison

    func check(_ snapshot: AgentSnapshot) throws {
        func sum(_ count: (HostMetrics) -> Int) -> Int { snapshot.hosts.reduce(0) { $0 + count($1.metrics) } }
        try #require(sum { $0.requests.started } == started)
        try #require(sum { $0.requests.succeeded + $0.requests.failed + $0.requests.cancelled } == ended)
        try #require(sum { $0.requests.inFlight + $0.requests.queued } == openRequests.count)
        try #require(sum { $0.connections.opened } == opened)
        try #require(sum { $0.connections.closed } == closed)
        try #require(sum { $0.connections.open } == connections.count { !$0.wire.isDialing })
        try #require(sum { $0.requests.onNewConnection + $0.requests.onReusedConnection } == written)
        try #require(sum { $0.connections.closedByReason.total } == closed)
    }
}

extension AgentMachine {
    func keepAlive(ofHost host: Int) -> Bool { (hosts[host].keepAlive ?? settings.keepAlive).isOn }
}
