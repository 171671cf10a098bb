package import PoolModel

/// Chooses the hosts that have rows of their own where there are more than the limit; the rest are summed in one.
///
/// The busiest are shown, by requests since the beginning. A host keeps its row until another has twice its requests,
/// because each change is a reset in Prometheus: the sum of the rest goes down by what the host had.
package struct HostSelection: Sendable {
    private let limit: Int
    /// The ids of the hosts that had rows at the last choice.
    private var shown: Set<Int> = []

    package init(limit: Int) { self.limit = max(0, limit) }

    /// The positions of the hosts with rows of their own, in ascending order.
    package mutating func choose(from hosts: [HostSnapshot]) -> [Int] {
        guard hosts.count > limit else {
            shown = Set(hosts.lazy.map(\.id))
            return Array(hosts.indices)
        }
        let activity = hosts.map { Self.activity(of: $0) }
        func isBusier(_ left: Int, _ right: Int) -> Bool {
            activity[left] == activity[right] ? left < right : activity[left] > activity[right]
        }
        var kept = hosts.indices.filter { shown.contains(hosts[$0].id) }.sorted(by: isBusier)
        var others = hosts.indices.filter { !shown.contains(hosts[$0].id) }.sorted(by: isBusier)[...]
        while kept.count < limit, let next = others.popFirst() { kept.append(next) }
        kept.sort(by: isBusier)
        var last = kept.count - 1
        while last >= 0, let next = others.first, activity[next] / 2 > activity[kept[last]] {
            kept[last] = next
            others.removeFirst()
            last -= 1
        }
        shown = Set(kept.map { hosts[$0].id })
        return kept.sorted()
    }

    /// Requests, or connections where requests are not known.
    private static func activity(of host: HostSnapshot) -> Int {
        let figures = host.figures
        return figures.started.value ?? figures.opened.value ?? 0
    }
}
