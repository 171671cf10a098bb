import DNSWire
import PlainDocuments
import PoolModel
import Reporting
import SessionConfig
import Watch
import WatchCore

/// Adds to published metrics the figures that they lack and the kernel knows: opened connections, closings, CPU.
actor KernelSupplement {
    private static let mostNames = 256

    private let session: WatchSession
    private var names: WatchNames?
    private var known: Set<WatchedName> = []

    init(pid: Int) throws(CommandLineError) {
        var settings = WatchSettings()
        settings.scope = .processes([pid])
        do throws(WatchError) {
            guard try ProcessLook(pid).facts != nil else { throw WatchError("--pid: no process \(pid)") }
            session = try WatchSession.make(settings, names: HostNames.read())
        } catch {
            throw CommandLineError(.cannotRun, error.description)
        }
    }

    /// The snapshot with the kernel's figures where it has none of its own, host by host.
    func completed(_ snapshot: AgentSnapshot) async -> AgentSnapshot {
        await learnNames(of: snapshot.hosts)
        let seen: AgentSnapshot
        do { seen = try await session.snapshot() } catch { return snapshot }
        var snapshot = snapshot
        for index in snapshot.hosts.indices {
            let name = snapshot.hosts[index].name
            guard let host = seen.hosts.first(where: { $0.name == name }) else { continue }
            snapshot.hosts[index].complete(with: host)
        }
        if snapshot.certainty[.cpu] == .unknown {
            snapshot.process = seen.process
            for index in snapshot.hosts.indices { snapshot.hosts[index].certainty[.cpu] = .exact }
        }
        snapshot.source?.notes += seen.source?.notes ?? []
        return snapshot
    }

    /// nil: it is no name with a port.
    private static func watchedName(_ text: String) -> WatchedName? {
        do throws(TextProblem) { return try WatchText.name(text) } catch { return nil }
    }

    private func learnNames(of hosts: [HostSnapshot]) async {
        let new = hosts.compactMap { Self.watchedName($0.name) }.filter { !known.contains($0) }
            .prefix(Self.mostNames - known.count)
        guard !new.isEmpty else { return }
        known.formUnion(new)
        if names == nil {
            let session = session
            do {
                names = try await WatchNames(
                    learn: { session.learn(names: $0) }, forget: { session.forget(addresses: $0) }, tell: { _ in })
            } catch {
                // Without names no host of the kernel is one of the metrics, which then have their own figures only.
                return
            }
        }
        await names?.begin(Array(new))
    }

    func shutdown() async {
        do { try await names?.shutdown() } catch {
            // Its loop has ended before.
        }
        await session.shutdown()
    }
}

extension HostSnapshot {
    fileprivate mutating func complete(with seen: HostSnapshot) {
        kernel = seen.kernel
        if addresses.isEmpty { addresses = seen.addresses }
        if certainty[.connections] == .unknown {
            metrics.connections.opened = seen.metrics.connections.opened
            metrics.connections.closed = seen.metrics.connections.closed
            certainty[.connections] = seen.certainty[.connections]
        }
        if certainty[.closeReasons] == .unknown {
            metrics.connections.closedByReason = seen.metrics.connections.closedByReason
            certainty[.closeReasons] = seen.certainty[.closeReasons]
        }
        if certainty[.activity] == .unknown {
            metrics.connections.active = seen.metrics.connections.active
            metrics.connections.idle = seen.metrics.connections.idle
            certainty[.activity] = seen.certainty[.activity]
        }
    }
}
