import AgentCore
import DNSWire
import KeepAliveAgent
import NIOCore

/// Lookups of a probe: each is asked anew, nothing is kept.
struct ProbeNames: Sendable {
    private let resolver: NIOLoopBound<StubResolver>
    /// Of one lookup; nil: the resolver's own.
    private let limit: Duration?

    init(_ configuration: ResolverConfiguration, limit: Duration?, on loop: any EventLoop) async throws {
        resolver = try await loop.submit {
            NIOLoopBound(StubResolver(eventLoop: loop, configuration: configuration), eventLoop: loop)
        }.get()
        self.limit = limit
    }

    /// nil: the task was cancelled.
    func lookUp(_ name: String) async -> ProbeObservations.Lookup? {
        let future = resolver.eventLoop.flatSubmit { [resolver, limit] in
            let startedAt = NIODeadline.now()
            let promise = resolver.eventLoop.makePromise(of: ProbeObservations.Lookup.self)
            resolver.value.resolve(name, timeout: limit?.clampedNanoseconds ?? .max) { outcome in
                let seconds = Double((NIODeadline.now() - startedAt).nanoseconds) / 1e9
                promise.succeed(ProbeObservations.Lookup(outcome: outcome, seconds: seconds))
            }
            return promise.futureResult
        }
        return await future.resultUnlessCancelled()?.value
    }

    func close() async throws {
        try await resolver.eventLoop.submit { [resolver] in resolver.value.close() }.get()
    }
}
