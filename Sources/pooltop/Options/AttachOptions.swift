import ArgumentParser
import FoundationEssentials
import PlainDocuments
import SessionConfig

/// All options of `pooltop attach`.
struct AttachOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            """
            The process whose agent to attach to, by its id, the agent's socket, or the URL of metrics that a process publishes \
            (OpenMetrics, Prometheus). Default: what can be attached to is listed.
            """, valueName: "PID|SOCKET|URL"))
    var target: String?

    @Flag(
        help: """
            Let K, t and x change the agent's settings. Whatever was changed is put back when pooltop leaves, however it \
            leaves.
            """)
    var allowChanges = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The process that publishes the metrics: the kernel tells what they lack.", valueName: "PID"))
    var pid: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            """
            Change a setting of the agent at this time, or every so often, as the keys would. Repeatable. Needs --allow-changes.
            """, valueName: "TIME:SETTING=VALUE[@HOST]"))
    var at: [String] = []

    @Flag(help: "Put the hook into a running Node process without asking.")
    var yes = false

    @OptionGroup var observation: ObservationOptions

    func plan(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandLineError) -> AttachPlan {
        var plan = AttachPlan()
        plan.target = try read(target, "PID|SOCKET|URL", Self.target)?.value
        plan.mayChange = allowChanges
        if case .metrics = plan.target {
            for (option, isGiven) in [("--allow-changes", allowChanges), ("--yes", yes)] where isGiven {
                throw Source.option(option).error("is for an agent; metrics can only be read")
            }
            plan.pid = try read(pid, "--pid", Self.pid)?.value
        } else if pid != nil {
            throw Source.option("--pid").error("is for the URL of metrics: pooltop attach http://…/metrics --pid 4711")
        }
        plan.isAgreed = yes
        plan.changes = try changes()
        let observation = try observation.plan(environment: environment)
        (plan.duration, plan.checks) = (observation.duration, observation.checks)
        (plan.report, plan.screen, plan.recording) = (observation.report, observation.screen, observation.recording)
        plan.metrics = observation.metrics
        return plan
    }

    private func changes() throws(CommandLineError) -> [TimedChange] {
        if !at.isEmpty, !allowChanges {
            throw Source.option("--at").error("changes settings of that process: give --allow-changes to agree")
        }
        var changes: [TimedChange] = []
        for text in at {
            let change = try Source.option("--at").read { () throws(TextProblem) in try TimedChange.parse(text) }.value
            switch change.change {
            case .rate, .concurrency, .toggleDNSCache, .set(.dnsCache, _):
                throw Source.option("--at").error("'\(change.change.text)' is the process's own")
            case .set, .toggleKeepAlive: changes.append(change)
            }
        }
        return changes
    }

    static func target(_ text: String) throws(TextProblem) -> AttachPlan.Target {
        guard !text.isEmpty else {
            throw TextProblem("is empty", allowed: "4711, /run/user/1000/pooltop/node-4711.sock")
        }
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            var url = try TargetURL.parse(text)
            if url.path == "/" { url.path = "/metrics" }
            return .metrics(url)
        }
        if text.contains("/") { return .socket(text) }
        guard let pid = Int(text), pid > 0 else {
            throw TextProblem(
                "'\(text)' is neither a process id nor the path of a socket nor a URL",
                allowed: "4711, ./agent.sock, http://127.0.0.1:9464/metrics")
        }
        return .pid(pid)
    }

    private static func pid(_ text: String) throws(TextProblem) -> Int {
        guard let pid = Int(text), pid > 0 else { throw TextProblem("'\(text)' is not a process id", allowed: "4711") }
        return pid
    }
}
