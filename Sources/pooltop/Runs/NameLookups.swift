import DNSWire
import KeepAliveAgent
import NIOCore
import NIOPosix
import PoolModel
import SessionConfig

/// Looks names up with the program's own resolver, which says how long an answer holds. The hosts file comes first.
struct NameLookups: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let resolver: NIOLoopBound<StubResolver>

    /// Longer than a resolver takes that has to try a second server.
    private static let limit = Duration.seconds(10)

    init() async throws {
        let configuration = ResolverFiles().read()
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        resolver = try await loop.submit {
            NIOLoopBound(StubResolver(eventLoop: loop, configuration: configuration), eventLoop: loop)
        }.get()
    }

    func outcome(of name: String) async throws -> ResolutionOutcome {
        try await resolver.eventLoop.flatSubmit { [resolver] in
            let promise = resolver.eventLoop.makePromise(of: ResolutionOutcome.self)
            resolver.value.resolve(name, timeout: Self.limit.clampedNanoseconds) { promise.succeed($0) }
            return promise.futureResult
        }.get()
    }

    /// Lookups that are under way fail.
    func shutdown() async throws {
        try await resolver.eventLoop.submit { [resolver] in resolver.value.close() }.get()
        try await group.shutdownGracefully()
    }
}
