import AgentCore
import ArgumentParser
import PlainDocuments
import SessionConfig

/// The limits of the agent, all of which can change while it runs.
struct AgentOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            HTTP keep-alive: on, off, N (a new connection after every N exchanges) or N:M (drawn per connection). \
            Default: on.
            """, valueName: "on|off|N|N:M"))
    var keepAlive: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Connections per host. Default: 64.", valueName: "N"))
    var maxSockets: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Connections over all hosts. Default: 256.", valueName: "N"))
    var maxTotalSockets: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Idle connections kept per host, or none for as many as --max-sockets. Default: none.", valueName: "N"))
    var maxFreeSockets: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long a connection may be idle, or none. Default: 60s.", valueName: "D"))
    var idleTimeout: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long a connection may live, or none. Default: 10m.", valueName: "D"))
    var maxLifetime: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Exchanges per connection, or none. Default: none.", valueName: "N")
    )
    var maxRequestsPerConnection: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Which idle connection goes first: lifo, fifo or round-robin over addresses. Default: lifo.",
            valueName: "ORDER"), completion: .list(Scheduling.allCases.map(\.rawValue)))
    var scheduling: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Requests that may wait for a connection, per host. Default: 1024.", valueName: "N"))
    var queueLimit: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long a request may wait for a connection, or none. Default: 30s.", valueName: "D"))
    var queueTimeout: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Limit of a TCP connect, or none for the system's. Default: 10s.", valueName: "D"))
    var connectTimeout: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Limit of a whole request, or none. Default: 30s.", valueName: "D"))
    var timeout: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Retries of a request whose reused connection died. Default: 1.", valueName: "N"))
    var retries: String?

    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Any setting by its name in the config file, as tlsTimeout=5s. Repeatable.", valueName: "SETTING=VALUE"))
    var assignments: [String] = []

    func fill(_ draft: inout PlanDraft) throws(CommandLineError) {
        let named: [(AgentSetting, String, String?)] = [
            (.keepAlive, "--keep-alive", keepAlive), (.maxSockets, "--max-sockets", maxSockets),
            (.maxTotalSockets, "--max-total-sockets", maxTotalSockets),
            (.maxFreeSockets, "--max-free-sockets", maxFreeSockets), (.idleTimeout, "--idle-timeout", idleTimeout),
            (.maxLifetime, "--max-lifetime", maxLifetime),
            (.maxRequestsPerConnection, "--max-requests-per-connection", maxRequestsPerConnection),
            (.scheduling, "--scheduling", scheduling), (.queueLimit, "--queue-limit", queueLimit),
            (.queueTimeout, "--queue-timeout", queueTimeout), (.connectTimeout, "--connect-timeout", connectTimeout),
            (.requestTimeout, "--timeout", timeout), (.retries, "--retries", retries),
        ]
        for (setting, option, text) in named {
            if let value = try read(text, option, setting.parse) { draft.agent[setting] = value }
        }
        for assignment in assignments { try assign(assignment, in: &draft) }
    }

    private func assign(_ text: String, in draft: inout PlanDraft) throws(CommandLineError) {
        let source = Source.option("--set")
        let change = try source.read { () throws(TextProblem) in try SettingChange.parse(text, isLive: false) }
        guard case .set(let setting, let value) = change.value else { return }
        if let other = draft.agent[setting]?.source, other != source {
            throw source.error("\(setting.rawValue) contradicts \(other.name): give one of the two")
        }
        draft.agent[setting] = Sourced(value, from: source)
    }
}
