internal import PoolModel

/// A figure of a host that is no count of the tables: a limit in force, or something that only the kernel knows.
struct HostGauge: Sendable {
    enum Value {
        case count(Int)
        case seconds(Double)
    }

    let family: Family
    let group: FigureGroup
    /// How it is read; nil: it is not.
    let fact: Fact?
    /// Nil: not known, or there is none.
    let value: @Sendable (HostSnapshot) -> Value?

    private init(
        _ family: Family, _ group: FigureGroup, _ fact: Fact? = nil,
        _ value: @escaping @Sendable (HostSnapshot) -> Value?
    ) {
        self.family = family
        self.group = group
        self.fact = fact
        self.value = value
    }

    static let limits: [HostGauge] = [
        HostGauge(
            Family("http_client_pool_keep_alive", .gauge, "1 where HTTP keep-alive is on, 0 where it is off."), .limits,
            .keepAlive
        ) { .count($0.keepAlive ? 1 : 0) },
        HostGauge(
            Family("http_client_pool_connections_limit", .gauge, "The most connections that may be open at once."),
            .limits, .socketLimit
        ) { .count($0.maxSockets) },
        HostGauge(
            Family("http_client_pool_idle_connections_limit", .gauge, "The most connections that may be idle at once."),
            .limits, .idleSocketLimit
        ) { .count($0.maxFreeSockets) },
        HostGauge(
            Family(
                "http_client_pool_idle_limit_seconds", .gauge, unit: "seconds",
                "The time after which an idle connection is closed."), .limits, .idleLimitNanoseconds
        ) { $0.idleLimitSeconds.map { .seconds($0) } },
        HostGauge(
            Family(
                "http_client_pool_oldest_wait_seconds", .gauge, unit: "seconds",
                "The time that the oldest request in the queue has waited."), .queue, .oldestWaitNanoseconds
        ) { .seconds($0.oldestWaitSeconds ?? 0) },
    ]

    static let timeWait = HostGauge(
        Family("http_client_pool_kernel_time_wait_sockets", .gauge, "Sockets in TIME_WAIT now."), .connections
    ) { $0.kernel?.timeWait.map { .count($0) } }

    static let kernel: [HostGauge] = [
        timeWait,
        HostGauge(
            Family(
                "http_client_pool_kernel_retransmits", .counter, "Segments that the kernel sent again."), .connections
        ) { $0.kernel?.retransmits.map { .count($0) } },
        HostGauge(
            Family(
                "http_client_pool_kernel_round_trip_seconds", .gauge, unit: "seconds",
                "The mean round-trip time over the open connections."), .connections
        ) { $0.kernel?.roundTripSeconds.map { .seconds($0) } },
        HostGauge(
            Family(
                "http_client_pool_kernel_idle_age_at_death_seconds", .gauge, unit: "seconds",
                "The median time since the last byte, of idle connections that the peer closed lately."), .connections
        ) { $0.kernel?.idleAgeAtDeathSeconds.map { .seconds($0) } },
        HostGauge(
            Family(
                "http_client_pool_kernel_connection_age_seconds", .gauge, unit: "seconds",
                "The median age of connections that were closed lately."), .connections
        ) { $0.kernel?.connectionAgeSeconds.map { .seconds($0) } },
    ]
}

extension FamilyText {
    mutating func writeLimits(of rows: [HostRow]) { write(HostGauge.limits, of: rows) }

    mutating func writeKernel(of rows: [HostRow]) {
        if rows.contains(where: { $0.host?.kernel != nil }) { write(HostGauge.kernel, of: rows) }
    }

    private mutating func write(_ gauges: [HostGauge], of rows: [HostRow]) {
        for gauge in gauges {
            begin(gauge.family)
            for row in rows {
                switch row.host.flatMap(gauge.value) {
                case .count(let count): sample(count, row.labels, Labels(), row.certainty(gauge.group))
                case .seconds(let seconds): sample(seconds: seconds, row.labels, Labels(), row.certainty(gauge.group))
                case nil: break
                }
            }
        }
    }
}
