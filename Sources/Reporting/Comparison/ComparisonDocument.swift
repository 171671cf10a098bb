import Experiment
import PlainDocuments
import PoolModel
import SessionConfig

/// The document `pooltop.comparison/1`, and the line that `ndjson` writes for each window before it.
enum ComparisonDocument {
    static let windowSchema = "pooltop.window/1"

    static func document(_ report: ComparisonReport) -> JSONValue {
        let comparison = report.comparison
        let experiment = report.plan.experiment
        return .object([
            "schema": .string(ComparisonReport.schema), "version": .string(ProductVersion.current),
            "startedAt": .string(report.record.startedAt.map(Timestamp.text)),
            "client": ClientWords(report: report).document,
            "arms": byArm { settings($0, report.plan) },
            "changes": byArm { .array(report.plan.changes(of: $0).map { .string($0.text) }) },
            "pairs": .integer(comparison.pairs), "pairsLeftOut": .integer(comparison.pairsLeftOut),
            "pairsSetAside": .integer(comparison.pairsSetAside), "pairsNeeded": .integer(comparison.pairsNeeded),
            "sessions": .integer(comparison.sessions), "sameArms": .bool(report.plan.isAA),
            "requestsPerWindow": .number(comparison.requestsPerWindow),
            "windowSeconds": .number(experiment.window.asSeconds),
            "longestWashoutSeconds": .number(experiment.longestWashout.asSeconds),
            "durationLimitSeconds": .number(experiment.total?.asSeconds),
            "measuredSeconds": .number(report.measuredSeconds), "elapsedSeconds": .number(report.elapsedSeconds),
            "equivalence": .number(experiment.equivalence), "seed": .unsigned(report.plan.session.seed),
            "kernel": report.record.kernel?.document ?? .null,
            "comparable": .bool(comparison.isComparable), "targetDown": .bool(comparison.isTargetDown),
            "guardRails": .array(comparison.guardRails.map(guardRail)),
            "faults": .array(
                comparison.faults.map {
                    .object([
                        "name": .string($0.fault.rawValue), "a": .integer($0.a), "b": .integer($0.b),
                    ])
                }),
            "expectedFalseVerdicts": .number(comparison.expectedFalseVerdicts),
            "metrics": .array(
                comparison.metrics.map { metric($0.metric.rawValue, $0.comparison, $0.metric.isHeadline) }),
            "hosts": .array(
                comparison.hosts.map { host in
                    .object([
                        "name": .string(host.name),
                        "connectionsPerSecond": metric(nil, host.connectionsPerSecond),
                    ])
                }),
            "capacity": capacity(comparison.capacity),
            "totals": byArm { arm in
                guard let window = report.record.totals[arm] else { return .null }
                return totals(window)
            },
            "checks": .array(report.checks.map(\.document)),
        ])
    }

    /// Nobody knows the settings of an attached process but those that the arms name.
    private static func settings(_ arm: Arm, _ plan: ComparePlan) -> JSONValue {
        guard let attach = plan.attach else { return PlanDocument.settings(of: plan.session(of: arm)) }
        return .object([
            "attach": .string(attach.target?.text), "changes": .array(plan.changes(of: arm).map { .string($0.text) }),
        ])
    }

    private static func byArm(_ value: (Arm) -> JSONValue) -> JSONValue {
        .object(Arm.allCases.map { .init(key: $0.rawValue, value: value($0)) })
    }

    private static func metric(
        _ name: String?, _ metric: MetricComparison, _ isHeadline: Bool = false
    ) -> JSONValue {
        var members: [JSONValue.Member] = []
        if let name { members.append(.init(key: "name", value: .string(name))) }
        let figures: KeyValuePairs<String, JSONValue> = [
            "a": .number(metric.a), "b": .number(metric.b), "ratio": .number(metric.ratio),
            "low": .number(metric.interval?.low), "high": .number(metric.interval?.high),
            "pairs": .integer(metric.pairs), "p": .number(metric.p), "verdict": .string(metric.verdict.rawValue),
            "method": .string(metric.method.rawValue), "headline": .bool(isHeadline),
            "adjustedP": .number(metric.adjustedP), "effectivePairs": .number(metric.effectivePairs),
            "pairsNeeded": .integer(metric.pairsNeeded),
        ]
        return .object(members + figures.map { .init(key: $0.key, value: $0.value) })
    }

    private static func guardRail(_ rail: GuardRail) -> JSONValue {
        .object([
            "name": .string(rail.kind.rawValue), "value": .number(rail.value),
            rail.isLeast ? "least" : "most": .number(rail.limit), "passed": .bool(rail.passed),
        ])
    }

    private static func capacity(_ capacity: Capacity) -> JSONValue {
        func arms(_ value: (Capacity.ArmFigures) -> JSONValue) -> [JSONValue.Member] {
            [("a", capacity.a), ("b", capacity.b)].map { .init(key: $0.0, value: $0.1.map(value) ?? .null) }
        }
        func against(_ limit: Double, _ value: @escaping (Capacity.ArmFigures) -> Double) -> JSONValue {
            .object(
                [.init(key: "limitPerSecond", value: .number(limit))]
                    + arms { figures in
                        .object([
                            "perSecond": .number(value(figures)), "shareOfLimit": .number(value(figures) / limit),
                        ])
                    })
        }
        return .object([
            "requestsPerSecond": .number(capacity.requestsPerSecond),
            "ownCPUSecondsPerRequest": .number(capacity.model.ownCPUSecondsPerRequest),
            "ownProcess": .integer(capacity.ownProcess),
            "cores": .number(capacity.model.cores), "utilisation": .number(capacity.model.utilisation),
            "containers": .object(arms { containers($0.containers) }),
            "ephemeralPorts": against(Capacity.portsPerSecond, \.connectionsPerAddress),
            "dnsPackets": against(Capacity.dnsPacketsPerSecond, \.dnsPackets),
            "loadBalancer": .object(arms { loadBalancer($0.loadBalancer) }),
        ])
    }

    private static func containers(_ containers: Capacity.Containers?) -> JSONValue {
        guard let containers else { return .null }
        return .object([
            "value": .integer(containers.value), "low": .integer(containers.low),
            "high": .integer(containers.high), "beforeRounding": .number(containers.beforeRounding),
        ])
    }

    private static func loadBalancer(_ balancer: Capacity.LoadBalancer) -> JSONValue {
        .object([
            "units": .number(balancer.billed), "binds": .string(balancer.binding.rawValue),
            "unitsByDimension": .object(
                Capacity.LoadBalancer.Dimension.allCases.map {
                    .init(key: $0.rawValue, value: .number(balancer.units[$0]))
                }),
        ])
    }

    private static func totals(_ window: MetricsWindow) -> JSONValue {
        .object([
            "seconds": .number(window.seconds),
            "totals": MetricsDocument.metrics(window.totals, seconds: window.seconds),
            "dns": MetricsDocument.dns(window),
            "process": MetricsDocument.process(window),
        ])
    }

    /// The counts of one window.
    static func window(_ sample: WindowSample, _ plan: ComparePlan) -> JSONValue {
        let faults = WindowFault.all(
            in: sample, window: plan.experiment.window, loops: plan.session.usefulLoops)
        return .object([
            "schema": .string(windowSchema), "session": .integer(sample.window.session),
            "pair": .integer(sample.window.pair), "arm": .string(sample.window.arm.rawValue),
            "counts": .bool(sample.window.counts), "atRest": .bool(sample.wasAtRest),
            "faults": .array(faults.map { .string($0.rawValue) }),
            "seconds": .number(sample.seconds), "planned": .integer(sample.planned),
            "finished": .integer(sample.finished), "failed": .integer(sample.failed),
            "exchanges": .integer(sample.exchanges), "connectionsOpened": .integer(sample.connectionsOpened),
            "open": .integer(sample.open), "dnsQueries": .integer(sample.dnsQueries),
            "tlsHandshakes": .integer(sample.tlsHandshakes), "bytes": .integer(sample.bytes),
            "agentCPUSeconds": .number(sample.agentCPUSeconds), "tcpSegments": .integer(sample.tcpSegments),
            "responseMean": .number(sample.responseMean), "responseP50": .number(sample.responseP50),
            "responseP90": .number(sample.responseP90), "responseP99": .number(sample.responseP99),
            "connectionsOpenedByHost": .object(
                sample.hosts.map { .init(key: $0.name, value: .integer($0.connectionsOpened)) }),
        ])
    }
}
