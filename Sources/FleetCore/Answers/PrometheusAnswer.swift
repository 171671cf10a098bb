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
    /// A vector of raw samples as an exposition, from which `MetricsSource` makes a snapshot of one process. The labels
    /// of the target are no labels of the exporter's.
    package var exposition: Exposition {
        var families: [String: MetricFamily] = [:]
        for series in series {
            guard let name = series[label: "__name__"], let point = series.points.last else { continue }
            let labels = series.labels.filter { $0.name != "__name__" }
            families[name, default: MetricFamily(name: name)].samples.append(
                MetricSample(name: name, labels: labels, value: point.value))
        }
        return Exposition(families: families.keys.sorted().compactMap { families[$0] })
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
