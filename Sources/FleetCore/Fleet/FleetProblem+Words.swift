import PlainDocuments

extension FleetProblem {
    /// The stable label in JSON.
    package var label: String {
        switch kind {
        case .failure(let failure): failure.label
        case .warning: "warning"
        case .truncated: "truncated"
        case .noMetrics: "noMetrics"
        case .windowLengthened: "windowLengthened"
        }
    }

    /// One sentence, safe to print.
    package var sentence: String {
        switch kind {
        case .failure(let failure): failure.sentence
        case .warning(let text): "Prometheus warns: \(PlainText.clean(text))"
        case .truncated: "An answer was longer than the limit, and the rest of it was left out; --match narrows it down"
        case .noMetrics: "No metric of a name that is known was found"
        case .windowLengthened: "Rates are over four scrapes, which is longer than --window"
        }
    }
}

extension PrometheusFailure {
    /// One sentence, safe to print.
    package var sentence: String {
        switch self {
        case .unreachable(let text): "Prometheus does not answer: \(PlainText.clean(text))"
        case .status(let status): "Prometheus answers with status \(status)"
        case .unauthorized(let status): "Prometheus wants other credentials (status \(status))"
        case .tooLarge(let limit):
            "An answer has more than \(NumberFormat.bytes(limit)); --match narrows it down"
        case .tooMany(let limit):
            "An answer has more than \(NumberFormat.count(limit)) values; --match narrows it down"
        case .notPrometheus(let text): "The answer is not Prometheus's: \(PlainText.clean(text))"
        case .refused(let type, let message):
            "Prometheus refuses the query (\(PlainText.clean(type))): \(PlainText.clean(message))"
        }
    }
}
