import FoundationEssentials
import PlainDocuments
import PoolModel

/// The form of a snapshot in a recording. Parts that seldom change are separated from those that always change, and
/// lists with stable items become objects, so that a merge patch contains only changes.
enum RecordedTree {
    /// More hosts than this are refused.
    static let maxHosts = JSONReader.maxMembers

    /// The parts whose lists become objects, so that a line has only the items that changed.
    static let lists: Set<String> = ["hosts", "load", "source"]

    /// Without durations, which have a separate form in the lines.
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
        for index in members.indices where lists.contains(members[index].key) {
            members[index].value = numbered(members[index].value)
        }
        members.append(.init(key: "sockets", value: .object(sockets)))
        members.append(.init(key: "names", value: .object(names)))
        return .object(members)
    }

    private static func json(_ value: some Encodable) throws -> JSONValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try JSONReader.value(of: ArraySlice(encoder.encode(value)))
    }

    // MARK: Lists

    /// Converts lists of objects to objects by number, at every depth.
    private static func numbered(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let items) where !items.isEmpty && items.allSatisfy(\.isObject):
            .object(items.enumerated().map { .init(key: listPrefix + "\($0)", value: numbered($1)) })
        case .object(let members): .object(members.map { .init(key: $0.key, value: numbered($0.value)) })
        case .array, .string, .integer, .unsigned, .number, .bool, .null: value
        }
    }

    /// Converts objects by number back to lists.
    static func lists(_ value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return value }
        guard !members.isEmpty, members.allSatisfy({ $0.key.hasPrefix(listPrefix) }) else {
            return .object(members.map { .init(key: $0.key, value: lists($0.value)) })
        }
        return .array(members.map { lists($0.value) })
    }

    /// Distinguishes a number in a list from a status or a name.
    static let listPrefix = "#"
}
