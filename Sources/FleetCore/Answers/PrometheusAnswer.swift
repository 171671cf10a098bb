package import MetricsText

/// The answer of Prometheus's HTTP API to one question, as plain values. Texts in it are not safe to print.
package struct PrometheusAnswer: Sendable, Equatable {
    package enum Result: Sendable, Equatable {
        /// Values of a label.
        case names([String])
        /// The labels of series without values.
        case labels([[MetricSample.Label]])
        /// One sample of each series.
        case vector([Series])
        /// Samples of each series over a time.
        case matrix([Series])
    }

    package struct Series: Sendable, Equatable {
        package var labels: [MetricSample.Label]
        package var points: [Point]

        package subscript(label label: String) -> String? {
            labels.first { $0.name == label }?.value
        }
    }

    package struct Point: Sendable, Equatable {
        /// Seconds since 1970 by Prometheus's clock.
        package var time: Double
        /// It may be infinite or no number at all.
        package var value: Double

        /// Nil: nothing can be counted with it.
        package var finite: Double? { value.isFinite ? value : nil }
    }

    package internal(set) var result: Result
    /// Doubts that Prometheus itself has about the answer.
    package internal(set) var warnings: [String] = []
    /// True: there were more series, values or points than the limits allow, and the rest was left out.
    package internal(set) var isTruncated = false
    /// Elements that could not be read, such as native histograms.
    package internal(set) var skipped = 0

    /// The series of a vector or matrix; empty for anything else.
    package var series: [Series] {
        switch result {
        case .vector(let series), .matrix(let series): series
        case .names, .labels: []
        }
    }
}

extension PrometheusAnswer {
    /// Raw samples as the expositions that were scraped, oldest first, from each of which `MetricsSource` makes a snapshot
    /// of one process. All samples of a scrape have the same time.
    package var scrapes: [(time: Double, exposition: Exposition)] {
        var scrapes: [Int: [String: MetricFamily]] = [:]
        for series in series {
            guard let name = series[label: "__name__"] else { continue }
            let labels = series.labels.filter { $0.name != "__name__" }
            for point in series.points where abs(point.time) < 1e12 {
                scrapes[Int((point.time * 1000).rounded()), default: [:]][name, default: MetricFamily(name: name)]
                    .samples.append(MetricSample(name: name, labels: labels, value: point.value))
            }
        }
        return scrapes.keys.sorted().map { key in
            let families = scrapes[key] ?? [:]
            return (Double(key) / 1000, Exposition(families: families.keys.sorted().compactMap { families[$0] }))
        }
    }
}

/// Why there is no answer. Raw texts are not safe to print.
package enum PrometheusFailure: Error, Equatable, Sendable {
    /// No answer came: refused, timed out, and the like, in the words of the one who asked.
    case unreachable(String)
    /// No answer came for so many seconds.
    case tooSlow(Double)
    /// An answer without a body of the API, by its HTTP status.
    case status(Int)
    /// It wants other credentials, by its HTTP status.
    case unauthorized(Int)
    /// More bytes than the limit.
    case tooLarge(limit: Int)
    /// More values than the limit.
    case tooMany(limit: Int)
    /// Something else than the API's JSON.
    case notPrometheus(String)
    /// Prometheus's own words.
    case refused(type: String, message: String)

    /// The stable label in JSON.
    package var label: String {
        switch self {
        case .unreachable: "unreachable"
        case .tooSlow: "tooSlow"
        case .status: "status"
        case .unauthorized: "unauthorized"
        case .tooLarge, .tooMany: "tooLarge"
        case .notPrometheus: "notPrometheus"
        case .refused: "refused"
        }
    }
}
