import PoolModel

/// Worst first: the lowest reuse, then the most new connections, then the largest part that the other side closes.
struct FleetOrder: Comparable {
    /// Rows whose reuse is unknown come after those that are known to be bad or good.
    private let reuse: Int
    private let opened: Double
    private let remoteShare: Double

    /// Reuse is compared in steps, so that rows do not change places for nothing.
    private static let steps = 20.0

    init(_ figures: FleetFigures) {
        reuse = figures.reuse.value.map { Int(($0 * Self.steps).rounded(.down)) } ?? Int(Self.steps) + 1
        opened = figures.openedPerSecond.value ?? -1
        remoteShare = figures.remoteShare.value ?? -1
    }

    static func < (left: FleetOrder, right: FleetOrder) -> Bool {
        if left.reuse != right.reuse { return left.reuse < right.reuse }
        if left.opened != right.opened { return left.opened > right.opened }
        return left.remoteShare > right.remoteShare
    }
}

extension Sequence {
    /// Worst first; equally bad ones by name.
    func worstFirst<Name: Comparable>(
        _ figures: (Element) -> FleetFigures, name: (Element) -> Name
    ) -> [Element] {
        var rows: [(element: Element, order: FleetOrder, name: Name)] = []
        for element in self { rows.append((element, FleetOrder(figures(element)), name(element))) }
        rows.sort { left, right in
            left.order == right.order ? left.name < right.name : left.order < right.order
        }
        return rows.map(\.element)
    }
}
