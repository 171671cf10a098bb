import AgentCore
import DNSWire
import Dispatch
import Downstream
import Foundation
import KeepAliveAgent
import NIOCore
import NIOPosix
import NIOSSL
import PoolModel
import TestSupport
import Testing
import Traffic

/// A whole agent on a loop of its own, for tests that run elsewhere.
struct Rig: Sendable {
    private let bench: NIOLoopBound<Bench>
    private let group: MultiThreadedEventLoopGroup

    /// `dnsTimeout`: seconds after which a question is asked again. Long, because a busy machine is slow to answer and
    /// each repetition is one more query.
    init(
        dns: String?, dnsTimeout: Int = 10, files: ResolverFiles? = nil,
        usesOwnSockets: Bool = TestTransport.usesOwnSockets,
        _ change: @escaping @Sendable (inout AgentSettings) -> Void = { _ in },
        bootClock: @escaping @Sendable () -> Moment = { BootClock.now }
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        var resolver = ResolverConfiguration()
        resolver.timeoutSeconds = dnsTimeout
        resolver.servers = dns.flatMap { DNSServerAddress($0) }.map { [$0] } ?? []
        let configuration =
            files.map { NameService.Configuration(files: $0) } ?? NameService.Configuration(resolver: resolver)
        self.group = group
        bench = try await loop.submit {
            var settings = AgentSettings()
            change(&settings)
            let agent = LoopAgent(
                eventLoop: loop, settings: settings, dns: configuration, seed: 1, usesOwnSockets: usesOwnSockets,
                bootClock: bootClock)
            return NIOLoopBound(Bench(agent), eventLoop: loop)
        }.get()
    }

    func on<Value: Sendable>(_ body: @escaping @Sendable (Bench) throws -> Value) async throws -> Value {
        try await bench.eventLoop.submit { [bench] in try body(bench.value) }.get()
    }

    func shutdown() async throws {
        try await on { bench in
            bench.stopWatching()
            for generator in bench.generators { generator.stop() }
            bench.agent.shutdown()
        }
        try await group.shutdownGracefully()
    }

    // MARK: Hosts

    /// One of the fleet's, by its name in the fleet's DNS.
    func add(_ endpoint: DownstreamEndpoint, trusting pem: String? = nil) async throws {
        try await add(
            endpoint.name, .name(endpoint.hostName), port: endpoint.port,
            tls: endpoint.url.hasPrefix("https") ? TestTLS.identity(trusting: pem, endpoint.hostName) : nil)
    }

    func add(
        _ name: String, _ location: HostDescription.Location, port: Int, tls: TLSIdentity? = nil,
        adjustments: [SettingsAdjustment] = []
    ) async throws {
        let scheme = tls == nil ? "http" : "https"
        let description = HostDescription(
            name: name, origin: "\(scheme)://\(name).test:\(port)", isTLS: tls != nil, port: port, location: location,
            adjustments: adjustments)
        try await on { $0.addHost(description, tls: tls) }
    }

    // MARK: Requests

    func send(_ ask: Ask) async throws -> RequestOutcome {
        try await whenEnded { bench, ended in bench.start(try bench.template(ask)) { ended($0) } }
    }

    /// Sends all in one turn of the loop; the labels in the order of the requests.
    func send(_ asks: [Ask]) async throws -> [String] {
        try await bench.eventLoop.flatSubmit { [bench] in
            let promises = asks.map { _ in bench.eventLoop.makePromise(of: String.self) }
            do {
                for (ask, promise) in zip(asks, promises) {
                    bench.value.start(try bench.value.template(ask)) { promise.succeed($0.label) }
                }
            } catch {
                for promise in promises { promise.fail(error) }
            }
            return EventLoopFuture.whenAllSucceed(promises.map(\.futureResult), on: bench.eventLoop)
        }.get()
    }

    @discardableResult
    func get(_ host: String, _ path: String = "/") async throws -> String { try await send(Ask(host, path)).label }

    func expect(_ label: String, from ask: Ask, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await send(ask)
        #expect(outcome.label == label, sourceLocation: sourceLocation)
    }

    // MARK: Traffic

    /// Runs a load to its end.
    func load(
        _ mix: [(Ask, weight: Double)], _ shape: LoadShape, seed: UInt64 = 1, duration: Duration? = nil,
        requests: Int? = nil
    ) async throws {
        try await bench.eventLoop.flatSubmit { [bench] in
            do {
                return try bench.value.generate(mix, shape, seed: seed, duration: duration, requests: requests).done
            } catch {
                return bench.eventLoop.makeFailedFuture(error)
            }
        }.get()
    }

    // MARK: What can be seen and changed

    func snapshot(sockets: Bool = false) async throws -> AgentSnapshot {
        try await on { $0.snapshot(sockets: sockets) }
    }

    func metrics(_ host: String) async throws -> HostMetrics { try await snapshot().host(host) }

    func tell(_ event: AgentEvent) async throws { try await on { $0.agent.send(event) } }

    func every(_ interval: TimeAmount, _ deed: @escaping @Sendable (Bench, Int) -> Void) async throws {
        try await on { $0.every(interval, deed) }
    }

    func set(_ change: @escaping @Sendable (inout AgentSettings) -> Void) async throws {
        try await on { bench in
            var settings = bench.agent.machine.settings
            change(&settings)
            bench.agent.send(.settingsChanged(settings))
        }
    }
}

enum TestTLS {
    static func identity(trusting pem: String?, _ name: String) throws -> TLSIdentity {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .milliseconds(100)
        if let pem {
            configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))]
        }
        return TLSIdentity(try TLSContext(configuration), host: name)
    }
}

/// Runs `body` with downstreams and an agent that knows them all; both are gone afterwards, whatever happens. The books
/// are checked at random moments and at the end.
func withRig(
    _ scenarios: [Scenario], usesOwnSockets: Bool = TestTransport.usesOwnSockets,
    _ change: @escaping @Sendable (inout AgentSettings) -> Void = { _ in },
    _ body: (Rig, DownstreamFleet) async throws -> Void
) async throws {
    let fleet = try await DownstreamFleet.start(scenarios, seed: 1)
    do {
        let rig = try await Rig(dns: fleet.dnsAddress, usesOwnSockets: usesOwnSockets, change)
        do {
            for endpoint in fleet.endpoints { try await rig.add(endpoint, trusting: fleet.certificateAuthorityPEM) }
            try await rig.on { $0.watchBooks() }
            try await body(rig, fleet)
            let books = try await rig.on { bench in
                bench.stopWatching()
                return bench.books
            }
            #expect(books.complaints == [])
        } catch {
            try await rig.shutdown()
            throw error
        }
        try await rig.shutdown()
    } catch {
        try await fleet.shutdown()
        throw error
    }
    try await fleet.shutdown()
}

/// The transport of plain connections in the tests. An environment variable makes all tests use NIO's channels, as on a
/// kernel that does not let the agent watch its own sockets.
enum TestTransport {
    static let usesOwnSockets = ProcessInfo.processInfo.environment["POOLTOP_TEST_TRANSPORT"] != "channels"
}

extension Scenario {
    /// Nothing but the defaults, changed as told.
    static func plain(_ name: String = "plain", _ change: (inout Scenario) -> Void = { _ in }) -> Scenario {
        var scenario = Scenario(name: name)
        change(&scenario)
        return scenario
    }
}

extension Rig {
    /// Sends after `release`, in the turn that signalled `held`.
    func sendAfter(_ ask: Ask, held: DispatchSemaphore, release: DispatchSemaphore) async throws -> String {
        try await whenEnded { bench, ended in
            let template = try bench.template(ask)
            held.signal()
            if release.wait(timeout: .now() + 10) == .timedOut { throw NeverCameTrue(description: "released") }
            bench.start(template) { ended($0.label) }
        }
    }

    /// Does something on the loop that ends later, and returns what it ends with.
    func whenEnded<Value: Sendable>(
        _ body: @escaping @Sendable (Bench, @escaping (Value) -> Void) throws -> Void
    ) async throws -> Value {
        try await bench.eventLoop.flatSubmit { [bench] in
            let promise = bench.eventLoop.makePromise(of: Value.self)
            do {
                try body(bench.value) { promise.succeed($0) }
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }.get()
    }
}
