import AgentCore
import DNSWire
import PoolModel
import Testing

/// A machine, a clock that the test moves, and a world that does only what the test says.
///
/// Effects are performed after every fact and remembered: what was asked for, what ended, and how.
struct Rig {
    struct Connect: Equatable {
        var id: ConnectionID
        var attempt: Int
        var address: Int
    }

    struct Assignment: Equatable {
        var id: ConnectionID
        var sendClose: Bool
        var isReused: Bool
    }

    enum Outcome: Equatable {
        case succeeded(Int)
        case failed(FailureCause)
        case cancelled
    }

    var machine: AgentMachine
    private(set) var now = Moment(nanoseconds: .seconds(1000))
    /// Attempts asked for and neither answered nor given up, the oldest first.
    private(set) var connects: [Connect] = []
    private(set) var lookups: [(name: NameID, id: ConnectionID)] = []
    /// The last assignment of each request.
    private(set) var assignments: [Int: Assignment] = [:]
    private(set) var outcomes: [Int: Outcome] = [:]
    private(set) var errors: [Int: AgentError] = [:]
    private(set) var closed: [ConnectionID: CloseReason] = [:]
    private(set) var closeOrder: [ConnectionID] = []
    private(set) var abandoned: [Connect] = []
    private(set) var aborted: [ConnectionID] = []
    private(set) var drained: [ConnectionID] = []
    private(set) var detached: [ConnectionID] = []
    private(set) var silencesMeasured = 0
    /// When something moved on a connection last, as the shell would say when asked.
    var movedAt: [ConnectionID: Moment] = [:]
    private(set) var timesDrained = 0
    private(set) var effects = 0
    private var nextRequest = 0
    private var nextPort = 40_000
    let get: MethodID

    init(_ change: (inout AgentSettings) -> Void = { _ in }) {
        var settings = AgentSettings()
        settings.lifetimeJitter = 0
        change(&settings)
        machine = AgentMachine(settings: settings, seed: 1, now: now)
        get = machine.intern(method: "GET")
    }

    /// A rig with one plain host at one address.
    static func one(_ change: (inout AgentSettings) -> Void = { _ in }) -> (Rig, HostID) {
        var rig = Rig(change)
        let host = rig.addHost("a")
        return (rig, host)
    }

    // MARK: Set-up

    mutating func addHost(
        _ name: String, addresses: Int = 1, isTLS: Bool = false, dnsName: String? = nil,
        keepAlive: KeepAlivePolicy? = nil, adjust: SettingsAdjustment? = nil
    ) -> HostID {
        let peers = (0..<addresses).map { PeerAddress.ip(IPAddress(v4: 0x7F00_0001 + UInt32($0)), port: 80) }
        return machine.addHost(
            HostDescription(
                name: name, origin: "http://\(name):80", isTLS: isTLS, port: 80,
                location: dnsName.map { .name($0) } ?? .addresses(peers), keepAlive: keepAlive,
                adjustments: adjust.map { [$0] } ?? []))
    }

    // MARK: Facts and time

    mutating func send(_ event: AgentEvent) {
        machine.handle(event, now: now)
        perform()
    }

    /// Lets time pass; the timer fires whenever it is due.
    mutating func pass(_ seconds: Double) {
        let end = now + .seconds(seconds)
        while machine.nextDeadline <= end {
            now = max(now, machine.nextDeadline)
            machine.tick(now)
            perform()
        }
        now = end
    }

    /// Lets time pass without the timer: it is late.
    mutating func jump(_ seconds: Double) { now = now + .seconds(seconds) }

    mutating func tick() {
        machine.tick(now)
        perform()
    }

    private mutating func perform() {
        while let effect = machine.nextEffect() {
            effects += 1
            perform(effect)
        }
    }

    private mutating func perform(_ effect: AgentEffect) {
        switch effect {
        case .resolve(let name, let id): lookups.append((name, id))
        case .connect(let id, let attempt, let address):
            connects.append(Connect(id: id, attempt: attempt, address: address))
        case .abandonAttempt(let id, let attempt):
            abandoned += connects.filter { $0.id == id && $0.attempt == attempt }
            connects.removeAll { $0.id == id && $0.attempt == attempt }
        case .abortDial(let id):
            aborted.append(id)
            connects.removeAll { $0.id == id }
        case .assign(let request, let id, let sendClose, let isReused):
            assignments[request.slot] = Assignment(id: id, sendClose: sendClose, isReused: isReused)
        case .measureSilence(let id):
            silencesMeasured += 1
            machine.handle(.silenceMeasured(id, since: movedAt[id] ?? .zero), now: now)
        case .drainBody(let id): drained.append(id)
        case .close(let id, let reason):
            closed[id] = reason
            closeOrder.append(id)
        case .detach(let id): detached.append(id)
        case .succeed(let request, let status): end(request, .succeeded(status))
        case .fail(let request, let error):
            errors[request.slot] = error
            end(request, .failed(error.cause))
        case .cancelled(let request): end(request, .cancelled)
        case .drained: timesDrained += 1
        }
    }

    private mutating func end(_ request: RequestID, _ outcome: Outcome) {
        if outcomes[request.slot] != nil { Issue.record("request \(request.slot) ended twice") }
        outcomes[request.slot] = outcome
    }

    // MARK: Requests

    /// A new request; its number.
    @discardableResult
    mutating func arrive(
        _ host: HostID, isIdempotent: Bool = true, isReplayable: Bool = true, timeout: Double? = nil
    ) -> Int {
        nextRequest += 1
        send(
            .requestArrived(
                RequestID(nextRequest),
                RequestArrival(
                    host: host, method: get, plannedAt: now, isIdempotent: isIdempotent, isReplayable: isReplayable,
                    timeout: timeout.map { .seconds($0) })))
        return nextRequest
    }

    /// A new request; the connection that it got at once.
    mutating func take(_ host: HostID) -> ConnectionID? {
        let request = arrive(host)
        return connection(of: request)
    }

    /// A new request, served on an idle connection.
    @discardableResult
    mutating func exchange(_ host: HostID, hint: KeepAliveHint = KeepAliveHint()) throws -> ConnectionID {
        let request = arrive(host)
        return try serve(request, hint: hint)
    }

    /// A whole exchange, on a new connection where no idle one is there.
    mutating func exchange(_ host: HostID, orConnect: Bool) throws {
        let request = arrive(host)
        if connection(of: request) == nil { try connect() }
        try serve(request)
    }

    mutating func cancel(_ request: Int) { send(.requestCancelled(RequestID(request))) }

    /// Where the request was put, while it has not ended.
    func connection(of request: Int) -> ConnectionID? {
        guard outcomes[request] == nil, let id = assignments[request]?.id,
            let slot = machine.connections.slot(of: id), machine.connections[slot].request == request
        else { return nil }
        return id
    }

    mutating func write(_ request: Int) throws {
        send(.requestWritten(try #require(connection(of: request)), bytes: 100))
    }

    mutating func head(_ request: Int, _ hint: KeepAliveHint = KeepAliveHint()) throws {
        send(.responseHead(try #require(connection(of: request)), status: 200, hint))
    }

    mutating func end(_ request: Int, closing: CloseReason? = nil) throws {
        send(.exchangeEnded(try #require(connection(of: request)), closing: closing, bytesReceived: 10))
    }

    /// The whole exchange of a request that has a connection.
    @discardableResult
    mutating func serve(
        _ request: Int, hint: KeepAliveHint = KeepAliveHint(), closing: CloseReason? = nil
    ) throws -> ConnectionID {
        let id = try #require(connection(of: request), "request \(request) has no connection")
        try write(request)
        try head(request, hint)
        try end(request, closing: closing)
        return id
    }

    // MARK: Dials

    /// The oldest connect in progress succeeds.
    @discardableResult
    mutating func connect() throws -> ConnectionID {
        try #require(!connects.isEmpty, "nothing is being dialled")
        let connect = connects[0]
        return connected(connect)
    }

    @discardableResult
    mutating func connected(_ connect: Connect) -> ConnectionID {
        connects.removeAll { $0 == connect }
        nextPort += 1
        send(.connected(connect.id, attempt: connect.attempt, localPort: nextPort))
        return connect.id
    }

    mutating func refuse(_ cause: FailureCause = .connectRefused) throws {
        try #require(!connects.isEmpty, "nothing is being dialled")
        let connect = connects.removeFirst()
        send(.attemptFailed(connect.id, attempt: connect.attempt, cause))
    }

    /// Ends the connection as a server does.
    mutating func peerEnds(
        _ id: ConnectionID, _ end: ConnectionEnd = .finished, sawByte: Bool = false, cause: FailureCause = .peerClosed
    ) {
        send(.connectionEnded(id, end, cause: cause, sawByte: sawByte, bytesReceived: 0))
    }

    /// Opens `count` idle connections that have carried one exchange each; the oldest first.
    mutating func idleConnections(_ count: Int = 1, at host: HostID) throws -> [ConnectionID] {
        let requests = (0..<count).map { _ in arrive(host) }
        for _ in requests where !connects.isEmpty { try connect() }
        return try requests.map { try serve($0) }
    }

    mutating func answer(_ addresses: [UInt32], ttl: UInt32 = 60) throws {
        let lookup = try #require(lookups.isEmpty ? nil : lookups.removeFirst(), "nobody asked")
        send(
            .resolved(
                lookup.name, for: lookup.id,
                .addresses(addresses.map { IPAddress(v4: $0) }, ttlSeconds: ttl, source: .dns), elapsed: 1000))
    }

    mutating func answer(_ outcome: ResolutionOutcome) throws {
        let lookup = try #require(lookups.isEmpty ? nil : lookups.removeFirst(), "nobody asked")
        send(.resolved(lookup.name, for: lookup.id, outcome, elapsed: 1000))
    }

    // MARK: What can be seen

    mutating func snapshot(sockets: Bool = false) -> AgentSnapshot {
        machine.snapshot(
            now: now, wallClock: 0, socketsFor: sockets ? Set(machine.hosts.indices) : [])
    }

    mutating func host(_ host: HostID) -> HostSnapshot { snapshot(sockets: true).hosts[host.index] }

    /// A connection by the number that snapshots have for it.
    func id(ofSocket serial: Int) -> ConnectionID? {
        machine.connections.liveSlots.lazy.map { machine.connections.id(of: $0) }.first { $0.serial == serial }
    }

    mutating func connections(_ host: HostID) -> ConnectionCounts { self.host(host).metrics.connections }

    mutating func set(_ change: (inout AgentSettings) -> Void) {
        var settings = machine.settings
        change(&settings)
        send(.settingsChanged(settings))
    }
}
