import AgentCore
import DNSWire
import HTTP1
import KeepAliveAgent
import NIOCore
import PoolModel

/// Random requests, cancellations, changes and ends of an agent on its loop, against a hostile peer on the same loop. Both
/// move by one seed; only the clock and the kernel are not the seed's.
///
/// Throws at the first thing that must not be: a request that ends twice or never, books that do not balance, an answer
/// that the peer did not give honestly to this request.
final class LoopFuzz: RequestOwner {
    struct Complaint: Error, CustomStringConvertible { let description: String }

    private let eventLoop: any EventLoop
    private let peer: HostilePeer
    private var random: SplitMix64
    private var agent: LoopAgent
    private var hosts: [HostID] = []
    private var books = BookCheck()
    private var complaint: String?
    /// By the request's number; nil once it has ended.
    private var open: [Int: RequestID] = [:]
    private var nextNumber = 0
    private var epochTurns = 0
    private(set) var events = 0
    private(set) var epochs = 0
    private(set) var outcomes = CountsBy<FailureCause>()
    private(set) var reasons = CountsBy<CloseReason>()
    private(set) var succeeded = 0
    private(set) var forged = 0

    private static let turnsPerEpoch = 400

    init?(eventLoop: any EventLoop, seed: UInt64, usesOwnSockets: Bool) {
        guard let peer = HostilePeer() else { return nil }
        self.eventLoop = eventLoop
        self.peer = peer
        self.usesOwnSockets = usesOwnSockets
        random = SplitMix64(seed: seed)
        agent = Self.agent(eventLoop, seed, usesOwnSockets)
        addHosts()
        peer.pushes = seed % 2 == 0
    }

    private let usesOwnSockets: Bool

    /// A peer that stops in the middle of a response is given up soon: else an agent that drains waits half a minute for it.
    private static var impatient: AgentSettings {
        var settings = AgentSettings()
        settings.queueTimeout = .milliseconds(100)
        settings.firstByteTimeout = .milliseconds(100)
        settings.bodySilenceTimeout = .milliseconds(50)
        return settings
    }

    private static func agent(_ eventLoop: any EventLoop, _ seed: UInt64, _ usesOwnSockets: Bool) -> LoopAgent {
        LoopAgent(
            eventLoop: eventLoop, settings: impatient, dns: .init(resolver: ResolverConfiguration()), seed: seed,
            usesOwnSockets: usesOwnSockets)
    }

    private func addHosts() {
        // The last one refuses every connection: nobody listens there.
        hosts = [peer.port, peer.port, 1].enumerated().map { index, port in
            agent.addHost(
                HostDescription(
                    name: "host\(index)", origin: "http://host\(index)", isTLS: false, port: port,
                    location: .addresses([.ip(IPAddress(v4: 0x7F00_0001), port: port)])), tls: nil)
        }
    }

    private func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

    // MARK: Turns

    /// One turn of the loop.
    func turn() throws {
        epochTurns += 1
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            events += 1
            if oneIn(3) { act() } else { peer.move(&random) }
        }
        if oneIn(32) {
            agent.machine.checkInvariants()
            books.check(snapshot())
            if let first = books.complaints.first { throw Complaint(description: first) }
        }
        if let complaint { throw Complaint(description: complaint) }
    }

    /// An epoch is long enough: the agent is to end, and another one takes its place.
    var isEpochOver: Bool { epochTurns >= Self.turnsPerEpoch }

    private func act() {
        switch Int.random(in: 0..<60, using: &random) {
        case ..<40: for _ in 0..<Int.random(in: 1...4, using: &random) { start() }
        case ..<48: if let request = open.randomElement(using: &random)?.value { agent.cancel(request) }
        case ..<51: changeSettings()
        case ..<53:
            agent.send(.keepAliveSet(oneIn(3) ? .off : .on, host: oneIn(2) ? nil : hosts.randomElement(using: &random)))
        case ..<54: agent.send(.idleCloseRequested(host: nil))
        case ..<56: agent.batch { for _ in 0..<3 { start() } }
        default: break
        }
    }

    private func start() {
        guard open.count < 64, let host = hosts.prefix(oneIn(30) ? 3 : 2).randomElement(using: &random) else { return }
        let method = ["GET", "GET", "GET", "HEAD", "POST", "PUT"].randomElement(using: &random) ?? "GET"
        let number = nextNumber
        nextNumber += 1
        let count = method.hasPrefix("P") ? [0, 1, 50, 5000, 200_000].randomElement(using: &random) ?? 0 : 0
        do {
            let bytes = try RequestBytes(
                method: method, target: "/n/\(number)", host: "a",
                body: method.hasPrefix("P") ? .bytes([UInt8](repeating: 0x62, count: count)) : .none)
            let timeout: Nanoseconds? =
                oneIn(3) ? .milliseconds(Int64.random(in: 1...20, using: &random)) : .milliseconds(100)
            let template = RequestTemplate(
                host: host, method: agent.method(method), methodName: method, bytes: bytes, timeout: timeout)
            // It may end before `start` returns.
            open[number] = RequestID(-1)
            let id = agent.start(template, owner: self, token: number, plannedAt: agent.now)
            if open[number] != nil { open[number] = id }
        } catch {
            complaint = "\(error)"
        }
    }

    private func changeSettings() {
        var settings = Self.impatient
        settings.keepAlive = agent.machine.settings.keepAlive
        settings.maxSocketsPerHost = Int.random(in: 1...6, using: &random)
        settings.maxTotalSockets = Int.random(in: 1...9, using: &random)
        settings.maxFreeSocketsPerHost = Int.random(in: 0...6, using: &random)
        settings.minIdlePerHost = oneIn(4) ? 2 : 0
        settings.maxDialsPerHost = Int.random(in: 1...4, using: &random)
        settings.queueLimit = oneIn(4) ? Int.random(in: 0...8, using: &random) : 1000
        settings.idleTimeout = oneIn(2) ? .milliseconds(Int64.random(in: 1...30, using: &random)) : .seconds(60)
        settings.maxLifetime = oneIn(3) ? .milliseconds(Int64.random(in: 5...200, using: &random)) : nil
        settings.maxRequestsPerConnection = oneIn(4) ? Int.random(in: 1...5, using: &random) : nil
        settings.queueTimeout = oneIn(3) ? .milliseconds(5) : .milliseconds(100)
        settings.firstByteTimeout = oneIn(4) ? .milliseconds(10) : .milliseconds(100)
        settings.retries = oneIn(4) ? 0 : 1
        settings.scheduling = oneIn(2) ? .lifo : .fifo
        agent.send(.settingsChanged(settings))
    }

    // MARK: Ends

    func requestEnded(_ token: Int, _ outcome: RequestOutcome) {
        events += 1
        guard open.removeValue(forKey: token) != nil else { return complaint = "request \(token) ended twice" }
        switch outcome {
        case .succeeded(let status): judge(token, status)
        case .failed(let error): outcomes.add(to: error.cause)
        case .cancelled: outcomes.add(to: .cancelled)
        }
    }

    /// A response from a connection without any dishonest byte must be the honest response to exactly this request.
    private func judge(_ number: Int, _ status: Int) {
        succeeded += 1
        if status != HostilePeer.status(of: number) { forged += 1 }
        if !peer.explains(status, of: number) {
            complaint = "request \(number) was given \(status), and no connection of its is to blame"
        }
    }

    // MARK: Epochs

    /// Ends the agent, by letting all finish or by force.
    func endEpoch() {
        if oneIn(2) { agent.shutdown() } else { _ = agent.drain() }
    }

    /// Moves on until the agent has stopped. True: it has.
    func windDown() throws -> Bool {
        peer.isHonest = true
        for _ in 0..<8 { peer.move(&random) }
        if let complaint { throw Complaint(description: complaint) }
        return agent.machine.mode == .stopped
    }

    func nextEpoch() throws {
        guard open.isEmpty else { throw Complaint(description: "\(open.count) requests never ended") }
        let last = snapshot()
        books.check(last)
        guard last.totals.connections.open == 0, books.complaints.isEmpty else {
            throw Complaint(description: "after the end: \(last.totals.connections) \(books.complaints)")
        }
        reasons.merge(last.totals.connections.closedByReason)
        events += last.totals.connections.opened + last.totals.connections.closed
        peer.forget()
        peer.isHonest = false
        peer.pushes = oneIn(2)
        (nextNumber, epochTurns) = (0, 0)
        epochs += 1
        agent = Self.agent(eventLoop, random.next(), usesOwnSockets)
        addHosts()
    }

    func stop() { agent.shutdown() }

    private func snapshot() -> AgentSnapshot {
        agent.snapshot(wallClock: 0, socketsFor: [], process: ProcessSnapshot())
    }
}
