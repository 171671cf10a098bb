import PoolModel

/// The sort order of the host table. The first case is the order of the configuration, in which rows stay where they
/// are.
enum HostSort: Hashable, Sendable {
    case order, name
    case column(HostColumn)

    /// In the order of the screen.
    static let all: [HostSort] =
        [.order, .name] + HostColumn.allCases.filter { $0.row.sort != nil }.map { .column($0) }

    var name: String {
        switch self {
        case .order: "as given"
        case .name: "HOST"
        case .column(let column): column.row.sortTitle
        }
    }

    /// Nil where it is no figure.
    var column: HostColumn? {
        switch self {
        case .order, .name: nil
        case .column(let column): column
        }
    }

    func moved(by step: Int) -> HostSort {
        let index = (Self.all.firstIndex(of: self) ?? 0) + step
        return Self.all[(index % Self.all.count + Self.all.count) % Self.all.count]
    }

    /// The most first, except for the order and the name. Ties keep the order of the configuration, and hosts of which the
    /// figure is unknown come last, whichever way it is sorted.
    func sorted(_ hosts: [ShownHost], picture: DashboardState, reversed: Bool) -> [ShownHost] {
        switch self {
        case .order: return reversed ? hosts.reversed() : hosts
        case .name:
            let sorted = hosts.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
            return reversed ? sorted.reversed() : sorted
        case .column(let column):
            let keyed = hosts.map { ($0, column.row.sort?($0, picture) ?? .absent) }
            return keyed.sorted { left, right in
                if left.1.isUnknown != right.1.isUnknown { return right.1.isUnknown }
                let (first, second) = (left.1.value ?? -1, right.1.value ?? -1)
                if first == second { return left.0.id < right.0.id }
                return reversed ? first < second : first > second
            }.map(\.0)
        }
    }
}

/// The sort order of the list of sockets.
enum SocketSort: Int, CaseIterable, Sendable {
    case state, age, requests, idle

    var name: String {
        switch self {
        case .state: "STATE"
        case .age: "AGE"
        case .requests: "REQS"
        case .idle: "IDLE"
        }
    }

    func sorted(_ sockets: [SocketSnapshot]) -> [SocketSnapshot] {
        sockets.sorted { left, right in
            let (first, second) = (figure(left), figure(right))
            return first == second ? left.id < right.id : first > second
        }
    }

    private func figure(_ socket: SocketSnapshot) -> Double {
        switch self {
        case .state: Double(Self.rank(socket.state))
        case .age: socket.ageSeconds
        case .requests: Double(socket.exchanges)
        case .idle: socket.idleSeconds ?? -1
        }
    }

    /// Active sockets first, then those being opened, then idle ones.
    private static func rank(_ state: SocketState) -> Int {
        switch state {
        case .readingBody, .awaitingHead, .writing: 4
        case .draining: 3
        case .resolving, .connecting, .handshaking: 2
        case .idle: 1
        case .closing: 0
        }
    }
}
