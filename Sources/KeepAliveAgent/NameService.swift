import AgentCore
package import DNSWire
import NIOCore

/// Asks DNS servers for the machine, and says when a message goes out and when a lookup ends.
package final class NameService {
    package struct Configuration: Sendable {
        package var resolver: ResolverConfiguration
        package init(resolver: ResolverConfiguration) { self.resolver = resolver }
    }

    weak var agent: LoopAgent?
    private let resolver: StubResolver
    private let clock = LoopClock()

    init(eventLoop: any EventLoop, configuration: Configuration) {
        resolver = StubResolver(eventLoop: eventLoop, configuration: configuration.resolver)
        resolver.onQuery = { [unowned self] in self.agent?.send(.querySent) }
    }

    func resolve(_ name: String, _ id: NameID, for connection: ConnectionID, timeout: Duration?) {
        let startedAt = clock.now
        resolver.resolve(name, timeout: timeout?.clampedNanoseconds ?? .max) { [weak agent, clock] outcome in
            agent?.send(.resolved(id, for: connection, outcome, elapsed: clock.now - startedAt))
        }
    }

    func close() { resolver.close() }
}
