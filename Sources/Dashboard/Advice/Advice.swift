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
    /// It rests on an estimate, and its text says so.
    var isByEstimate = false
}

/// The input of a rule.
struct RuleInput {
    var host: ShownHost
    var window: RecentFigures
    var picture: DashboardState

    var metrics: HostFigures { host.metrics }
    /// Connections that the load keeps busy by Little's law: rate × mean time on a connection.
    var busy: Double? { window.requestsPerSecond.with(window.meanService) { $0 * $1 }.value }
}

extension DashboardState {
    /// Advice about one host, the most pressing first.
    func advice(for host: ShownHost) -> [Advice] {
        let input = RuleInput(host: host, window: window(host.id), picture: self)
        return hostRules.compactMap { $0.advice(input) }.stablySorted()
    }

    /// Advice about all hosts and about the process, the most pressing first.
    func adviceForAll() -> [Advice] {
        guard let snapshot else { return [] }
        let all = processRules.compactMap { $0.advice(self) } + snapshot.hosts.flatMap { advice(for: $0) }
        let good = all.filter { $0.level == .good }.compactMap { advice in
            host(advice.hostID).map { advice.isByEstimate ? "~" + $0.name : $0.name }
        }
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

/// A rule, and the figures that it rests on. Of what it does not know it says nothing, and of an estimate that it is one.
struct Rule<Input>: Sendable {
    let restsOn: [FigureGroup]
    let judge: @Sendable (Input) -> Advice?

    init(_ judge: @escaping @Sendable (Input) -> Advice?, restsOn: FigureGroup...) {
        self.judge = judge
        self.restsOn = restsOn
    }

    fileprivate func advice(_ input: Input, _ certainty: Certainties) -> Advice? {
        let certainty = certainty.of(restsOn)
        guard certainty != .unknown, var advice = judge(input) else { return nil }
        if certainty == .estimate {
            advice.isByEstimate = true
            advice.text += " (by an estimate)"
        }
        return advice
    }
}

extension Rule<RuleInput> {
    func advice(_ input: RuleInput) -> Advice? {
        var advice = advice(input, input.host.certainty)
        advice?.hostID = input.host.id
        return advice
    }
}

extension Rule<DashboardState> {
    func advice(_ picture: DashboardState) -> Advice? { advice(picture, picture.snapshot?.certainty ?? Certainties()) }
}

/// Every rule about a host, in the order in which ties are shown. That dials fail is known even where nothing is counted.
let hostRules: [Rule<RuleInput>] = [
    Rule(failing), Rule(strayBytes, restsOn: .closeReasons), Rule(waiting, restsOn: .queue),
    Rule(massClose, restsOn: .closer, .closeReasons, .connections), Rule(addressGone, restsOn: .dns, .connections),
    Rule(bodyUnread, restsOn: .activity), Rule(ports, restsOn: .closer, .connections),
    Rule(lowReuse, restsOn: .reuse, .connections), Rule(serverClosesFirst, restsOn: .closeReasons),
    Rule(dialsUnused, restsOn: .reuse, .connections, .activity), Rule(unevenLoad, restsOn: .reuse),
    Rule(tooManySockets, restsOn: .requests, .latency, .activity, .limits), Rule(goodReuse, restsOn: .reuse),
]

/// Every rule about the whole process.
let processRules: [Rule<DashboardState>] = [Rule(descriptors), Rule(lookupsPerRequest, restsOn: .dns, .requests)]
