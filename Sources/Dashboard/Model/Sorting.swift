import PoolModel

/// What the host table is sorted by. The first order is that of the configuration: rows stay where they are.
enum HostSort: Int, CaseIterable, Sendable {
    case order, name, active, idle, queue, requests, opened, reuse, p50, p99, errors

    var name: String {
        switch self {
        case .order: "as given"
        case .name: "HOST"
        case .active: "ACT"
        case .idle: "IDLE"
        case .queue: "QUEUE"
        case .requests: "REQ/s"
        case .opened: "NEW/s"
        case .reuse: "REUSE"
        case .p50: "p50"
        case .p99: "p99"
        case .errors: "ERR"
        }
    }

    /// The most first, except for the order and the name. Ties keep the order of the configuration, and hosts of which the
    /// figure is unknown come last, whichever way it is sorted.
    func sorted(_ hosts: [ShownHost], picture: DashboardState, reversed: Bool) -> [ShownHost] {
        if self == .order { return reversed ? hosts.reversed() : hosts }
        if self == .name {
            let sorted = hosts.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
            return reversed ? sorted.reversed() : sorted
        }
        let keyed = hosts.map { ($0, figure($0, picture)) }
        return keyed.sorted { left, right in
            if left.1.isUnknown != right.1.isUnknown { return right.1.isUnknown }
            let (first, second) = (left.1.value ?? -1, right.1.value ?? -1)
            if first == second { return left.0.id < right.0.id }
            return reversed ? first < second : first > second
        }.map(\.0)
    }

    private func figure(_ host: ShownHost, _ picture: DashboardState) -> Figure<Double> {
        let window = picture.window(host.id)
        switch self {
        case .order, .name: return .absent
        case .active: return host.metrics.active.map { Double($0) }
        case .idle: return host.metrics.idle.map { Double($0) }
        case .queue: return host.metrics.queued.map { Double($0) }
        case .requests: return window.requestsPerSecond
        case .opened: return window.openedPerSecond
        case .reuse: return window.reuse
        case .p50: return window.p50
        case .p99: return window.p99
        case .errors: return window.failedShare
        }
    }
}

/// What the list of sockets is sorted by.
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

    /// Those that work first, then those to come, then the idle ones.
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
