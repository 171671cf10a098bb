import MetricsText

/// Figures over time, of the whole fleet or of one instance, for charts that are full at once.
package struct FleetHistory: Sendable {
    package struct Point: Sendable, Equatable {
        /// Seconds since 1970 by our clock.
        package var time: Double
        package var figures: FleetFigures

        package init(time: Double, figures: FleetFigures) {
            self.time = time
            self.figures = figures
        }
    }

    /// The questions that are asked at once; a row of it is one moment.
    package private(set) var requests: [FleetRequest] = []
    package private(set) var problems: [FleetProblem] = []
    private let windowSeconds: Double
    private let clockOffset: Double
    private var open: Set<FleetRequest.Question> = []
    private var readings: [Dialect: [Int: FleetReadings]] = [:]
    private var asked: [Dialect: Set<FleetMeasure>] = [:]
    /// Points of a chart.
    private static let maxPoints = 240.0

    /// `end` is the last moment, by Prometheus's clock; the time between two points is longer than `stepSeconds` where
    /// there would be too many.
    init(
        _ queries: FleetQueries, _ dialects: [Dialect], scope: FleetScope, end: Double, seconds: Double,
        stepSeconds: Double, clockOffset: Double, round: Int,
        percentiles: Set<FleetMeasure.Percentile>
    ) {
        windowSeconds = queries.windowSeconds
        self.clockOffset = clockOffset
        let step = max(stepSeconds, seconds / Self.maxPoints, 1)
        for dialect in dialects {
            for measure in FleetMeasure.all(of: dialect, names: queries.names) where measure != .hosts {
                if case .responseTime(let percentile) = measure, !percentiles.contains(percentile) { continue }
                guard let query = queries.query(measure, of: dialect, scope) else { continue }
                requests.append(
                    .range(
                        .measure(measure, dialect, scope), query, from: end - seconds, to: end, stepSeconds: step,
                        round: round))
            }
        }
        open = Set(requests.map(\.question))
    }

    /// True if no question is open.
    package var isComplete: Bool { open.isEmpty }

    package mutating func receive(
        _ answer: Result<PrometheusAnswer, PrometheusFailure>, to request: FleetRequest
    ) {
        guard open.remove(request.question) != nil, case .measure(let measure, let dialect, _) = request.question else {
            return
        }
        switch answer {
        case .failure(let failure): note(.failure(failure))
        case .success(let answer):
            guard case .matrix(let series) = answer.result else {
                return note(.failure(.notPrometheus("another type of result than the question has")))
            }
            asked[dialect, default: []].insert(measure)
            let estimate = MetricsWriter.estimateLabel
            for series in series {
                let isEstimate = series[label: estimate.name] == estimate.value
                for point in series.points {
                    guard point.value.isFinite, abs(point.time) < 1e12 else { continue }
                    // Every series of a range has the same times.
                    let key = Int((point.time * 1000).rounded())
                    readings[dialect, default: [:]][key, default: FleetReadings()].add(
                        measure, point.value, isEstimate: isEstimate)
                }
            }
        }
    }

    private mutating func note(_ kind: FleetProblem.Kind) {
        if let known = problems.firstIndex(where: { $0.kind == kind }) { return problems[known].count += 1 }
        problems.append(FleetProblem(kind: kind, count: 1))
    }

    /// In the order of time. A moment at which nothing was there has no point.
    package var points: [Point] {
        var points: [Int: FleetFigures] = [:]
        for dialect in Dialect.allCases {
            let questions = FleetQuestions(dialect, asked: asked[dialect] ?? [])
            for (key, readings) in readings[dialect] ?? [:] {
                let figures = FiguresOfReadings(readings, questions, windowSeconds: windowSeconds).figures
                points[key] = points[key].map { $0 + figures } ?? figures
            }
        }
        return points.keys.sorted().compactMap { key in
            points[key].map { Point(time: Double(key) / 1000 + clockOffset, figures: $0) }
        }
    }
}

extension FleetMachine {
    /// Charts of the time until the last round; nil: no round has ended.
    package func history(of scope: FleetScope) -> FleetHistory? {
        guard let measured, let serverTime = measured.serverTime else { return nil }
        let dialects =
            switch scope {
            case .instance(let id): (instances[id]?.dialects).map { Dialect.allCases.filter($0.contains) } ?? []
            case .host(let id, _): (instances[id]?.dialects).map { Dialect.allCases.filter($0.contains) } ?? []
            case .total, .groups, .instances, .hosts: presentDialects
            }
        return FleetHistory(
            queries, dialects, scope: scope, end: serverTime, seconds: settings.historySeconds,
            stepSeconds: slowestInterval ?? 15, clockOffset: measured.at - serverTime, round: round,
            percentiles: settings.percentiles)
    }

    /// Asks for the samples of one instance in the last seconds, which `PrometheusAnswer.scrapes` and `MetricsSource` make
    /// the usual overview of. Nil: it is not there.
    package func samplesRequest(of id: InstanceID, seconds: Double) -> FleetRequest? {
        guard let known = instances[id], known.isPresent else { return nil }
        let query = queries.samples(of: id, Dialect.allCases.filter(known.dialects.contains), seconds: seconds)
        return .query(.samples(id), query, time: nil, round: round)
    }

    /// The seconds by which our clock is ahead of Prometheus's; zero: not known.
    package var clockOffset: Double {
        measured.flatMap { measured in measured.serverTime.map { measured.at - $0 } } ?? 0
    }
}
