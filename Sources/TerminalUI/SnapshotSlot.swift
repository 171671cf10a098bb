package import Dashboard
import Glibc
import NIOConcurrencyHelpers
package import PoolModel

/// Passes data from other threads to the screen: the newest snapshot, and messages to show. One wake-up covers any
/// number of them.
///
/// Interleaving of `put` and `take`: `take` empties the pipe before it takes the values. A `put` in between is taken at
/// once and its wake-up finds nothing; a later `put` finds the slot empty and wakes again. None is lost.
package final class SnapshotSlot: Sendable {
    /// The contents since the previous `take`.
    package struct Contents: Sendable {
        package var snapshot: AgentSnapshot?
        /// The state of a replay, and its position.
        package var picture: (picture: DashboardState, playback: Playback)?
        /// A fleet at its newest moment.
        package var fleet: FleetPicture?
        /// Everything new of the instance that is shown.
        package var instance: InstanceNews?
        package var notices: [String] = []
        /// Why no more snapshots will arrive.
        package var failure: String?

        fileprivate var isEmpty: Bool {
            snapshot == nil && picture == nil && fleet == nil && instance == nil && notices.isEmpty && failure == nil
        }
    }

    /// If nobody takes the messages, the oldest are dropped first.
    package static let noticeLimit = 64

    private let contents = NIOLockedValueBox(Contents())
    /// Readable while the slot is not empty.
    let wakeDescriptor: Int32
    private let wakeEnd: Int32

    package init() {
        var ends: [Int32] = [-1, -1]
        let made = pipe(&ends)
        precondition(made == 0, "no descriptor is left for the screen's wake-up")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wakeDescriptor = ends[0]
        wakeEnd = ends[1]
    }

    deinit {
        close(wakeDescriptor)
        close(wakeEnd)
    }

    /// Any thread. Replaces a snapshot that was not taken yet but keeps its notices, because they are in no other
    /// snapshot.
    package func put(_ snapshot: AgentSnapshot) {
        change { contents in
            var newest = snapshot
            if let earlier = contents.snapshot?.events, !earlier.isEmpty {
                newest.events = Array((earlier + newest.events).suffix(AgentSnapshot.eventLimit))
            }
            contents.snapshot = newest
        }
    }

    /// Any thread. Replaces a state that was not taken yet, because the newer one contains everything.
    package func put(_ picture: DashboardState, _ playback: Playback) {
        change { $0.picture = (picture, playback) }
    }

    /// Any thread. Replaces a fleet that was not taken yet.
    package func put(_ fleet: FleetPicture) {
        change { $0.fleet = fleet }
    }

    /// Any thread. Adds to the news that were not taken yet.
    package func put(_ news: InstanceNews) {
        change { contents in
            if contents.instance == nil { contents.instance = news } else { contents.instance?.append(news) }
        }
    }

    /// Any thread. Adds a message for the user, such as the result of an effect.
    package func post(notice: String) {
        change { contents in
            contents.notices.append(notice)
            if contents.notices.count > Self.noticeLimit { contents.notices.removeFirst() }
        }
    }

    /// Any thread. Reports that no more snapshots will arrive, and why.
    package func fail(_ reason: String) {
        change { $0.failure = reason }
    }

    /// Main thread.
    package func take() -> Contents {
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(wakeDescriptor, &bytes, 16) == 16 {}
        return contents.withLockedValue { contents in
            defer { contents = Contents() }
            return contents
        }
    }

    private func change(_ body: (inout Contents) -> Void) {
        let wasEmpty = contents.withLockedValue { contents in
            let wasEmpty = contents.isEmpty
            body(&contents)
            return wasEmpty
        }
        if wasEmpty { wake() }
    }

    private func wake() {
        var byte: UInt8 = 1
        _ = write(wakeEnd, &byte, 1)  // a full pipe wakes as well
    }
}
