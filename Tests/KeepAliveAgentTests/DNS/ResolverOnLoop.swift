import DNSWire
import KeepAliveAgent
import NIOCore
import NIOPosix

/// A `StubResolver` on its loop, for tests that run elsewhere.
struct ResolverOnLoop: Sendable {
    private let bound: NIOLoopBound<StubResolver>
    private let queries: NIOLoopBoundBox<Int>

    init(_ loop: any EventLoop, _ configuration: ResolverConfiguration) async throws {
        (bound, queries) = try await loop.submit {
            let resolver = StubResolver(eventLoop: loop, configuration: configuration)
            let queries = NIOLoopBoundBox(0, eventLoop: loop)
            resolver.onQuery = { queries.value += 1 }
            return (NIOLoopBound(resolver, eventLoop: loop), queries)
        }.get()
    }

    func resolve(_ name: String, milliseconds: Int64 = 60_000) async -> ResolutionOutcome {
        await withCheckedContinuation { continuation in
            bound.eventLoop.execute {
                bound.value.resolve(name, timeout: milliseconds * 1_000_000) { continuation.resume(returning: $0) }
            }
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (StubResolver) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            bound.eventLoop.execute { continuation.resume(returning: body(bound.value)) }
        }
    }

    var queriesSent: Int {
        get async { await read { _ in queries.value } }
    }

    func close() async { await read { $0.close() } }
}

/// Runs a test with a loop, any number of scripted servers and a resolver that asks them in order.
func withResolver(
    _ scripts: [ScriptedDNSServer.Script],
    configure: @Sendable (inout ResolverConfiguration) -> Void = { _ in },
    _ body: @Sendable (ResolverOnLoop, [ScriptedDNSServer]) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    var servers: [ScriptedDNSServer] = []
    for script in scripts { servers.append(try await ScriptedDNSServer.start(on: group, script)) }
    var configuration = ResolverConfiguration()
    configuration.servers = servers.map(\.server)
    configuration.queriesIPv6 = false
    configure(&configuration)
    let resolver = try await ResolverOnLoop(group.next(), configuration)
    try await body(resolver, servers)
    await resolver.close()
    for server in servers { try await server.stop() }
}

/// A response with these A records.
func answer(_ asked: ScriptedDNSServer.Asked, _ addresses: UInt32..., ttlSeconds: UInt32 = 60) -> Message {
    var response = asked.message.response()
    response.recursionAvailable = true
    guard let question = response.questions.first, question.type == .a else { return response }
    response.answers = addresses.map { .address(question.name, IPAddress(v4: $0), ttlSeconds: ttlSeconds) }
    return response
}

func one(_ address: UInt32, ttlSeconds: UInt32 = 60) -> ResolutionOutcome {
    .addresses([IPAddress(v4: address)], ttlSeconds: ttlSeconds, source: .dns)
}
