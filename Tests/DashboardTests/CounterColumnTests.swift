import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("Counters as columns of the table")
struct CounterColumnTests {
    /// Two snapshots two seconds apart, in which every counter has a value of its own and has grown by a number of its own.
    private static func state() -> DashboardState {
        var state = DashboardState()
        for time in [0, 2] {
            var snapshot = Told.at90.story.snapshot(socketsOf: nil)
            snapshot.uptimeSeconds = Double(time)
            snapshot.sequence = time
            for host in snapshot.hosts.indices {
                for (index, counter) in HostMetrics.counters.enumerated() {
                    snapshot.hosts[host].metrics[keyPath: counter.keyPath] = 1000 + index * (1 + time)
                }
            }
            state.take(snapshot, utcOffsetSeconds: 0, windowSeconds: 60)
        }
        return state
    }

    @Test("Every counter of the table can be a column: what is present, or a rate of what was gained")
    func everyCounter() throws {
        let state = Self.state()
        let host = try #require(state.snapshot?.hosts.first)
        let count = Double(state.snapshot?.hosts.count ?? 0)
        for (index, counter) in HostMetrics.counters.enumerated() where host.certainty[counter.group] == .exact {
            let expected = counter.kind == .total ? Double(index) : Double(1000 + index * 3)
            #expect(state.figure(counter, of: host).value == expected, "\(counter.name)")
            guard state.snapshot?.certainty[counter.group] == .exact else { continue }
            #expect(state.sum(counter).value == expected * count, "\(counter.name)")
        }
    }

    @Test("Every row is found by its count")
    func rows() {
        for counter in HostMetrics.counters { #expect(HostMetrics.counter(counter.keyPath).name == counter.name) }
    }

    @Test("Every column has a title of its own, a meaning and a rank of its own")
    func columns() {
        let rows = HostColumn.allCases.map(\.row)
        #expect(Set(rows.map(\.title)).count == rows.count)
        #expect(Set(rows.map(\.importance)).count == rows.count)
        for row in rows { #expect(row.help.count > 8, "\(row.title)") }
    }
}
