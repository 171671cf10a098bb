import NIOConcurrencyHelpers
import PoolModel
import WatchCore

/// Numbers the hosts of a watch by their first appearance, so that each keeps its place in the list: another process has
/// other hosts, and one of them may be older than the process. Screens compare hosts by their place.
struct HostNumbers {
    private var subject: [String] = []
    /// By the number that the source has for a host.
    private var places: [Int: Int] = [:]
    /// The source's numbers by place.
    private var numbers: [Int] = []

    mutating func take(_ snapshot: AgentSnapshot) -> AgentSnapshot {
        let source = snapshot.source
        let subject = [source?.scope.rawValue ?? "", source?.pid.map(String.init) ?? ""]
        let present = Set(snapshot.hosts.map(\.id))
        // A host that has gone has become one with another, because both have the same name by now.
        if subject != self.subject || !numbers.allSatisfy(present.contains) { (places, numbers) = ([:], []) }
        self.subject = subject
        for host in snapshot.hosts where places[host.id] == nil {
            places[host.id] = numbers.count
            numbers.append(host.id)
        }
        var copy = snapshot
        copy.hosts.sort { (places[$0.id] ?? 0) < (places[$1.id] ?? 0) }
        for index in copy.hosts.indices { copy.hosts[index].id = index }
        for index in copy.events.indices {
            copy.events[index].hostID = copy.events[index].hostID.flatMap { places[$0] }
        }
        return copy
    }

    /// The source's numbers of the hosts at these places. What was not seen yet has none.
    func numbers(at wanted: Set<Int>) -> Set<Int> {
        Set(wanted.filter(numbers.indices.contains).map { numbers[$0] })
    }
}

/// A source whose hosts keep their places.
final class NumberedSource: WatchedSource {
    private let source: any WatchedSource
    private let hosts = NIOLockedValueBox(HostNumbers())

    init(_ source: any WatchedSource) { self.source = source }

    func snapshot(socketsFor: Set<Int>) async throws -> AgentSnapshot {
        let wanted = hosts.withLockedValue { $0.numbers(at: socketsFor) }
        let snapshot = try await source.snapshot(socketsFor: wanted)
        return hosts.withLockedValue { $0.take(snapshot) }
    }

    func choose(_ scope: WatchScope) { source.choose(scope) }
    func learn(names: [Endpoint: String]) { source.learn(names: names) }
    func forget(addresses: [Endpoint]) { source.forget(addresses: addresses) }
    func show(names: Bool) { source.show(names: names) }
    func shutdown() async throws { try await source.shutdown() }
}
