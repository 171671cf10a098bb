internal import PoolModel

/// The source, the process that writes this, and the processes that are watched.
extension FamilyText {
    private static let source = Family("pooltop_source", .info, "The source of the figures.")
    static let uptime = Family(
        "pooltop_uptime_seconds", .gauge, unit: "seconds", "The time since the source began to count.")
    private static let ignored = Family(
        "pooltop_ignored_events", .counter, "Late or unknown events that the agent ignored.")
    private static let kernelOpened = Family(
        "pooltop_kernel_connections_opened", .counter,
        "Connections that the network namespace opened, by the kernel's own count.")
    private static let seen = Family(
        "pooltop_seen_connections_opened", .counter, "Connections that the source saw open, whoever opened them.")
    private static let cpu = Family(
        "pooltop_cpu_seconds", .counter, unit: "seconds", "CPU time of the processes that the figures are about.")
    private static let agentCPU = Family(
        "pooltop_agent_cpu_seconds", .counter, unit: "seconds", "CPU time of the threads of the agent.")
    private static let processCPU = Family(
        "process_cpu_seconds", .counter, unit: "seconds", "CPU time of this process.")
    private static let resident = Family(
        "process_max_resident_memory_bytes", .gauge, unit: "bytes", "The largest resident size of this process so far.")
    private static let descriptors = Family("process_open_fds", .gauge, "Open file descriptors.")
    private static let descriptorLimit = Family(
        "process_max_fds", .gauge, "The most file descriptors that may be open.")

    /// The families of the source, the process and the processes that are watched.
    static let ofProcess: [Family] =
        [
            source, uptime, ignored, kernelOpened, seen, cpu, agentCPU, processCPU, resident, descriptors,
            descriptorLimit,
        ] + figures.map(\.family)

    mutating func writeSource(of snapshot: AgentSnapshot) {
        let kind = snapshot.source?.kind ?? .agent
        var labels = Labels("kind", kind.rawValue)
        labels.add("scope", (snapshot.source?.scope ?? .process).rawValue)
        begin(Self.source)
        sample(1, labels)
        begin(Self.uptime)
        sample(seconds: snapshot.uptimeSeconds, Labels())
        begin(Self.ignored)
        sample(snapshot.ignoredEvents, Labels())
        guard let kernel = snapshot.source?.kernel else { return }
        begin(Self.kernelOpened)
        sample(kernel.opened, Labels())
        begin(Self.seen)
        sample(kernel.seen, Labels())
    }

    /// The names of Prometheus for its own process mean the one that answers, so they are only for our own agent's.
    mutating func writeProcess(of snapshot: AgentSnapshot) {
        let process = snapshot.process
        let certainty = snapshot.certainty[.cpu]
        begin(Self.cpu)
        sample(seconds: process.cpuSeconds, Labels(), Labels(), certainty)
        begin(Self.agentCPU)
        sample(seconds: process.agentCPUSeconds, Labels(), Labels(), certainty)
        guard (snapshot.source?.kind ?? .agent) == .agent else { return }
        begin(Self.processCPU)
        sample(seconds: process.cpuSeconds, Labels(), Labels(), certainty)
        begin(Self.resident)
        if process.maxResidentBytes > 0 { sample(process.maxResidentBytes, Labels()) }
        begin(Self.descriptors)
        if let open = process.openDescriptors { sample(open, Labels()) }
        begin(Self.descriptorLimit)
        if let limit = process.descriptorLimit { sample(limit, Labels()) }
    }

    /// A figure of a watched process.
    private struct ProcessFigure: Sendable {
        let family: Family
        let certainty: @Sendable (ProcessRow) -> Certainty
        let value: @Sendable (ProcessRow) -> HostGauge.Value?

        init(
            _ name: String, _ kind: Family.Kind, unit: String? = nil, _ help: String,
            _ certainty: @escaping @Sendable (ProcessRow) -> Certainty = { $0.connectionsCertainty },
            _ value: @escaping @Sendable (ProcessRow) -> HostGauge.Value?
        ) {
            family = Family("pooltop_process_" + name, kind, unit: unit, help)
            self.certainty = certainty
            self.value = value
        }
    }

    private static let figures: [ProcessFigure] = [
        ProcessFigure("hosts", .gauge, "Hosts to which a process has or had connections.", { _ in .exact }) {
            .count($0.hosts)
        },
        ProcessFigure("connections_open", .gauge, "Connections of a process that are open now.", { _ in .exact }) {
            .count($0.open)
        },
        ProcessFigure("connections_opened", .counter, "Connections that a process opened.") { .count($0.opened) },
        ProcessFigure("connections_closed", .counter, "Connections of a process that were closed.") {
            .count($0.closed)
        },
        ProcessFigure("connections_closed_by_peer", .counter, "Connections of a process that the peer closed.") {
            .count($0.closedByPeer)
        },
        ProcessFigure("connections_closed_by_process", .counter, "Connections that a process closed itself.") {
            .count($0.closedByUs)
        },
        ProcessFigure("requests", .counter, "Requests of a process.", \.requestsCertainty) { .count($0.requests) },
        ProcessFigure("dns_lookups", .counter, "UDP sockets to port 53 of a process that ended.", { _ in .exact }) {
            $0.lookups.map { .count($0) }
        },
        ProcessFigure("cpu_seconds", .counter, unit: "seconds", "CPU time of a process.", { _ in .exact }) {
            $0.cpuSeconds.map { .seconds($0) }
        },
    ]

    /// The first processes, which the source lists in the order of new connections. Secrets in command lines are hidden.
    mutating func writeProcesses(_ processes: [ProcessRow], limit: Int) {
        var known: Set<Labels> = []
        var rows: [(process: ProcessRow, labels: Labels)] = []
        for process in processes.prefix(limit) {
            var labels = Labels()
            if let pid = process.pid { labels.add("pid", "\(pid)") }
            labels.add("command", Redaction.command(process.command))
            labels.add("user", process.user)
            if known.insert(labels).inserted { rows.append((process, labels)) }
        }
        for figure in Self.figures {
            begin(figure.family)
            for (process, labels) in rows where figure.family.kind != .counter || process.countsOnlyUp {
                switch figure.value(process) {
                case .count(let count): sample(count, labels, Labels(), figure.certainty(process))
                case .seconds(let seconds): sample(seconds: seconds, labels, Labels(), figure.certainty(process))
                case nil: break
                }
            }
        }
    }
}

extension ProcessRow {
    /// False: connections stand here until their process is found, and then they are counted there, so the counts go down.
    fileprivate var countsOnlyUp: Bool { pid != nil || !isReadable }
}
