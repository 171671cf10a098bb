package import PoolModel

/// Makes snapshots of what an endpoint publishes, scrape after scrape.
///
/// It keeps what is needed between scrapes: totals over restarts of the process, the order of hosts, and the connections
/// that were open last. A host that is missing stays, with its totals and nothing open, because totals never go down.
package struct MetricsSource: Sendable {
    /// Limits on what is kept.
    package struct Limits: Sendable {
        package var hosts = 1000
        package var series = 100_000

        package init() {}
    }

    /// The dialects that were recognised at the last scrape.
    package private(set) var dialects: [Dialect] = []
    /// How often the process began anew.
    package private(set) var restarts = 0
    /// Hosts and series that the limits left out.
    package var refused: Int { series.refused + refusedHosts }

    private let name: String
    private let pid: Int?
    private let limits: Limits
    private var series: SeriesTotals
    private var hosts: [KnownHost] = []
    private var places: [HostIdentity: Int] = [:]
    /// The last sample with a host.
    private var last: (dialect: Dialect, sample: MetricSample, host: Int?)?
    private var refusedHosts = 0
    private var sequence = 0
    private var process = ProcessFacts()
    private var own = OwnFacts()

    private struct KnownHost {
        let identity: HostIdentity
        var facts = HostFacts()
        var own = OwnHostFacts()
        /// Nil for our own dialect, whose figures are read and not made.
        var figures: FiguresOfFacts?
    }

    /// The name is shown to people: the address of the endpoint, or what the user called it.
    package init(name: String, pid: Int? = nil, limits: Limits = Limits()) {
        self.name = name
        self.pid = pid
        self.limits = limits
        series = SeriesTotals(limit: limits.series)
    }

    /// The snapshot after one more scrape. `uptimeSeconds` is the time since the first, on the monotonic clock.
    package mutating func read(_ text: Exposition, takenAt: Double, uptimeSeconds: Double) -> AgentSnapshot {
        sequence += 1
        let names = text.sampleNames
        dialects = Dialect.recognised(in: names)
        let isOther = process.begin(text, names)
        series.beginScrape(isOtherProcess: isOther)
        for index in hosts.indices {
            hosts[index].facts.beginScrape()
            hosts[index].own.beginScrape()
        }
        own.beginScrape()
        last = nil
        let table = DialectTable(dialects, names)
        for family in text.families {
            for sample in family.samples { read(sample, table) }
        }
        endScrape(table)
        if series.hasRestarted { restarts += 1 }
        return snapshot(takenAt, uptimeSeconds)
    }

    private mutating func read(_ sample: MetricSample, _ table: DialectTable) {
        guard sample.value.isFinite else { return }
        let entries = table.entries(of: sample.name)
        let isOfProcess = process.wants(sample.name)
        guard !entries.isEmpty || isOfProcess else { return }
        // A series grows once, however many rows it has a meaning for.
        var growth: Double??
        func grown(_ series: inout SeriesTotals) -> Double? {
            if growth == nil { growth = .some(series.growth(of: SeriesTotals.Key(sample), to: sample.value)) }
            return growth ?? nil
        }
        if isOfProcess { process.read(sample) { grown(&series) } }
        for entry in entries where entry.conditions.allSatisfy({ $0.holds(for: sample) }) {
            if case .whole(let place) = entry.place {
                own.read(place, sample, entry.isTotal ? grown(&series) : sample.value)
                continue
            }
            guard let host = host(of: sample, entry.dialect), let place = entry.place(of: sample) else { continue }
            if entry.dialect == .pooltop { hosts[host].own.note(entry.group, sample) }
            if let version = sample[label: "network_protocol_version"], !version.hasPrefix("1") {
                hosts[host].facts.isMultiplexed = true
            }
            if case .status(let status) = place, status % 100 == 0, entry.saysClasses(sample) {
                hosts[host].facts.hasStatusClasses = true
            }
            if !entry.isTotal {
                hosts[host].facts.add(place, sample.value * entry.scale)
            } else if let growth = grown(&series) {
                hosts[host].facts.grow(place, by: growth * entry.scale)
            }
        }
    }

    /// The host of a sample, which is mostly that of the one before.
    private mutating func host(of sample: MetricSample, _ dialect: Dialect) -> Int? {
        if let last, last.dialect == dialect,
            dialect.hostLabels.allSatisfy({ sample[label: $0] == last.sample[label: $0] })
        {
            return last.host
        }
        guard let identity = HostIdentity(sample, dialect) else { return nil }
        let host = place(of: identity)
        last = (dialect, sample, host)
        return host
    }

    private mutating func place(of identity: HostIdentity) -> Int? {
        if let known = places[identity] { return known }
        guard hosts.count < limits.hosts else {
            refusedHosts += 1
            return nil
        }
        places[identity] = hosts.count
        hosts.append(KnownHost(identity: identity))
        return hosts.count - 1
    }

    private mutating func endScrape(_ table: DialectTable) {
        for index in hosts.indices {
            let dialect = hosts[index].identity.dialect
            hosts[index].facts.said = table.facts[dialect] ?? []
            hosts[index].facts.beginsWithFirstCount = dialect.traits.seriesBeginWithFirstCount
            hosts[index].facts.saysStatuses = table.statuses.contains(dialect)
            guard dialect != .pooltop else {
                let open = OwnHostFacts.open(hosts[index].facts)
                hosts[index].facts.endScrape(hasRestarted: series.hasRestarted, open: open)
                continue
            }
            let open = FiguresOfFacts.open(hosts[index].facts) ?? 0
            hosts[index].facts.endScrape(hasRestarted: series.hasRestarted, open: open)
            let figures = FiguresOfFacts(hosts[index].facts, dialect.traits)
            hosts[index].facts.last = figures.metrics
            hosts[index].figures = figures
        }
    }

    private func snapshot(_ takenAt: Double, _ uptimeSeconds: Double) -> AgentSnapshot {
        let isWithPooltop = dialects.contains(.pooltop)
        let dns = isWithPooltop ? own.dns : (counts: process.lookups, certainty: process.lookupsCertainty)
        let all = hosts.enumerated().map { index, host in
            var snapshot = host.figures.map { host.facts.host($0) } ?? host.own.host(host.facts)
            snapshot.id = index
            (snapshot.name, snapshot.origin) = (host.identity.name, host.identity.origin)
            snapshot.isTLS = host.identity.isTLS
            snapshot.certainty[.cpu] = process.cpuCertainty
            if snapshot.certainty[.dns] == .unknown { snapshot.certainty[.dns] = dns.certainty }
            return snapshot
        }
        // The agent's own switch is in no metric: most of its hosts follow it.
        let isOn = all.count(where: \.keepAlive) * 2 >= all.count
        return AgentSnapshot(
            sequence: sequence, takenAt: takenAt, uptimeSeconds: uptimeSeconds, keepAlive: isOn,
            dnsCacheEnabled: false, draining: false, maxTotalSockets: 0, hosts: all, dns: dns.counts, dnsRecords: [],
            process: process.snapshot, events: [], ignoredEvents: 0,
            source: SourceSnapshot(kind: .metrics, name: name, pid: pid))
    }
}

extension HostFacts {
    /// A host of a dialect other than our own.
    fileprivate func host(_ figures: FiguresOfFacts) -> HostSnapshot {
        HostSnapshot(
            id: 0, name: "", origin: "", isTLS: false, keepAlive: true, keepAliveIsOwn: false,
            maxSockets: self[.socketLimit] ?? 0, maxFreeSockets: self[.idleSocketLimit] ?? self[.socketLimit] ?? 0,
            idleLimitOrigin: .none, metrics: figures.metrics, certainty: figures.certainty, addresses: [])
    }
}
