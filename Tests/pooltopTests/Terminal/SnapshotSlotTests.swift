import Foundation
import Glibc
import PoolModel
import Testing
import Wording

@testable import TerminalUI
@testable import pooltop

/// A snapshot of an agent that has done nothing, as it would be read from a recording.
func emptySnapshot(sequence: Int, events: [AgentNotice] = []) throws -> AgentSnapshot {
    let json = """
        {"sequence": \(sequence), "takenAt": 1700000000.5, "uptimeSeconds": 1, "keepAlive": true,
         "dnsCacheEnabled": true, "draining": false, "maxTotalSockets": 1, "hosts": [], "dnsRecords": [], "events": [],
         "dns": {"lookups": 0, "hits": 0, "staleHits": 0, "negativeHits": 0, "misses": 0, "coalesced": 0,
                 "failures": 0, "queries": 0, "entries": 0},
         "process": {"cpuSeconds": 0, "agentCPUSeconds": 0, "maxResidentBytes": 0}, "ignoredEvents": 0}
        """
    var snapshot = try JSONDecoder().decode(AgentSnapshot.self, from: Data(json.utf8))
    snapshot.events = events
    return snapshot
}

@Suite struct SnapshotSlotTests {
    @Test("The newest snapshot wins and wakes the reader once")
    func theNewestSnapshotWinsAndWakesOnce() throws {
        let slot = SnapshotSlot()
        #expect(!isReadable(slot))
        for sequence in 1...1000 { slot.put(try emptySnapshot(sequence: sequence)) }
        #expect(isReadable(slot))
        #expect(slot.take().snapshot?.sequence == 1000)
        #expect(!isReadable(slot))
        #expect(slot.take().snapshot == nil)
        slot.put(try emptySnapshot(sequence: 1001))
        #expect(isReadable(slot))
    }

    @Test("A failure of the source reaches the screen with its reason, and cancellation is not a failure")
    func failuresAreBrought() async {
        struct LoopHasGone: Error, CustomStringConvertible { let description = "the loop has gone" }
        let slot = SnapshotSlot()
        await slot.reportingFailure { throw LoopHasGone() }
        #expect(isReadable(slot))
        #expect(slot.take().failure == "the loop has gone")
        #expect(slot.take().failure == nil)
        await Task {
            while !Task.isCancelled { await Task.yield() }
            await slot.reportingFailure { throw LoopHasGone() }
        }.cancelledAndEnded()
        #expect(!isReadable(slot))
    }

    /// Events are "since the snapshot before", so one that nobody took may not take them along.
    @Test("Notices of replaced snapshots are kept")
    func eventsOfReplacedSnapshotsAreKept() throws {
        let slot = SnapshotSlot()
        for index in 0..<300 {
            let event = AgentNotice(level: .info, uptimeSeconds: Double(index), hostID: nil, text: "event \(index)")
            slot.put(try emptySnapshot(sequence: index, events: [event]))
        }
        let events = slot.take().snapshot?.events ?? []
        #expect(events.count == AgentSnapshot.eventLimit)
        #expect(events.first?.text == "event 44")
        #expect(events.last?.text == "event 299")
        slot.put(try emptySnapshot(sequence: 300))
        #expect(slot.take().snapshot?.events == [])
    }

    @Test("Messages are kept in order up to a limit")
    func noticesAreKeptInOrderUpToALimit() {
        let slot = SnapshotSlot()
        for index in 0..<100 { slot.post(notice: "\(index)") }
        let notices = slot.take().notices
        #expect(notices.count == SnapshotSlot.noticeLimit)
        #expect(notices.first == "36" && notices.last == "99")
    }

    @Test("A snapshot from another thread is taken eventually, and never after a newer one")
    func nothingIsLostBetweenThreads() async throws {
        let slot = SnapshotSlot()
        let count = 2000
        let snapshots = try (0..<count).map {
            try emptySnapshot(
                sequence: $0, events: [AgentNotice(level: .info, uptimeSeconds: 0, hostID: nil, text: "\($0)")])
        }
        let writer = Thread {
            for (index, snapshot) in snapshots.enumerated() {
                slot.put(snapshot)
                if index % 50 == 0 { sched_yield() }
            }
        }
        writer.start()
        var last = -1
        while last < count - 1 {
            var descriptor = pollfd(fd: slot.wakeDescriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&descriptor, 1, 10_000) == 1)
            if let snapshot = slot.take().snapshot {
                #expect(snapshot.sequence > last)
                last = snapshot.sequence
            }
        }
    }

    private func isReadable(_ slot: SnapshotSlot) -> Bool {
        var descriptor = pollfd(fd: slot.wakeDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) == 1
    }
}

extension Task<Void, Never> {
    fileprivate func cancelledAndEnded() async {
        cancel()
        await value
    }
}
