import PoolModel

/// One of the recordings that are merged, at a moment that only goes forward.
///
/// Only the time that its report is about counts: before measuring began there, it is as it was then, and its warm-up is in
/// nothing. It holds the lines of the file and one snapshot.
struct MergedPart {
    /// After this time without a snapshot, which come twice a second, a program has ended.
    private static let silence = 1.5

    let file: String
    let recording: Recording
    /// Where measuring began, on the clock of its machine: seconds since 1970-01-01 UTC.
    let begin: Double
    /// Its last snapshot.
    let end: Double
    /// The difference between that clock and the program's uptime.
    private let clock: Double
    private var cursor = RecordingCursor()
    private var current: AgentSnapshot
    private var upcoming: AgentSnapshot?
    /// The notices of snapshots that were passed since they were last taken.
    private var events: [AgentNotice]

    init(_ recording: Recording, file: String) {
        self.recording = recording
        self.file = file
        var first: AgentSnapshot?
        while cursor.index <= recording.measuringFrom, let next = cursor.next(of: recording) { first = next }
        guard let first else { preconditionFailure("a recording has a snapshot") }
        clock = first.takenAt - first.uptimeSeconds
        begin = first.takenAt
        end = begin + recording.length - recording.lines[recording.measuringFrom].time
        (current, events) = (first, first.events)
        upcoming = cursor.next(of: recording)
    }

    /// The time of its next snapshot; nil after the last.
    var next: Double? { upcoming.map { clock + $0.uptimeSeconds } }

    mutating func advance(to time: Double) {
        while let snapshot = upcoming, clock + snapshot.uptimeSeconds <= time {
            current = snapshot
            events = Array((events + snapshot.events).suffix(AgentSnapshot.eventLimit))
            upcoming = cursor.next(of: recording)
        }
    }

    /// Its state at a time to which it was advanced, on a clock that was at zero at `zero`, with the notices since the last
    /// call. `isLast`: it is as it ended, whenever that was.
    mutating func state(at time: Double, zero: Double, isLast: Bool) -> AgentSnapshot {
        let hasEnded = upcoming == nil && time > end + Self.silence && !isLast
        var state = hasEnded ? current.ended : current
        state.events = events
        events = []
        state.shiftClock(by: clock - zero)
        return state
    }

    /// When its program started, on the clock of its machine.
    var startedAt: Double { clock }
}

/// The hosts of several recordings: those of one name are one.
struct MergedHosts {
    private struct Key: Hashable {
        var name: String
        /// How many hosts of the same recording have that name before it.
        var number: Int
    }
    private var ids: [Key: Int] = [:]

    /// Numbers the hosts of a snapshot as those of the sum.
    mutating func renumber(_ snapshot: inout AgentSnapshot) {
        var seen: [String: Int] = [:]
        var places: [Int: Int] = [:]
        for index in snapshot.hosts.indices {
            let host = snapshot.hosts[index]
            let key = Key(name: host.name, number: seen[host.name] ?? 0)
            seen[host.name] = key.number + 1
            let id = ids[key] ?? ids.count
            ids[key] = id
            places[host.id] = id
            snapshot.hosts[index].id = id
        }
        for index in snapshot.events.indices {
            snapshot.events[index].hostID = snapshot.events[index].hostID.flatMap { places[$0] }
        }
        for index in snapshot.load?.targets.indices ?? 0..<0 {
            let id = snapshot.load?.targets[index].hostID
            snapshot.load?.targets[index].hostID = id.flatMap { places[$0] }
        }
        snapshot.dnsRecords = snapshot.dnsRecords.compactMap { record in
            places[record.hostID].map { id in
                var record = record
                record.hostID = id
                return record
            }
        }
    }
}
