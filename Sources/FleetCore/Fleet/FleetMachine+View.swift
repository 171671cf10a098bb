import MetricsText
import PoolModel

/// The figures of the instances at the end of a round.
struct MeasuredFleet: Sendable {
    var windowSeconds: Double
    /// By our clock.
    var at: Double
    /// The same moment by Prometheus's; nil: it did not say.
    var serverTime: Double?
    var figures: [InstanceID: FleetFigures] = [:]
    var hostCounts: [InstanceID: Int] = [:]
    var hosts: [InstanceID: [FleetHost]] = [:]
    /// Percentiles over all instances of a dialect. Those of different metrics cannot be joined.
    var responseTimes: [Dialect: ResponseTimes] = [:]
    /// By the value of the label; empty: none.
    var groupResponseTimes: [String: [Dialect: ResponseTimes]] = [:]

    typealias ResponseTimes = [FleetMeasure.Percentile: Double]
}

extension FleetMachine {
    mutating func measure(at now: Double) {
        let windowSeconds = windowSeconds
        var result = MeasuredFleet(windowSeconds: windowSeconds, at: now, serverTime: answers.serverTime)
        var hostCount = 0
        for dialect in presentDialects {
            let answered = answers.answered[dialect] ?? [:]
            let instanceQuestions = FleetQuestions(dialect, asked: answered[.instances] ?? [])
            let hostsScope = answered.keys.first { if case .hosts = $0 { true } else { false } }
            let hostQuestions = FleetQuestions(dialect, asked: hostsScope.flatMap { answered[$0] } ?? [])
            for (key, readings) in answers.rows[dialect] ?? [:] {
                switch key {
                case .total: result.responseTimes[dialect] = readings.responseTimes
                case .group(let value): result.groupResponseTimes[value, default: [:]][dialect] = readings.responseTimes
                case .instance(let id):
                    guard instances[id]?.dialects.contains(dialect) == true else { continue }
                    let figures = FiguresOfReadings(readings, instanceQuestions, windowSeconds: windowSeconds).figures
                    result.figures[id] = result.figures[id].map { $0 + figures } ?? figures
                    if let hosts = readings.values[.hosts]?.value {
                        result.hostCounts[id, default: 0] += Int(min(max(0, hosts), 1e9))
                    }
                case .host(let id, let name, let origin):
                    guard instances[id]?.dialects.contains(dialect) == true else { continue }
                    hostCount += 1
                    if detail == .all { result.hostCounts[id, default: 0] += 1 }
                    guard hostCount <= settings.limits.hosts else {
                        if hostCount == settings.limits.hosts + 1 { answers.note(.truncated) }
                        continue
                    }
                    let figures = FiguresOfReadings(readings, hostQuestions, windowSeconds: windowSeconds).figures
                    result.hosts[id, default: []].append(
                        FleetHost(
                            name: name, origin: origin, dialect: dialect,
                            labels: answers.hostLabels[dialect]?[key] ?? [], figures: figures))
                }
            }
        }
        measured = result
    }

    /// Everything as it is known now. In the first round figures are there as soon as they are answered, because a large
    /// database takes a minute for all of them; later, those of a round come together.
    package func fleet(at now: Double) -> Fleet {
        if measured == nil, step == .measures {
            var early = self
            early.measure(at: now)
            return early.fleet(at: now)
        }
        var fleet = Fleet(windowSeconds: measured?.windowSeconds ?? settings.windowSeconds)
        fleet.instances = instances.map { instance($0.key, $0.value, at: now) }
            .worstFirst(\.figures, name: \.id).stablePartition { !$0.isGone }
        let present = fleet.instances.filter { !$0.isGone }
        fleet.totals = FleetFigures.sum(present.lazy.map(\.figures)) ?? FleetFigures()
        fleet.totals.responseTimes = Self.only(measured?.responseTimes, of: present)
        if let label = settings.groupLabel { fleet.groups = groups(of: fleet.instances, by: label) }
        fleet.marks = marks.marks
        fleet.problems = problems
        fleet.scrapeSeconds = slowestInterval
        fleet.ageSeconds = measured.map { max(0, now - $0.at) }
        fleet.refused = refused.count
        return fleet
    }

    private func instance(_ id: InstanceID, _ known: KnownInstance, at now: Double) -> FleetInstance {
        var instance = FleetInstance(
            id: id, labels: known.labels, dialects: known.dialects.sorted { $0.rawValue < $1.rawValue },
            isGone: !known.isPresent, lastSeenSeconds: max(0, now - known.lastSeenAt))
        guard known.isPresent, let measured else { return instance }
        instance.figures = measured.figures[id] ?? FleetFigures()
        instance.hostCount = measured.hostCounts[id]
        instance.hosts = (measured.hosts[id] ?? []).worstFirst(\.figures, name: { "\($0.name) \($0.origin)" })
        return instance
    }

    /// The percentiles of the only dialect that the instances have.
    private static func only(
        _ times: [Dialect: MeasuredFleet.ResponseTimes]?, of instances: [FleetInstance]
    ) -> MeasuredFleet.ResponseTimes {
        let dialects = Set(instances.flatMap(\.dialects))
        guard dialects.count == 1, let dialect = dialects.first else { return [:] }
        return times?[dialect] ?? [:]
    }

    private func groups(of instances: [FleetInstance], by label: String) -> [FleetGroup] {
        let byValue = Dictionary(grouping: instances) { $0[label: label] ?? "" }
        return byValue.map { value, members -> FleetGroup in
            let present = members.filter { !$0.isGone }
            var figures = FleetFigures.sum(present.lazy.map(\.figures)) ?? FleetFigures()
            figures.responseTimes = Self.only(measured?.groupResponseTimes[value], of: present)
            return FleetGroup(
                value: value.isEmpty ? nil : value, instances: members.count, gone: members.count - present.count,
                figures: figures)
        }.worstFirst(\.figures, name: { $0.value ?? "" })
    }
}

extension FleetReadings {
    fileprivate var responseTimes: [FleetMeasure.Percentile: Double] {
        var times: [FleetMeasure.Percentile: Double] = [:]
        for percentile in FleetMeasure.Percentile.allCases {
            times[percentile] = values[.responseTime(percentile)]?.value
        }
        return times
    }
}

extension Array {
    /// The elements that hold first, each part in its order.
    fileprivate func stablePartition(_ holds: (Element) -> Bool) -> [Element] {
        filter(holds) + filter { !holds($0) }
    }
}
