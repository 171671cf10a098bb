import FoundationEssentials
import Glibc
import PoolModel
import Recordings
import Reporting
import SessionConfig
import Watch
import WatchCore

/// A source of snapshots of other processes.
protocol WatchedSource: SnapshotSource {
    /// Changes the processes that figures are about; nothing is lost of the others.
    func choose(_ scope: WatchScope)
    /// Adds names of addresses; port 0 means every port.
    func learn(names: [Endpoint: String])
    /// Tells of addresses that left the DNS answers for their names.
    func forget(addresses: [Endpoint])
    /// Shows hosts by their names, or each address as one of its own.
    func show(names: Bool)
}

extension WatchSession: WatchedSource {}

/// Processes that are being watched.
struct Watched: Observed {
    let plan: WatchPlan
    let selection: ProcessSelection
    let source: any WatchedSource
    let startedAt = Date().timeIntervalSince1970
    var command: String { "watch" }
    var recording: String? { plan.recording }
    var metrics: MetricsAddress? { plan.metrics }

    var snapshots: any SnapshotSource { source }
    var run: RunDescription { RunDescription(plan, watching: selection.description) }

    /// Finds the processes and begins to watch them. `tell` gets what is wrong with names.
    static func begin(_ plan: WatchPlan, tell: @escaping @Sendable (String) -> Void) async throws -> Watched {
        do {
            let selection = try ProcessSelection(
                plan.processes, among: try WatchSession.processes(), own: Int(getpid()), userName: ownUserName)
            var settings = WatchSettings()
            settings.scope = selection.scope
            settings.includesChildren = plan.includesChildren
            settings.port = plan.port
            settings.host = plan.host
            let session = try WatchSession.make(
                settings, names: HostNames.read(), useTrace: plan.usesTracefs, namespaceOf: plan.namespace)
            let source = try await NamedSource.begin(session, plan, tell: tell)
            return Watched(plan: plan, selection: selection, source: NumberedSource(source))
        } catch let error as WatchError {
            throw CommandLineError(.cannotRun, error.description)
        }
    }

    private static var ownUserName: String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "\(geteuid())" }
        return String(cString: name)
    }
}

/// A source whose addresses have names.
struct NamedSource: WatchedSource {
    private let source: any WatchedSource
    private let names: WatchNames?
    private let reverse: ReverseNames?

    static func begin(
        _ source: any WatchedSource, _ plan: WatchPlan, tell: @escaping @Sendable (String) -> Void
    ) async throws -> any WatchedSource {
        let asked = plan.names + hostName(plan)
        guard !asked.isEmpty || plan.reverseDNS else { return source }
        do {
            var names: WatchNames?
            if !asked.isEmpty {
                let made = try await WatchNames(
                    learn: { source.learn(names: $0) }, forget: { source.forget(addresses: $0) }, tell: tell)
                await made.begin(asked)
                names = made
            }
            let reverse = plan.reverseDNS ? ReverseNames { source.learn(names: $0) } : nil
            return NamedSource(source: source, names: names, reverse: reverse)
        } catch {
            try await source.shutdown()
            throw error
        }
    }

    /// A host that only its name tells has to be looked up, or no connection would be found to be to it.
    private static func hostName(_ plan: WatchPlan) -> [WatchedName] {
        guard let host = plan.host, WatchText.isName(host) else { return [] }
        return [WatchedName(name: host, port: plan.port ?? 0)]
    }

    func snapshot(socketsFor: Set<Int>) async throws -> AgentSnapshot {
        let snapshot = try await source.snapshot(socketsFor: socketsFor)
        reverse?.see(snapshot)
        return snapshot
    }

    func choose(_ scope: WatchScope) { source.choose(scope) }
    func learn(names: [Endpoint: String]) { source.learn(names: names) }
    func forget(addresses: [Endpoint]) { source.forget(addresses: addresses) }
    func show(names: Bool) { source.show(names: names) }

    func shutdown() async throws {
        reverse?.shutdown()
        try await names?.shutdown()
        try await source.shutdown()
    }
}
