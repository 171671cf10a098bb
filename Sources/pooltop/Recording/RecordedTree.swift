import AgentCore
import Foundation

/// A snapshot as a recording has it: the parts that change seldom apart from those that change always, and lists of what
/// stays as objects, so that a merge patch says only what changed.
enum RecordedTree {
    /// More hosts than this are refused.
    static let mostHosts = JSONReader.mostMembers

    /// Without durations, which lines have in a form of their own.
    static func tree(of snapshot: AgentSnapshot, mostSockets: Int) throws -> JSONValue {
        let clock = RecordedClock(uptimeSeconds: snapshot.uptimeSeconds)
        var bare = snapshot
        bare.dnsRecords = []
        var sockets: [JSONValue.Member] = []
        for index in bare.hosts.indices {
            bare.hosts[index].metrics.latency = LatencySet()
            guard let open = bare.hosts[index].sockets else { continue }
            bare.hosts[index].sockets = nil
            let listed = try open.prefix(mostSockets).map { socket in
                JSONValue.Member(key: "\(socket.id)", value: try json(RecordedSocket(socket, at: clock)))
            }
            sockets.append(.init(key: "\(bare.hosts[index].id)", value: .object(listed)))
        }
        let names = try snapshot.dnsRecords.map { record in
            JSONValue.Member(key: "\(record.hostID)", value: try json(RecordedName(record, at: clock)))
        }
        var members = try json(bare).members
        for index in members.indices where members[index].key == "hosts" || members[index].key == "load" {
            members[index].value = numbered(members[index].value)
        }
        members.append(.init(key: "sockets", value: .object(sockets)))
        members.append(.init(key: "names", value: .object(names)))
        return .object(members)
    }

    /// The snapshot that a tree is of, without durations.
    static func snapshot(of tree: JSONValue) throws(TextProblem) -> AgentSnapshot {
        let listed = JSONValue.object(
            tree.members.map { member in
                let isNumbered = member.key == "hosts" || member.key == "load"
                return isNumbered ? .init(key: member.key, value: lists(member.value)) : member
            })
        var snapshot = try JSONValueDecoder.decode(AgentSnapshot.self, from: listed)
        guard snapshot.hosts.count <= mostHosts else { throw TextProblem("more than \(mostHosts) hosts") }
        guard snapshot.hosts.enumerated().allSatisfy({ $0.offset == $0.element.id }) else {
            throw TextProblem("'hosts' are not numbered in their order")
        }
        guard snapshot.uptimeSeconds >= 0, snapshot.takenAt >= 0 else { throw TextProblem("a time is negative") }
        let clock = RecordedClock(uptimeSeconds: snapshot.uptimeSeconds)
        for member in tree["sockets"]?.members ?? [] {
            guard let host = Int(member.key), snapshot.hosts.indices.contains(host) else {
                throw TextProblem("'sockets.\(member.key)' is of no host")
            }
            snapshot.hosts[host].sockets = try sockets(member.value, at: clock)
        }
        for member in tree["names"]?.members ?? [] {
            guard let host = Int(member.key), snapshot.hosts.indices.contains(host) else {
                throw TextProblem("'names.\(member.key)' is of no host")
            }
            snapshot.dnsRecords.append(
                try JSONValueDecoder.decode(RecordedName.self, from: member.value).record(host: host, at: clock))
        }
        return snapshot
    }

    private static func sockets(_ value: JSONValue, at clock: RecordedClock) throws(TextProblem) -> [SocketSnapshot] {
        var sockets: [SocketSnapshot] = []
        for member in value.members {
            guard let id = Int(member.key), id >= 0, id <= Quantity.most else {
                throw TextProblem("'\(member.key)' is no number of a socket")
            }
            let socket = try JSONValueDecoder.decode(RecordedSocket.self, from: member.value)
            sockets.append(socket.socket(id: id, at: clock))
        }
        // A patch puts what is new at the end; ids grow with age.
        return sockets.sorted { $0.id < $1.id }
    }

    private static func json(_ value: some Encodable) throws -> JSONValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try JSONReader.value(of: ArraySlice(encoder.encode(value)))
    }

    // MARK: Lists

    /// Lists of objects as objects by number, at every depth.
    private static func numbered(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let items) where !items.isEmpty && items.allSatisfy(\.isObject):
            .object(items.enumerated().map { .init(key: listPrefix + "\($0)", value: numbered($1)) })
        case .object(let members): .object(members.map { .init(key: $0.key, value: numbered($0.value)) })
        case .array, .string, .integer, .unsigned, .number, .bool, .null: value
        }
    }

    /// Objects by number as the lists that they stand for.
    private static func lists(_ value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return value }
        guard !members.isEmpty, members.allSatisfy({ $0.key.hasPrefix(listPrefix) }) else {
            return .object(members.map { .init(key: $0.key, value: lists($0.value)) })
        }
        return .array(members.map { lists($0.value) })
    }

    /// What tells a number in a list from a status or a name.
    private static let listPrefix = "#"
}

extension JSONValue {
    fileprivate var isObject: Bool {
        switch self {
        case .object: true
        case .array, .string, .integer, .unsigned, .number, .bool, .null: false
        }
    }
}
