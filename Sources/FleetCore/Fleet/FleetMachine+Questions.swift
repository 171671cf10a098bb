import MetricsText

/// The questions of each step.
extension FleetMachine {
    func requests(at now: Double) -> [FleetRequest] {
        let all: [FleetRequest] =
            switch step {
            case .names: [.names(FleetQueries.known(settings.selector), round: round)]
            case .presence: presenceRequests
            case .scrapes: scrapeRequests + hostCountRequests
            case .measures: measureRequests
            case .over: []
            }
        return Array(all.prefix(settings.limits.requests))
    }

    /// Every dialect with a name that is there. Our own names contain those of .NET, so both are asked for.
    var candidates: [Dialect] {
        Dialect.allCases.filter { $0.marks.contains { names.contains($0) } }
    }

    private var presenceRequests: [FleetRequest] {
        let queries = queries
        return candidates.flatMap { dialect -> [FleetRequest] in
            let present = queries.presence(of: dialect).map {
                FleetRequest.query(.presence(dialect), $0, time: nil, round: round)
            }
            let step = max(15, settings.historySeconds / 120)
            let past = queries.pastPresence(of: dialect, seconds: settings.historySeconds, stepSeconds: step).map {
                FleetRequest.query(.past(dialect), $0, time: nil, round: round)
            }
            return [present, pastKnown.contains(dialect) ? nil : past].compactMap { $0 }
        }
    }

    /// A job is asked for three times at most; then its window is what the user said.
    private static let maxTries = 3
    /// Samples of this time tell the interval; that of a job is rarely longer than five minutes.
    private static let scrapesSeconds = 1200.0

    private var scrapeRequests: [FleetRequest] {
        var jobs: Set<String> = []
        let queries = queries
        return instances.filter(\.value.isPresent).sorted { $0.key < $1.key }.compactMap { id, known in
            guard intervals[id.job] == nil, intervalsTried[id.job, default: 0] < Self.maxTries,
                jobs.count < settings.limits.jobs, jobs.insert(id.job).inserted,
                let dialect = known.dialects.sorted(by: { $0.rawValue < $1.rawValue }).first,
                let query = queries.scrapes(of: id, dialect, seconds: Self.scrapesSeconds)
            else { return nil }
            return .query(.scrapes(id), query, time: answers.serverTime, round: round)
        }
    }

    private var hostCountRequests: [FleetRequest] {
        guard detail == .all else { return [] }
        let queries = queries
        return presentDialects.compactMap { dialect in
            queries.hostCount(of: dialect).map {
                .query(.hostCount(dialect), $0, time: answers.serverTime, round: round)
            }
        }
    }

    /// The dialects of instances that are there.
    var presentDialects: [Dialect] {
        let present = instances.values.filter(\.isPresent).reduce(into: Set<Dialect>()) { $0.formUnion($1.dialects) }
        return Dialect.allCases.filter(present.contains)
    }

    private var measureRequests: [FleetRequest] {
        let (scopes, queries) = (scopes, queries)
        return presentDialects.flatMap { dialect -> [FleetRequest] in
            let measures = FleetMeasure.all(of: dialect, names: names, isDetailed: settings.isDetailed)
            return scopes.flatMap { scope in
                measures.filter { measure in
                    // Instances are the sums of their hosts, and Prometheus need not add up everything twice.
                    scope.wants(measure, settings.percentiles)
                        && !(scope == .instances && asksForAllHosts && measure.isSummable)
                }.compactMap { measure in
                    queries.query(measure, of: dialect, scope).map {
                        .query(.measure(measure, dialect, scope), $0, time: answers.serverTime, round: round)
                    }
                }
            }
        } + pastLabelRequests
    }

    /// Not where nobody knows how many there are: Prometheus was too slow or too full to count them.
    private var asksForAllHosts: Bool {
        detail == .all && answers.hostCount.map { $0 <= settings.limits.hosts } == true
    }

    private var scopes: [FleetScope] {
        var scopes = [FleetScope.instances, .total]
        if let label = settings.groupLabel { scopes.append(.groups(label)) }
        switch detail {
        case .none: break
        case .all: if asksForAllHosts { scopes.append(.hosts(of: nil)) }
        case .instance(let id): scopes.append(.hosts(of: id))
        }
        return scopes
    }

    /// The values that labels had in the last hour, once for each label.
    private var pastLabelRequests: [FleetRequest] {
        guard let end = answers.serverTime else { return [] }
        let queries = queries
        let dialects = presentDialects
        let found = Set(instances.values.flatMap { $0.labels.map(\.name) })
        let labels = found.filter { marks.isWatched($0) && !pastLabels.contains($0) }.sorted().prefix(4)
        return labels.flatMap { label in
            dialects.compactMap { dialect in
                queries.instances(of: dialect, by: label).map {
                    .range(
                        .values(of: label, dialect), $0, from: end - settings.historySeconds, to: end,
                        stepSeconds: max(15, settings.historySeconds / 120), round: round)
                }
            }
        }
    }
}

extension FleetScope {
    /// Sums of instances are made of the instances; only percentiles have to be asked for.
    func wants(_ measure: FleetMeasure, _ percentiles: Set<FleetMeasure.Percentile>) -> Bool {
        var isPercentile = false
        if case .responseTime(let percentile) = measure {
            isPercentile = true
            if !isOfOne, !percentiles.contains(percentile) { return false }
        }
        switch self {
        case .total, .groups: return isPercentile
        case .instances: return true
        case .hosts, .instance, .host: return measure != .hosts
        }
    }

    private var isOfOne: Bool {
        switch self {
        case .hosts(let instance): instance != nil
        case .instance, .host: true
        case .total, .groups, .instances: false
        }
    }
}
