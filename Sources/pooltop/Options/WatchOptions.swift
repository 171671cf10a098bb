import ArgumentParser
import FoundationEssentials
import PlainDocuments
import SessionConfig

/// All options of `pooltop watch`.
struct WatchOptions: ParsableArguments {
    @OptionGroup(title: "Processes") var processes: WatchedProcessOptions
    @OptionGroup(title: "Hosts") var hosts: WatchedHostOptions

    @OptionGroup var observation: ObservationOptions

    func plan(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandLineError) -> WatchPlan {
        var plan = WatchPlan()
        try processes.fill(&plan)
        try hosts.fill(&plan)
        let observation = try observation.plan(environment: environment)
        (plan.duration, plan.checks) = (observation.duration, observation.checks)
        (plan.report, plan.screen, plan.recording) = (observation.report, observation.screen, observation.recording)
        plan.metrics = observation.metrics
        return plan
    }
}

/// The processes that are looked at.
struct WatchedProcessOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            """
            The processes to watch, by id or by the name of the program (node, app.js). Several count as one service. \
            Default: all of them, listed.
            """, valueName: "PID|NAME"),
        completion: .shellCommand("ps -e -o pid= -o comm= | awk '{ print $1; print $2 }' | sort -u"))
    var processes: [String] = []

    @Flag(help: "Every process of the network namespace as one, without the list.")
    var all = false

    @Flag(
        inversion: .prefixedNo,
        help: "Count the descendants of a process with it, so that the workers of a cluster are one service.")
    var children = true

    @Flag(help: "Do not use the kernel's trace events, which tell root exactly which process opened and closed what.")
    var noTracefs = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Look into the network namespace of this process, as of a container. Default: our own.", valueName: "PID"))
    var netns: String?

    fileprivate func fill(_ plan: inout WatchPlan) throws(CommandLineError) {
        for text in processes {
            let process = try Source.option("PID|NAME").read { () throws(TextProblem) in try WatchText.process(text) }
            plan.processes.append(process.value)
        }
        if all, !processes.isEmpty {
            throw Source.option("--all").error("contradicts the processes that are named: give one of the two")
        }
        plan.listsProcesses = processes.isEmpty && !all
        plan.includesChildren = children
        plan.usesTracefs = !noTracefs
        plan.namespace = try read(netns, "--netns") { text throws(TextProblem) in
            guard case .pid(let pid) = try WatchText.process(text) else {
                throw TextProblem("'\(text)' is not a process id")
            }
            return pid
        }?.value
    }
}

/// The hosts that are looked at, and their names.
struct WatchedHostOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only connections to this port. Default: all.", valueName: "N"))
    var port: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Only connections to this host, by its address or a name that is known of it. Default: all.",
            valueName: "NAME[:PORT]"))
    var host: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            """
            Look this name up, again whenever its TTL is over, and call its addresses by it. Repeatable. Names of the hosts \
            file are known without it.
            """, valueName: "HOST:PORT"))
    var name: [String] = []

    @Flag(help: "Ask the DNS for the names of addresses.")
    var reverseDNS = false

    static let mostNames = 256

    fileprivate func fill(_ plan: inout WatchPlan) throws(CommandLineError) {
        plan.port = try read(port, "--port", WatchText.port)?.value
        if let host = try read(host, "--host", WatchText.host) {
            plan.host = host.value.host
            if let ofHost = host.value.port {
                if let port = plan.port, port != ofHost {
                    throw Source.option("--port").error("contradicts the port of --host: give one of the two")
                }
                plan.port = ofHost
            }
        }
        for text in name {
            let name = try Source.option("--name").read { () throws(TextProblem) in try WatchText.name(text) }.value
            if !plan.names.contains(name) { plan.names.append(name) }
        }
        guard plan.names.count <= Self.mostNames else {
            throw Source.option("--name").error("more than \(Self.mostNames) names")
        }
        plan.reverseDNS = reverseDNS
    }
}
