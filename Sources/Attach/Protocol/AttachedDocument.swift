import AttachProtocol
import FoundationEssentials
package import PlainDocuments
package import PoolModel

/// The document of an agent as it grows by patches, and the snapshot that it stands for. What an agent says is not trusted: a total
/// that goes down stays where it was, and what is too long or too many is refused.
package struct AttachedDocument: Sendable {
    /// More hosts than this are not from an agent that follows the protocol.
    private static let mostHosts = 4096

    private var document = JSONValue.object([])
    /// The number of the latest snapshot, on which the next patch is based; 0: there is none.
    package private(set) var base = 0
    private var latestEvent = -1
    private var totals: [Int: HostMetrics] = [:]
    /// Totals that went down since the beginning.
    package private(set) var countsThatFell = 0

    package init() {}

    /// Takes an answer to `get`.
    /// - Throws: that it does not follow the protocol.
    package mutating func take(_ answer: JSONValue, number: Int) throws(AttachError) -> AgentSnapshot {
        guard let patch = answer["patch"], case .integer(let base)? = answer["base"], base == 0 || base == self.base
        else {
            throw AttachError("the agent answers with a difference to a snapshot that it was not asked for")
        }
        document = (base == 0 ? .object([]) : document).merged(with: patch)
        self.base = number
        let text = shape().line
        var snapshot: AgentSnapshot
        do {
            snapshot = try JSONDecoder().decode(AgentSnapshot.self, from: Data(text.utf8))
        } catch {
            throw AttachError("the agent's snapshot is not one: \(Self.words(error))")
        }
        clean(&snapshot)
        return snapshot
    }

    private static func words(_ error: any Error) -> String {
        guard case DecodingError.keyNotFound(let key, let context) = error else { return "a value is not of its kind" }
        let path = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
        return "'\(PlainText.clean(path, limit: 80))' is missing"
    }

    /// The document with lists where the protocol has objects, so that they may grow by members.
    private mutating func shape() -> JSONValue {
        var members = document.members
        for index in members.indices {
            switch members[index].key {
            case "hosts": members[index].value = .array(Self.listed(members[index].value).map(Self.withSockets))
            case "events": members[index].value = .array(newEvents(members[index].value))
            default: break
            }
        }
        return .object(members)
    }

    private static func withSockets(_ host: JSONValue) -> JSONValue {
        .object(
            host.members.map { member in
                guard member.key == "sockets", case .object = member.value else { return member }
                return JSONValue.Member(key: member.key, value: .array(listed(member.value)))
            })
    }

    /// The values of an object in the order of their numbers.
    private static func listed(_ value: JSONValue) -> [JSONValue] {
        value.members.sorted { (Int($0.key) ?? .max, $0.key) < (Int($1.key) ?? .max, $1.key) }.map(\.value)
    }

    private mutating func newEvents(_ value: JSONValue) -> [JSONValue] {
        guard case .array(let events) = value else { return [] }
        var new: [JSONValue] = []
        for event in events.suffix(AgentSnapshot.eventLimit) {
            guard case .integer(let sequence)? = event["sequence"], sequence > latestEvent else { continue }
            latestEvent = sequence
            new.append(event)
        }
        return new
    }

    private mutating func clean(_ snapshot: inout AgentSnapshot) {
        if snapshot.hosts.count > Self.mostHosts { snapshot.hosts.removeLast(snapshot.hosts.count - Self.mostHosts) }
        for index in snapshot.hosts.indices {
            let id = snapshot.hosts[index].id
            let before = totals[id] ?? HostMetrics()
            for counter in HostMetrics.counters {
                let value = snapshot.hosts[index].metrics[keyPath: counter.keyPath]
                let least = counter.kind == .total ? before[keyPath: counter.keyPath] : 0
                guard value < least else { continue }
                snapshot.hosts[index].metrics[keyPath: counter.keyPath] = least
                countsThatFell += 1
            }
            totals[id] = snapshot.hosts[index].metrics
        }
    }
}
