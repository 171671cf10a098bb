import PoolModel

/// Something to do, or to leave as it is, with the figures it rests on and the name of its rule.
struct Advice: Sendable, Equatable {
    enum Level: Int, Sendable, Comparable {
        case bad, warn, info, good

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        var role: Role {
            switch self {
            case .bad: .bad
            case .warn: .warn
            case .info: .text
            case .good: .good
            }
        }

        /// Said in a word as well: colour never carries meaning alone.
        var word: String {
            switch self {
            case .bad: "BAD "
            case .warn: "WARN"
            case .info: "HINT"
            case .good: "GOOD"
            }
        }
    }
    var level: Level
    var rule: String
    var text: String
    var hostID: Int?
}

/// What a rule looks at.
struct RuleInput {
    var host: HostSnapshot
    var window: HostWindow
    var picture: Picture

    var metrics: HostMetrics { host.metrics }
    var open: Int { metrics.connections.open }
    /// Connections that the load keeps busy by Little's law: rate × mean time on a connection.
    var busy: Double? {
        guard let rate = window.requestsPerSecond, let service = window.meanService else { return nil }
        return rate * service
    }
}

extension Picture {
    /// Advice about one host, the most pressing first.
    func advice(for host: HostSnapshot) -> [Advice] {
        let input = RuleInput(host: host, window: window(host.id), picture: self)
        return hostRules.compactMap { rule in
            rule(input).map { Advice(level: $0.level, rule: $0.rule, text: $0.text, hostID: host.id) }
        }.stablySorted()
    }

    /// Advice about all hosts and about the process, the most pressing first.
    func adviceForAll() -> [Advice] {
        guard let snapshot else { return [] }
        let all = processRules.compactMap { $0(self) } + snapshot.hosts.flatMap { advice(for: $0) }
        let good = all.filter { $0.level == .good }.compactMap { host($0.hostID)?.name }
        var shown = all.filter { $0.level != .good }
        if !good.isEmpty {
            let text = "\(good.joined(separator: ", ")): more than 95% of requests reuse a connection"
            shown.append(Advice(level: .good, rule: "reuse>95%", text: text))
        }
        return shown.stablySorted()
    }
}

extension [Advice] {
    fileprivate func stablySorted() -> [Advice] {
        enumerated().sorted { ($0.element.level, $0.offset) < ($1.element.level, $1.offset) }.map(\.element)
    }
}

/// Every rule about a host, in the order in which ties are shown.
let hostRules: [@Sendable (RuleInput) -> Advice?] = [
    failing, strayBytes, waiting, massClose, addressGone, bodyUnread, ports, lowReuse, serverClosesFirst,
    dialsUnused, unevenLoad, lowResumption, tooManySockets, goodReuse,
]

/// Every rule about the whole process.
let processRules: [@Sendable (Picture) -> Advice?] = [descriptors, lookupsPerRequest]
