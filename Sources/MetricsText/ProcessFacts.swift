internal import PoolModel

/// The figures that a text has of the process that publishes it, under the names that client libraries use.
struct ProcessFacts: Sendable {
    private enum Figure: Hashable, Sendable { case cpu, agentCPU, resident, descriptors, descriptorLimit, lookups }

    /// Names in the order of preference, and how many of our units one of theirs is.
    private static let names: [(figure: Figure, name: String, scale: Double)] = [
        (.cpu, "pooltop_cpu_seconds_total", 1), (.cpu, "process_cpu_seconds_total", 1),
        (.cpu, "process_cpu_time_seconds_total", 1), (.cpu, "dotnet_process_cpu_time_seconds_total", 1),
        (.cpu, "process_cpu_time_ns_total", 1e-9), (.agentCPU, "pooltop_agent_cpu_seconds_total", 1),
        (.resident, "process_max_resident_memory_bytes", 1), (.resident, "process_resident_memory_bytes", 1),
        (.resident, "process_memory_usage_bytes", 1), (.resident, "dotnet_process_memory_working_set_bytes", 1),
        (.descriptors, "process_open_fds", 1), (.descriptors, "process_files_open_files", 1),
        (.descriptorLimit, "process_max_fds", 1), (.descriptorLimit, "process_files_max_files", 1),
        (.lookups, "dns_lookup_duration_seconds_count", 1),
    ]
    /// Gauges that tell one process from the next: when it started, and how long it has run.
    private static let starts: Set<String> = ["process_start_time_seconds", "haproxy_process_start_time_seconds"]
    private static let uptimes: Set<String> = [
        "pooltop_uptime_seconds", "envoy_server_uptime", "process_uptime_seconds",
    ]

    /// Everything that is looked at.
    static var sampleNames: [String] { names.map(\.name) + starts.sorted() + uptimes.sorted() }

    /// The name that is read for each figure at this scrape.
    private var chosen: [String: (figure: Figure, scale: Double)] = [:]
    private var start: Double?
    private var uptime: Double?
    private(set) var snapshot = ProcessSnapshot()
    private(set) var lookups = DNSCounts()

    var cpuCertainty: Certainty { chosen.values.contains { $0.figure == .cpu } ? .exact : .unknown }
    /// Lookups are counted by their durations, and whether a message was sent for one is not said.
    var lookupsCertainty: Certainty { chosen.values.contains { $0.figure == .lookups } ? .estimate : .unknown }

    /// True if the text is of another process than the last one.
    mutating func begin(_ text: Exposition, _ names: Set<String>) -> Bool {
        chosen = [:]
        var figures: Set<Figure> = []
        for (figure, name, scale) in Self.names where names.contains(name) {
            if figures.insert(figure).inserted { chosen[name] = (figure, scale) }
        }
        snapshot.openDescriptors = nil
        snapshot.descriptorLimit = nil
        let start = Self.value(of: Self.starts, in: text)
        let uptime = Self.value(of: Self.uptimes, in: text)
        defer { (self.start, self.uptime) = (start, uptime) }
        // Some compute their start anew each time, so it varies a little.
        if let start, let before = self.start, start > before + 2 { return true }
        if let uptime, let before = self.uptime, uptime < before { return true }
        return false
    }

    /// The value of the first family that has one of these names.
    private static func value(of names: Set<String>, in text: Exposition) -> Double? {
        text.families.first { names.contains($0.name) }?.samples.first.flatMap { $0.value.isFinite ? $0.value : nil }
    }

    func wants(_ name: String) -> Bool { chosen[name] != nil }

    mutating func read(_ sample: MetricSample, growth: () -> Double?) {
        guard let (figure, scale) = chosen[sample.name], sample.value >= 0, sample.value <= HostFacts.most else {
            return
        }
        let value = sample.value * scale
        switch figure {
        case .cpu: snapshot.cpuSeconds += (growth() ?? 0) * scale
        case .agentCPU: snapshot.agentCPUSeconds += (growth() ?? 0) * scale
        case .resident: snapshot.maxResidentBytes = max(snapshot.maxResidentBytes, Int(value))
        case .descriptors: snapshot.openDescriptors = Int(value)
        case .descriptorLimit: snapshot.descriptorLimit = Int(value)
        case .lookups:
            let count = Int((growth() ?? 0).rounded())
            lookups.lookups += count
            lookups.misses += count
            lookups.queries += count
        }
    }
}
