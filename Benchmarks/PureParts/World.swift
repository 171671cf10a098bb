import AgentCore
import DNSWire
import PoolModel

/// A machine and the least of a shell around it: dials succeed at once, requests are answered when the benchmark says so.
struct World {
    var machine: AgentMachine
    private(set) var now = Moment(nanoseconds: .seconds(1000))
    private(set) var succeeded = 0
    private(set) var opened = 0
    /// Assignments to another connection than the one before.
    private(set) var turns = 0
    private var lastAssigned = ConnectionID.none
    /// Requests that have their connection and no answer yet, in the order of assignment.
    private(set) var assigned: [ConnectionID] = []
    private let get: MethodID
    private var freeRequests: [RequestID] = []
    private var requests = 0

    init(_ change: (inout AgentSettings) -> Void = { _ in }) {
        var settings = AgentSettings()
        change(&settings)
        machine = AgentMachine(settings: settings, seed: 1, now: now)
        get = machine.intern(method: "GET")
    }

    mutating func addHost(_ name: String, isTLS: Bool = false, addresses: UInt32 = 1) -> HostID {
        let peers = (0..<addresses).map { PeerAddress.ip(IPAddress(v4: 0x7F00_0001 + $0), port: 80) }
        return machine.addHost(
            HostDescription(
                name: name, origin: "\(isTLS ? "https" : "http")://\(name):80", isTLS: isTLS, port: 80,
                location: .addresses(peers)))
    }

    mutating func pass(_ time: Nanoseconds) {
        now = now + time
        if machine.earliestDeadline() <= now {
            machine.tick(now)
            performEffects()
        }
    }

    /// Opens so many connections, each of which has carried an exchange and rests.
    mutating func open(_ count: Int, at host: HostID) {
        for _ in 0..<count { arrive(at: host) }
        answerAll()
        precondition(machine.hosts[host.index].population.idle == count, "the connections do not all rest")
    }

    mutating func arrive(at host: HostID) {
        let request = freeRequests.popLast() ?? nextRequest()
        send(
            .requestArrived(request, RequestArrival(host: host, method: get, plannedAt: now, isIdempotent: true)))
    }

    private mutating func nextRequest() -> RequestID {
        requests += 1
        return RequestID(requests - 1)
    }

    /// One exchange on a connection that rests.
    mutating func exchange(at host: HostID) {
        arrive(at: host)
        answerAll()
        now = now + 1000
    }

    /// Every request that has been written is answered.
    mutating func answerAll() {
        while let id = assigned.popLast() { answer(id) }
    }

    mutating func answer(_ id: ConnectionID) {
        send(.responseHead(id, status: 200, KeepAliveHint()))
        send(.exchangeEnded(id, closing: nil, bytesReceived: 251))
    }

    /// The requests assigned so far, for a benchmark that answers them at its own time.
    mutating func takeAssigned() -> [ConnectionID] {
        defer { assigned.removeAll(keepingCapacity: true) }
        return assigned
    }

    mutating func send(_ event: AgentEvent) {
        machine.handle(event, now: now)
        performEffects()
    }

    private mutating func performEffects() {
        while let effect = machine.nextEffect() { perform(effect) }
        _ = machine.earliestDeadline()
    }

    private mutating func perform(_ effect: AgentEffect) {
        switch effect {
        case .assign(_, let id, _, _):
            machine.handle(.requestWritten(id, bytes: 60), now: now)
            assigned.append(id)
            if id != lastAssigned { turns += 1 }
            lastAssigned = id
        case .connect(let id, let attempt, _):
            opened += 1
            machine.handle(.connected(id, attempt: attempt, localPort: 40_000), now: now)
        case .succeed(let request, _):
            succeeded += 1
            freeRequests.append(request)
        case .close: break
        case .resolve, .abandonAttempt, .abortDial, .measureSilence, .drainBody, .detach, .fail, .cancelled, .drained:
            preconditionFailure("nothing fails in this world, and yet: \(effect)")
        }
    }
}
