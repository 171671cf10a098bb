import AgentCore
import NIOCore
import NIOSSL
import PoolModel

/// The loop's side of an `HTTPAgent`: the agent, and its hosts by origin.
final class AgentOnLoop {
    let loop: LoopAgent
    private let answers = Answers()
    /// nil: nobody listens.
    private var observers: AgentObservers?
    private let maxHosts: Int
    private let addresses: [AddressOverride]
    private var hosts: [Origin: HostID] = [:]
    /// By the host's place.
    private var origins: [Origin] = []
    private var methods: [String: MethodID] = [:]

    /// Request methods are shown by name; beyond this many they are shown as one.
    private static let maxMethods = 64

    init(_ loop: LoopAgent, maxHosts: Int, addresses: [AddressOverride]) {
        self.loop = loop
        self.maxHosts = maxHosts
        self.addresses = addresses
        loop.onTurnEnd = { [answers] in answers.deliver() }
    }

    func start(_ arrivals: [Inbox.Arrival]) {
        guard arrivals.count > 1 else { return arrivals.forEach(start) }
        loop.batch { arrivals.forEach(start) }
    }

    func start(_ arrival: Inbox.Arrival) {
        let request = arrival.request
        let exchange = Exchange(arrival, loop: loop, answers: answers)
        guard arrival.slot.begin(exchange) else { return exchange.requestEnded(.cancelled) }
        let host = host(request.origin, request.tls)
        exchange.start(request.template(host: host, method: method(request.methodName)))
    }

    private func method(_ name: String) -> MethodID {
        if let known = methods[name] { return known }
        guard methods.count < Self.maxMethods else { return loop.method("OTHER") }
        let id = loop.method(name)
        methods[name] = id
        return id
    }

    /// The origin that has been idle longest makes room for one too many. Where all are in use there is one more.
    private func host(_ origin: Origin, _ context: TLSContext?) -> HostID {
        if let known = hosts[origin] { return known }
        let former = hosts.count < maxHosts ? nil : loop.idleLongest()
        if let former { hosts[origins[former.index]] = nil }
        let fixed = addresses.first { $0.fits(origin) }
        let id = loop.addHost(
            origin.hostDescription(at: fixed), tls: context.map { TLSIdentity($0, host: origin.host) },
            replacing: former)
        if id.index < origins.count { origins[id.index] = origin } else { origins.append(origin) }
        hosts[origin] = id
        return id
    }

    func setKeepAlive(_ policy: KeepAlivePolicy, _ origin: Origin?, _ context: TLSContext?) -> AgentError? {
        guard let origin else {
            loop.send(.keepAliveSet(policy, host: nil))
            return nil
        }
        loop.send(.keepAliveSet(policy, host: host(origin, context)))
        return nil
    }

    /// The settings of an origin; those of the agent if the origin was never used.
    func settings(_ origin: Origin?) -> AgentSettings {
        var settings = loop.machine.settings
        guard let origin, let id = hosts[origin] else { return settings }
        let description = loop.machine.hosts[id.index].description
        for adjust in description.adjustments { adjust(&settings) }
        settings.keepAlive = loop.machine.keepAlive(of: id)
        return settings
    }

    /// nil settings: as the agent's.
    func update(_ settings: AgentSettings?, _ origin: Origin, _ context: TLSContext?) {
        let host = host(origin, context)
        loop.send(.hostAdjusted(host) { if let settings { $0 = settings } })
        loop.send(.keepAliveSet(settings?.keepAlive ?? loop.machine.settings.keepAlive, host: host))
    }

    /// Tells of connections from now on, until the agent has stopped or nobody reads any more.
    func observe(_ stream: AsyncStream<AgentActivity>.Continuation) {
        guard loop.machine.mode != .stopped else { return stream.finish() }
        let observers = observers ?? AgentObservers(loop.machine, eventLoop: loop.eventLoop)
        self.observers = observers
        loop.observer = observers
        observers.add(stream) { [weak self] in
            self?.observers = nil
            self?.loop.observer = nil
        }
    }

    func snapshot(sockets: Bool, wallClock: Double) -> AgentSnapshot {
        loop.snapshot(
            wallClock: wallClock, socketsFor: sockets ? Set(loop.machine.hosts.indices) : [],
            process: ProcessSnapshot.ofThisThread)
    }
}
