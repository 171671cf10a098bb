package import PlainDocuments
import PoolModel

/// The accumulated state of a recording's lines. Parts that a line does not change are not rebuilt, because most of
/// many hosts are idle most of the time.
struct RecordedState: Sendable {
    private var tree = JSONValue.object([])
    private(set) var hosts: [HostSnapshot] = []
    private var load: LoadSnapshot?
    private var sockets = RecordedEntries<[ListedSocket]>()
    private var names = RecordedEntries<RecordedName>()

    /// The cost of looking for a host's counts, which is incurred whether or not a line has them.
    private static let countsWork = HostMetrics.counters.count / 2

    /// Hosts with a list of sockets.
    private var listing: Set<Int> = []

    private struct ListedSocket: Sendable {
        var id: Int
        var socket: RecordedSocket
    }

    /// Applies the changes of a line. Returns the number of values visited.
    mutating func apply(_ patch: JSONValue) throws(TextProblem) -> Int {
        var work = tree.apply(patch)
        let isWhole = !patch.isObject
        if isWhole || patch["hosts"] != nil { work += try takeHosts(isWhole ? nil : patch["hosts"]) }
        if isWhole || patch["load"] != nil {
            let value = RecordedTree.lists(tree["load"] ?? .null)
            load = value == .null ? nil : try JSONValueDecoder.decode(LoadSnapshot.self, from: value)
            work += value.size
        }
        if isWhole || patch["sockets"] != nil {
            work += try sockets.take(
                "sockets", tree["sockets"], changes: isWhole ? nil : patch["sockets"], hosts: hosts.count, Self.sockets)
        }
        if isWhole || patch["names"] != nil {
            work += try names.take(
                "names", tree["names"], changes: isWhole ? nil : patch["names"], hosts: hosts.count
            ) { value throws(TextProblem) in try JSONValueDecoder.decode(RecordedName.self, from: value) }
        }
        return work
    }

    /// The assembled snapshot and the number of values visited. Ages have to be recomputed from moments each time.
    mutating func snapshot() throws(TextProblem) -> (snapshot: AgentSnapshot, work: Int) {
        let apart: Set<String> = ["hosts", "load", "sockets", "names"]
        var members = tree.members.filter { !apart.contains($0.key) }
        if let index = members.firstIndex(where: { $0.key == "source" }) {
            members[index].value = RecordedTree.lists(members[index].value)
        }
        members.append(.init(key: "hosts", value: .array([])))
        let bare = JSONValue.object(members)
        var snapshot = try JSONValueDecoder.decode(AgentSnapshot.self, from: bare)
        guard snapshot.uptimeSeconds >= 0, snapshot.takenAt >= 0 else { throw TextProblem("a time is negative") }
        let clock = RecordedClock(uptimeSeconds: snapshot.uptimeSeconds)
        // In place, because with many hosts a second copy of all of them per line would dominate the time.
        for host in listing where sockets.values[host] == nil && hosts.indices.contains(host) {
            hosts[host].sockets = nil
        }
        listing = []
        var listed = 0
        for (host, open) in sockets.values where hosts.indices.contains(host) {
            listed += open.count
            listing.insert(host)
            hosts[host].sockets = open.map { $0.socket.socket(id: $0.id, at: clock) }
        }
        snapshot.hosts = hosts
        snapshot.load = load
        snapshot.dnsRecords = names.values.sorted { $0.key < $1.key }.map { $0.value.record(host: $0.key, at: clock) }
        return (snapshot.withoutSecrets(), bare.size + listed + restingWork)
    }

    /// The number of values visited for every snapshot, whatever a line changes.
    private var restingWork: Int {
        let ofHosts = hosts.reduce(0) { $0 + 6 + $1.addresses.count + $1.metrics.statuses.count }
        let ofNames = names.values.reduce(0) { $0 + 2 + $1.value.addresses.count }
        return ofHosts + ofNames + (load?.targets.count ?? 0) * 4
    }

    // MARK: Hosts

    /// If `changes` is nil, all hosts are rebuilt.
    private mutating func takeHosts(_ changes: JSONValue?) throws(TextProblem) -> Int {
        let members = tree["hosts"]?.members ?? []
        if let work = try takeSome(changes, of: members) { return work }
        let value = RecordedTree.lists(tree["hosts"] ?? .null)
        guard case .array(let items) = value else { throw TextProblem("'hosts' is not a list") }
        try Self.checkCount(items.count)
        let durations = hosts.map(\.metrics.latency)
        hosts = []
        for (index, item) in items.enumerated() {
            try take(item, at: index, durations.indices.contains(index) ? durations[index] : LatencySet())
        }
        return value.size + items.count * Self.countsWork
    }

    /// The hosts that a patch names by number; nil if the patch contains anything else.
    private mutating func takeSome(_ changes: JSONValue?, of members: [JSONValue.Member]) throws(TextProblem) -> Int? {
        guard let changes, changes.isObject, members.count <= RecordedTree.maxHosts else { return nil }
        var work = 0
        for change in changes.members {
            guard change.key.hasPrefix(RecordedTree.listPrefix), let index = Int(change.key.dropFirst()),
                change.value.isObject, members.indices.contains(index), members[index].key == change.key,
                index <= hosts.count
            else { return nil }
            let value = RecordedTree.lists(members[index].value)
            work += value.size + Self.countsWork
            try take(value, at: index, index < hosts.count ? hosts[index].metrics.latency : LatencySet())
        }
        return hosts.count == members.count ? work : nil
    }

    private mutating func take(_ value: JSONValue, at index: Int, _ latency: LatencySet) throws(TextProblem) {
        var host: HostSnapshot
        do { host = try JSONValueDecoder.decode(HostSnapshot.self, from: value) } catch {
            throw TextProblem(error.problem.replacing("'", with: "'hosts.\(index).", maxReplacements: 1))
        }
        guard host.id == index else { throw TextProblem("'hosts' are not numbered in their order") }
        // Versions without certainty counted resumed handshakes although they could not detect them.
        if host.isTLS, value["certainty"] == nil { host.certainty[.resumption] = .unknown }
        host.metrics.latency = latency
        if index < hosts.count { hosts[index] = host } else { hosts.append(host) }
    }

    private static func checkCount(_ count: Int) throws(TextProblem) {
        guard count <= RecordedTree.maxHosts else { throw TextProblem("more than \(RecordedTree.maxHosts) hosts") }
    }

    /// Adds the recorded durations of one phase of one host; nil if they do not fit the existing ones. Returns the
    /// growth in bytes.
    mutating func add(
        _ counts: BucketCounts, edges: LatencyHistogram.Edges,
        to phase: WritableKeyPath<LatencySet, LatencyHistogram>, of host: Int
    ) -> Int? {
        let before = hosts[host].metrics.latency[keyPath: phase].storageBytes
        guard hosts[host].metrics.latency[keyPath: phase].add(counts, edges: edges) else { return nil }
        return hosts[host].metrics.latency[keyPath: phase].storageBytes - before
    }

    private static func sockets(_ value: JSONValue) throws(TextProblem) -> [ListedSocket] {
        var sockets: [ListedSocket] = []
        for member in value.members {
            guard let id = Int(member.key), id >= 0, id <= Quantity.most else {
                throw TextProblem("'\(member.key)' is no number of a socket")
            }
            sockets.append(
                ListedSocket(id: id, socket: try JSONValueDecoder.decode(RecordedSocket.self, from: member.value)))
        }
        // A patch appends new members, and ids increase with each new connection.
        return sockets.sorted { $0.id < $1.id }
    }
}

/// One part of a recording, with entries for some of the hosts by their numbers.
private struct RecordedEntries<Value: Sendable>: Sendable {
    private(set) var values: [Int: Value] = [:]

    /// Rebuilds the changed entries, or all if `changes` is nil. Returns the number of values visited.
    mutating func take(
        _ part: String, _ tree: JSONValue?, changes: JSONValue?, hosts: Int,
        _ decode: (JSONValue) throws(TextProblem) -> Value
    ) throws(TextProblem) -> Int {
        let members = tree?.members ?? []
        let isSome = changes?.isObject ?? false
        let keys = isSome ? Set(changes?.members.map(\.key) ?? []) : nil
        if let keys { for key in keys { if let host = Int(key) { values[host] = nil } } } else { values = [:] }
        var work = members.count / 16
        for member in members where keys?.contains(member.key) ?? true {
            guard let host = Int(member.key), host >= 0, host < hosts else {
                throw TextProblem("'\(part).\(member.key)' is of no host")
            }
            work += member.value.size
            values[host] = try decode(member.value)
        }
        return work
    }
}

extension JSONValue {
    var isObject: Bool {
        switch self {
        case .object: true
        case .array, .string, .integer, .unsigned, .number, .bool, .null: false
        }
    }

    /// The number of values in it, including itself.
    package var size: Int {
        switch self {
        case .object(let members): members.reduce(1) { $0 + $1.value.size }
        case .array(let items): items.reduce(1) { $0 + $1.size }
        case .string, .integer, .unsigned, .number, .bool, .null: 1
        }
    }
}
