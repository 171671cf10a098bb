import PoolModel
import Testing

@testable import Attach

/// The agents of several processes and threads as one service.
@Suite struct ServiceMergeTests {
    private static func snapshot(_ hosts: [(name: String, opened: Int, open: Int)], keepAlive: Bool = true) -> AgentSnapshot {
        var snapshot = AgentSnapshot.empty(wallClock: 1000)
        snapshot.keepAlive = keepAlive
        snapshot.uptimeSeconds = 10
        snapshot.hosts = hosts.enumerated().map { id, host in
            var made = HostSnapshot(
                id: id, name: host.name, origin: "http://\(host.name)", isTLS: false, keepAlive: keepAlive,
                keepAliveIsOwn: false, maxSockets: 4, maxFreeSockets: 4, idleLimitOrigin: .none, metrics: HostMetrics(),
                addresses: [])
            made.metrics.connections.opened = host.opened
            made.metrics.connections.idle = host.open
            made.metrics.connections.closed = host.opened - host.open
            made.metrics.requests.started = host.opened
            made.metrics.requests.succeeded = host.opened
            return made
        }
        snapshot.process.cpuSeconds = 2
        snapshot.source = SourceSnapshot(kind: .attach, name: "node app.js")
        return snapshot
    }

    private static let first = ServiceMerge.Member(pid: 10)
    private static let second = ServiceMerge.Member(pid: 11)
    private static let thread = ServiceMerge.Member(pid: 10, thread: 1)

    @Test("Hosts belong together by their names, whatever their numbers")
    func names() throws {
        var merge = ServiceMerge()
        merge.take(Self.snapshot([("a", 5, 1), ("b", 7, 2)]), of: Self.first, named: "node app.js")
        merge.take(Self.snapshot([("b", 1, 0), ("c", 2, 2)]), of: Self.second, named: "node worker.js")
        let whole = merge.snapshot()
        let sum = try #require(whole)
        #expect(sum.hosts.map(\.name) == ["a", "b", "c"])
        #expect(sum.hosts.map(\.metrics.connections.opened) == [5, 8, 2])
        #expect(sum.hosts.map(\.maxSockets) == [4, 8, 4])
        #expect(sum.process.cpuSeconds == 4)
        #expect(sum.source?.processes?.map(\.pid) == [10, 11])
        #expect(sum.source?.processes?.map(\.opened) == [12, 3])
        #expect(merge.numbers(of: [1], in: Self.second) == [0] && merge.numbers(of: [0], in: Self.second).isEmpty)
        #expect(merge.snapshot(of: 11)?.hosts.map(\.name) == ["b", "c"])
    }

    @Test("Threads share the CPU time of their process and count for themselves")
    func threads() throws {
        var merge = ServiceMerge()
        merge.take(Self.snapshot([("a", 5, 1)]), of: Self.first, named: "node app.js")
        merge.take(Self.snapshot([("a", 6, 1)]), of: Self.thread, named: "node app.js")
        let whole = merge.snapshot()
        let sum = try #require(whole)
        #expect(sum.totals.connections.opened == 11 && sum.process.cpuSeconds == 2)
        #expect(sum.source?.processes?.count == 1 && sum.source?.processes?.first?.opened == 11)
    }

    @Test("What an ended process counted stays, and nothing of it is open")
    func ended() throws {
        var merge = ServiceMerge()
        merge.take(Self.snapshot([("a", 5, 3)]), of: Self.first, named: "node app.js")
        merge.take(Self.snapshot([("a", 6, 1)]), of: Self.second, named: "node app.js")
        _ = merge.snapshot()
        merge.end(Self.second)
        let whole = merge.snapshot()
        let sum = try #require(whole)
        #expect(sum.totals.connections.opened == 11 && sum.totals.connections.open == 3)
        #expect(sum.totals.connections.closed == 8)
        #expect(sum.source?.processes?.map(\.hasEnded) == [false, true])
        // A process of the same number is another one.
        merge.take(Self.snapshot([("a", 2, 2)]), of: Self.second, named: "node app.js")
        #expect(merge.snapshot()?.totals.connections.opened == 13)
    }

    @Test("An agent that has asked nobody does not say whether keep-alive is on")
    func unused() {
        var merge = ServiceMerge()
        merge.take(Self.snapshot([], keepAlive: true), of: Self.first, named: "node app.js")
        #expect(merge.snapshot()?.keepAlive == true)
        merge.take(Self.snapshot([("a", 1, 0)], keepAlive: false), of: Self.second, named: "node app.js")
        #expect(merge.snapshot()?.keepAlive == false)
    }
}
