import Foundation
import NIOConcurrencyHelpers
import PoolModel
import SessionConfig
import Watch
import WatchCore

@testable import pooltop

/// A kernel that says what a test wants: a Node service without keep-alive, 200 connections a second to one host, one
/// request on each.
final class FakeWatch: WatchedSource {
    struct State {
        var snapshots = 0
        var chosen: [WatchScope] = []
        var names: [Endpoint: String] = [:]
        var isShutDown = false
        var showsNames = true
    }

    let state = NIOLockedValueBox(State())
    /// The snapshot with this number fails.
    let failsAt: Int?
    private let startedAt = ContinuousClock.now

    var isShutDown: Bool { state.withLockedValue { $0.isShutDown } }

    init(failsAt: Int? = nil) { self.failsAt = failsAt }

    static let startedAt = 1_795_350_053.125
    static let perSecond = 200.0

    /// The state after so many seconds.
    static func snapshot(_ uptime: Double, sequence: Int = 0) -> AgentSnapshot {
        let opened = Int(uptime * perSecond)
        var metrics = HostMetrics()
        metrics.connections.opened = opened
        metrics.connections.closed = opened
        metrics.connections.closedByReason.add(opened, to: .peerClosedIdle)
        metrics.requests.started = opened
        metrics.requests.succeeded = opened
        let unknown: [FigureGroup] = [
            .errors, .reuse, .queue, .dials, .statuses, .latency, .dns, .tls, .resumption, .limits, .cpu,
        ]
        var certainty = Certainties(Dictionary(uniqueKeysWithValues: unknown.map { ($0, .unknown) }))
        for group in [FigureGroup.requests, .activity, .closer, .closeReasons] { certainty[group] = .estimate }
        let address = AddressSnapshot(
            address: "127.0.0.1:8080", connectionsOpened: opened, open: 0, exchanges: opened, isInDNS: true,
            isSuspect: false)
        let host = HostSnapshot(
            id: 0, name: "127.0.0.1:8080", origin: "http://127.0.0.1:8080", isTLS: false, keepAlive: true,
            keepAliveIsOwn: false, maxSockets: .max, maxFreeSockets: .max, idleLimitOrigin: .none, metrics: metrics,
            certainty: certainty, addresses: [address], kernel: KernelFigures(timeWait: 7, deaths: 3))
        var node = ProcessRow(pid: 4711, command: "node app.js", user: "ann", hosts: 1)
        (node.opened, node.closed, node.closedByPeer, node.requests) = (opened, opened, opened, opened)
        let source = SourceSnapshot(
            kind: .watch, name: "node app.js", pid: 4711, notes: [SourceNote(.sharesEstimated)],
            kernel: KernelCount(opened: opened, seen: opened, agrees: true), processes: [node])
        return AgentSnapshot(
            sequence: sequence, takenAt: startedAt + uptime, uptimeSeconds: uptime, keepAlive: true,
            dnsCacheEnabled: false, draining: false, maxTotalSockets: .max, hosts: [host], dns: DNSCounts(),
            dnsRecords: [], process: ProcessSnapshot(), events: [], ignoredEvents: 0, source: source)
    }

    func snapshot(socketsFor: Set<Int>) async throws -> AgentSnapshot {
        let number = state.withLockedValue { state in
            state.snapshots += 1
            return state.snapshots
        }
        if number == failsAt { throw WatchError("the namespace has vanished") }
        return Self.snapshot(1 + (ContinuousClock.now - startedAt) / .seconds(1), sequence: number)
    }

    func choose(_ scope: WatchScope) { state.withLockedValue { $0.chosen.append(scope) } }
    func learn(names: [Endpoint: String]) { state.withLockedValue { $0.names.merge(names) { $1 } } }
    func forget(addresses: [Endpoint]) {}
    func show(names: Bool) { state.withLockedValue { $0.showsNames = names } }
    func shutdown() async { state.withLockedValue { $0.isShutDown = true } }

    func watched(_ plan: WatchPlan) throws -> Watched {
        let node = ProcessFacts(pid: 4711, command: "node app.js", name: "node", userName: "ann")
        let selection = try ProcessSelection([.pid(4711)], among: [node], own: 1, userName: "ann")
        return Watched(plan: plan, selection: selection, source: self)
    }
}
