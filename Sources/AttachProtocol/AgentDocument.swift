import FoundationEssentials
package import PlainDocuments
package import PoolModel

/// The document that an agent sends of a snapshot: what may grow is an object by number, so that differences are small.
package enum AgentDocument {
    /// Makes the document.
    ///
    /// - Parameters:
    ///   - snapshot: what the agent has counted.
    ///   - events: the latest events with their numbers, in place of those of the snapshot.
    ///   - wanted: the hosts whose sockets are listed.
    /// - Returns: the document, in which nothing is null.
    /// - Throws: that a figure is no number that JSON has.
    package static func make(
        _ snapshot: AgentSnapshot, events: [(sequence: Int, notice: AgentNotice)], socketsFor wanted: Set<Int>
    ) throws -> JSONValue {
        var snapshot = snapshot
        snapshot.events = events.map(\.notice)
        for index in snapshot.hosts.indices where !wanted.contains(snapshot.hosts[index].id) {
            snapshot.hosts[index].sockets = nil
        }
        snapshot.dnsRecords.removeAll { !wanted.contains($0.hostID) }
        let text = try JSONEncoder().encode(snapshot)
        let document = try JSONReader.value(of: Array(text)[...])
        return .object(
            document.members.map { member in
                switch member.key {
                case "hosts": .init(key: "hosts", value: byNumber(member.value, host))
                case "events": .init(key: "events", value: numbered(member.value, events.map(\.sequence)))
                default: member
                }
            })
    }

    private static func host(_ host: JSONValue) -> JSONValue {
        .object(
            host.members.map { member in
                member.key == "sockets" ? .init(key: "sockets", value: byNumber(member.value) { $0 }) : member
            })
    }

    /// The items of a list, each under its `id`.
    private static func byNumber(_ list: JSONValue, _ change: (JSONValue) -> JSONValue) -> JSONValue {
        guard case .array(let items) = list else { return .object([]) }
        return .object(
            items.map { item in
                var key = ""
                if case .integer(let id)? = item["id"] { key = "\(id)" }
                return JSONValue.Member(key: key, value: change(item))
            })
    }

    private static func numbered(_ list: JSONValue, _ sequences: [Int]) -> JSONValue {
        guard case .array(let items) = list else { return .array([]) }
        return .array(
            zip(items, sequences).map { item, sequence in
                .object([.init(key: "sequence", value: .integer(sequence))] + item.members)
            })
    }
}
