import PoolModel
import Testing

@testable import pooltop

/// The places of hosts in the snapshots of a watch.
@Suite struct HostNumbersTests {
    private func snapshot(_ ids: Int..., pid: Int? = nil) -> AgentSnapshot {
        var snapshot = FakeWatch.snapshot(1)
        let host = snapshot.hosts[0]
        snapshot.hosts = ids.map { id in
            var host = host
            (host.id, host.name) = (id, "host \(id)")
            return host
        }
        snapshot.source?.pid = pid
        snapshot.events = ids.map { AgentNotice(level: .info, uptimeSeconds: 1, hostID: $0, text: "\($0)") }
        return snapshot
    }

    @Test("Each host keeps its place, also where an older one comes later")
    func places() {
        var numbers = HostNumbers()
        #expect(numbers.take(snapshot(4, 7)).hosts.map(\.name) == ["host 4", "host 7"])
        let later = numbers.take(snapshot(2, 4, 7))
        #expect(later.hosts.map(\.name) == ["host 4", "host 7", "host 2"])
        #expect(later.hosts.map(\.id) == [0, 1, 2])
        #expect(later.events.map(\.hostID) == [2, 0, 1])
        #expect(numbers.numbers(at: [0, 2, 9]) == [4, 2])
    }

    @Test("Another process, and hosts that became one, begin anew")
    func anew() {
        var numbers = HostNumbers()
        _ = numbers.take(snapshot(4, 7))
        #expect(numbers.take(snapshot(7, 9, pid: 1)).hosts.map(\.name) == ["host 7", "host 9"])
        #expect(numbers.take(snapshot(9, pid: 1)).hosts.map(\.name) == ["host 9"])
        #expect(numbers.numbers(at: [0, 1]) == [9])
    }
}
