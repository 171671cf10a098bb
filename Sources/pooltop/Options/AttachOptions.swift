import ArgumentParser
import FoundationEssentials
import PlainDocuments
import SessionConfig

/// All options of `pooltop attach`.
struct AttachOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            """
            The process whose agent to attach to, by its id, or the agent's socket. Default: what can be attached to is \
            listed.
            """, valueName: "PID|SOCKET"))
    var target: String?

    @Flag(
        help: """
            Let K, t and x change the agent's settings. Whatever was changed is put back when pooltop leaves, however it \
            leaves.
            """)
    var allowChanges = false

    @Flag(help: "Put the hook into a running Node process without asking.")
    var yes = false

    @OptionGroup var observation: ObservationOptions

    func plan(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandLineError) -> AttachPlan {
        var plan = AttachPlan()
        plan.target = try read(target, "PID|SOCKET", Self.target)?.value
        plan.mayChange = allowChanges
        plan.isAgreed = yes
        let observation = try observation.plan(environment: environment)
        (plan.duration, plan.checks) = (observation.duration, observation.checks)
        (plan.report, plan.screen, plan.recording) = (observation.report, observation.screen, observation.recording)
        return plan
    }

    static func target(_ text: String) throws(TextProblem) -> AttachPlan.Target {
        guard !text.isEmpty else {
            throw TextProblem("is empty", allowed: "4711, /run/user/1000/pooltop/node-4711.sock")
        }
        if text.contains("/") { return .socket(text) }
        guard let pid = Int(text), pid > 0 else {
            throw TextProblem(
                "'\(text)' is neither a process id nor the path of a socket", allowed: "4711, ./agent.sock")
        }
        return .pid(pid)
    }
}
