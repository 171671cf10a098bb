import AgentCore
import Attach
import FoundationEssentials
import PlainDocuments
import PoolModel
import Recordings
import Reporting
import SessionConfig
import Sessions

/// The client that a comparison measures: it makes the load of one session and says what that did.
///
/// The runner knows nothing else of it, so that another HTTP client can take the same windows as our own agent.
protocol CompareClient: SnapshotSource {
    var startedAt: Date { get }
    /// The version of a client that is not part of this program: `v20.19.2`.
    var version: String? { get }
    /// Starts the load.
    func begin() async throws
    /// Changes a setting while the load runs.
    func apply(_ change: ScopedChange)
    /// Plans no further request.
    func stopTraffic()
    /// Opens the files that the plan asks for.
    func files(interval: Duration, onFailure: @escaping @Sendable (CommandLineError) -> Void) throws -> SessionFiles
}

extension Session: CompareClient {
    var version: String? { nil }

    func apply(_ scoped: ScopedChange) { apply(scoped.change, host: scoped.host.flatMap { host(named: $0) }) }

    func files(
        interval: Duration, onFailure: @escaping @Sendable (CommandLineError) -> Void
    ) throws -> SessionFiles {
        try SessionFiles(self, command: "compare", interval: interval, onFailure: onFailure)
    }
}

extension NodeSession: CompareClient {
    func snapshot(socketsFor: Set<Int>) async throws -> AgentSnapshot { try await snapshot() }

    func apply(_ scoped: ScopedChange) {
        // If the line cannot be written, Node has ended, and the next snapshot says how.
        do { try apply(scoped.change) } catch {}
    }

    func stopTraffic() {
        // A Node that has ended plans nothing.
        do { try stop() } catch {}
    }

    /// None: the options refuse files for this client.
    func files(
        interval: Duration, onFailure: @escaping @Sendable (CommandLineError) -> Void
    ) throws -> SessionFiles {
        let header = RecordingHeader(plan: plan, command: "compare", startedAt: startedAt.timeIntervalSince1970)
        return try SessionFiles(FilesPlan(), header: header, interval: interval, onFailure: onFailure)
    }
}

/// A process that is attached to, under its own traffic.
struct AttachedClient: CompareClient {
    let attached: Attached
    let startedAt = Date()

    var version: String? { attached.service.hello.runtime }

    func begin() {}
    func stopTraffic() {}

    func snapshot(socketsFor: Set<Int>) async throws -> AgentSnapshot {
        try await attached.service.snapshot(socketsFor: socketsFor)
    }

    func shutdown() async throws { try await attached.service.shutdown() }

    func apply(_ scoped: ScopedChange) {
        Task {
            do { try await attached.apply(scoped) } catch {
                // The agent was asked for its settings at the beginning; if it has ended since, the next snapshot says so.
            }
        }
    }

    func files(
        interval: Duration, onFailure: @escaping @Sendable (CommandLineError) -> Void
    ) throws -> SessionFiles { try attached.files(interval: interval, onFailure: onFailure) }
}
