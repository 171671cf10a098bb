import AgentCore
package import DNSWire
import NIOCore
import NIOPosix
import PoolModel

/// Hears of messages sent, of lookups that ended and of changed files, as the machine's facts.
protocol NameServiceClient: AnyObject {
    func send(_ event: AgentEvent)
}

/// Asks DNS servers for the machine, says when a message goes out and when a lookup ends, and notices when the system's
/// resolver files have changed.
package final class NameService {
    package struct Configuration: Sendable {
        /// Where the configuration is read from; nil: it never changes.
        package let files: ResolverFiles?
        package let resolver: ResolverConfiguration
        /// The state of the files that were read.
        fileprivate let stamp: ResolverFiles.Stamp?

        package init(resolver: ResolverConfiguration) {
            self.resolver = resolver
            files = nil
            stamp = nil
        }

        /// Reads the files, and again whenever they have changed.
        package init(files: ResolverFiles) {
            self.files = files
            // In this order a change in between is noticed later, and not missed.
            stamp = files.stamp()
            resolver = files.read()
        }
    }

    weak var client: (any NameServiceClient)?
    private let eventLoop: any EventLoop
    private let resolver: StubResolver
    private let clock = LoopClock()
    private let files: ResolverFiles?
    private var stamp: ResolverFiles.Stamp?
    /// Nobody has asked for a name yet where it is `never`.
    private var nextLookAt = Moment.never
    private var isReading = false

    /// The files are looked at no more often.
    private static let interval = Nanoseconds.seconds(1)
    /// Larger files (lists of names to block) are read away from the loop.
    private static let mostBytesAtOnce = 65_536

    init(eventLoop: any EventLoop, configuration: Configuration) {
        self.eventLoop = eventLoop
        files = configuration.files
        stamp = configuration.stamp
        resolver = StubResolver(eventLoop: eventLoop, configuration: configuration.resolver)
        resolver.onQuery = { [unowned self] in self.client?.send(.querySent) }
    }

    func resolve(_ name: String, _ id: NameID, for connection: ConnectionID, timeout: Duration?) {
        let startedAt = clock.now
        if nextLookAt == .never { nextLookAt = startedAt }
        resolver.resolve(name, timeout: timeout?.clampedNanoseconds ?? .max) { [weak client, clock] outcome in
            client?.send(.resolved(id, for: connection, outcome, elapsed: clock.now - startedAt))
        }
    }

    /// Whether the resolver's files have changed since they were read; a change is in force then. For whenever something
    /// is asked of the agent: nothing is looked at while it rests, and before it has asked for a name.
    func hasChanged(_ now: Moment) -> Bool {
        guard let files, now >= nextLookAt, !isReading else { return false }
        nextLookAt = now + Self.interval
        let found = files.stamp()
        guard found != stamp else { return false }
        stamp = found
        if found.bytes > Self.mostBytesAtOnce {
            readElsewhere(files)
            return false
        }
        resolver.configuration = files.read()
        return true
    }

    private func readElsewhere(_ files: ResolverFiles) {
        isReading = true
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { files.read() }
            .assumeIsolated().whenComplete { [weak self] result in
                guard let self else { return }
                isReading = false
                switch result {
                case .success(let configuration):
                    resolver.configuration = configuration
                    client?.send(.resolverChanged)
                // The pool has ended, and so does the process.
                case .failure: break
                }
            }
    }

    /// Adds to failures of names what servers are asked for, and the servers.
    func describe(_ snapshot: inout AgentSnapshot) {
        for host in snapshot.hosts.indices {
            guard let name = snapshot.hosts[host].nameFailure?.name else { continue }
            snapshot.hosts[host].nameFailure?.tried = resolver.configuration.namesTried(for: name)
            snapshot.hosts[host].nameFailure?.servers = resolver.configuration.servers.map { "\($0)" }
        }
    }

    func close() {
        nextLookAt = .never
        resolver.close()
    }
}
