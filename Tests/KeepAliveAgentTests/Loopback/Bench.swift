import AgentCore
import DNSWire
import HTTP1
import KeepAliveAgent
import NIOCore
import PoolModel
import Traffic

/// An agent on its loop and what tests do with it there. Confined to the loop.
final class Bench: RequestOwner {
    let agent: LoopAgent
    private(set) var hosts: [String: HostID] = [:]
    private(set) var generators: [Generator] = []
    private(set) var books = BookCheck()
    private var waiting: [Int: (RequestOutcome) -> Void] = [:]
    private var nextToken = 0
    private var random = SplitMix64(seed: 1)
    private var isWatching = false
    /// The most connections of all hosts, dials included, since `trackPeak`; seen whenever a snapshot is taken.
    var peakOpen = 0

    init(_ agent: LoopAgent) { self.agent = agent }

    // MARK: Hosts and requests

    func addHost(_ description: HostDescription, tls: TLSIdentity?) {
        hosts[description.name] = agent.addHost(description, tls: tls)
    }

    func host(_ name: String) -> HostID {
        guard let id = hosts[name] else { preconditionFailure("no host is called \(name)") }
        return id
    }

    func template(_ request: Ask) throws -> RequestTemplate {
        let host = host(request.host)
        let authority = agent.machine.hosts[host.index].description.origin.split(separator: "/").last ?? "a"
        let bytes = try RequestBytes(
            method: request.method, target: request.path, host: String(authority),
            fields: request.fields.map { (name: $0.key, value: $0.value) },
            body: request.body.map { .bytes($0) } ?? .none)
        return RequestTemplate(
            host: host, method: agent.method(request.method), methodName: request.method, bytes: bytes,
            timeout: request.timeout?.clampedNanoseconds)
    }

    @discardableResult
    func start(_ template: RequestTemplate, _ whenEnded: @escaping (RequestOutcome) -> Void) -> RequestID {
        nextToken += 1
        waiting[nextToken] = whenEnded
        return agent.start(template, owner: self, token: nextToken, plannedAt: agent.now)
    }

    func requestEnded(_ token: Int, _ outcome: RequestOutcome) {
        guard let whenEnded = waiting.removeValue(forKey: token) else {
            preconditionFailure("a request ended twice")
        }
        whenEnded(outcome)
    }

    // MARK: Traffic

    func generate(
        _ mix: [(Ask, weight: Double)], _ shape: LoadShape, seed: UInt64, duration: Duration?, requests: Int?
    ) throws -> Generator {
        let targets = try mix.map { ask, weight in
            TrafficTarget(
                name: ask.host, url: ask.path, methodName: ask.method, weight: weight, template: try template(ask))
        }
        let generator = Generator(agent: agent, targets: targets, shape: shape, seed: seed)
        generators.append(generator)
        generator.start(duration: duration, requests: requests)
        return generator
    }

    // MARK: Books

    func snapshot(sockets: Bool = false) -> AgentSnapshot {
        peakOpen = max(peakOpen, agent.machine.connections.liveCount)
        return agent.snapshot(
            wallClock: 0, socketsFor: sockets ? Set(hosts.values.map(\.index)) : [], process: ProcessSnapshot())
    }

    /// Checks the books at random moments from now on.
    func watchBooks(upTo milliseconds: Double = 15) {
        isWatching = true
        checkBooksAgain(milliseconds)
    }

    func stopWatching() { isWatching = false }

    private func checkBooksAgain(_ milliseconds: Double) {
        guard isWatching else { return }
        books.check(snapshot())
        let delay = TimeAmount.nanoseconds(.seconds(random.unit() * milliseconds / 1000))
        _ = agent.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            self?.checkBooksAgain(milliseconds)
        }
    }
}

/// A request as tests write it.
struct Ask: Sendable {
    var host: String
    var path: String
    var method = "GET"
    var fields: [String: String] = [:]
    var body: [UInt8]?
    var timeout: Duration?

    init(_ host: String, _ path: String = "/") {
        self.host = host
        self.path = path
    }

    static func post(_ host: String, _ path: String = "/", bytes: Int = 1) -> Ask {
        var ask = Ask(host, path)
        ask.method = "POST"
        ask.body = [UInt8](repeating: 0x78, count: bytes)
        return ask
    }

    func `in`(_ timeout: Duration) -> Ask {
        var ask = self
        ask.timeout = timeout
        return ask
    }
}

extension RequestOutcome {
    /// The status, the label of the failure, or `cancelled`.
    var label: String {
        switch self {
        case .succeeded(let status): "\(status)"
        case .failed(let error): error.cause.rawValue
        case .cancelled: "cancelled"
        }
    }
}

extension Bench {
    /// Watches how many connections there are from now on.
    func trackPeak() { peakOpen = 0 }

    /// Does something again and again until the rig is shut down.
    func every(_ interval: TimeAmount, tick: Int = 1, _ deed: @escaping (Bench, Int) -> Void) {
        _ = agent.eventLoop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
            guard let self, agent.machine.mode == .serving else { return }
            deed(self, tick)
            every(interval, tick: tick + 1, deed)
        }
    }
}
