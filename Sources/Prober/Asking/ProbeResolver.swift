package import DNSWire
import KeepAliveAgent
package import NIOCore
import PoolModel

/// The DNS lookups of a probe. Nothing is cached.
package struct ProbeResolver: Sendable {
    private let resolver: NIOLoopBound<StubResolver>
    /// The time limit of one lookup; nil for the resolver's own.
    private let limit: Duration?
    private let ndots: Int

    package init(_ configuration: ResolverConfiguration, limit: Duration?, on loop: any EventLoop) async throws {
        resolver = try await loop.submit {
            NIOLoopBound(StubResolver(eventLoop: loop, configuration: configuration), eventLoop: loop)
        }.get()
        self.limit = limit
        ndots = configuration.ndots
    }

    /// nil if the task was cancelled.
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

    /// Looks up a name that does not exist, chosen at random so that no resolver has cached it. It is in the same zone
    /// as `name`.
    func lookUpMissingName(beside name: String) async -> ProbeObservations.Lookup? {
        let label = "pooltop-\(String(UInt32.random(in: .min ... .max), radix: 16))"
        // A name with this many dots was resolved as is; another one may have been completed from the search list.
        let isWhole = !name.hasSuffix(".") && name.count { $0 == "." } >= ndots
        return await lookUp("\(label).\(name)\(isWhole ? "." : "")")
    }

    package func close() async throws {
        try await resolver.eventLoop.submit { [resolver] in resolver.value.close() }.get()
    }
}
