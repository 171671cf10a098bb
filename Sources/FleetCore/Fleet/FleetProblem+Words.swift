import PlainDocuments

extension FleetProblem {
    /// The stable label in JSON.
    package var label: String {
        switch kind {
        case .failure(let failure): failure.label
        case .warning: "warning"
        case .truncated: "truncated"
        case .tooManyHosts: "tooManyHosts"
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
        case .tooManyHosts(let count, let limit):
            "\(NumberFormat.count(count)) hosts are more than the \(NumberFormat.count(limit)) that are listed at most, so "
                + "none is; --match narrows it down"
        case .noMetrics: "No metric of a name that is known was found"
        case .windowLengthened: "Rates are over four scrapes, which is longer than --window"
        }
    }
}

extension PrometheusFailure {
    /// True: Prometheus's own limits are in the way, on time (`query.timeout`) or on memory (`query.max-samples`).
    private var isOverLimit: Bool {
        guard case .refused(let type, let message) = self else { return false }
        return type == "timeout" || message.contains("too many samples") || message.contains("timed out")
    }

    /// One sentence, safe to print.
    package var sentence: String {
        switch self {
        case .unreachable(let text): "Prometheus does not answer: \(PlainText.clean(text))"
        case .status(let status): "Prometheus answers with status \(status)"
        case .tooSlow(let seconds):
            "An answer takes more than \(NumberFormat.duration(seconds)): --timeout allows more, and --match and a shorter "
                + "--window ask for less"
        case .unauthorized(403): "Prometheus does not let these credentials read it (status 403)"
        case .unauthorized(let status):
            "Prometheus wants other credentials (status \(status)): --bearer-file, --basic-file, or --cert and --key"
        case .tooLarge(let limit):
            "An answer has more than \(NumberFormat.bytes(limit)); --match narrows it down"
        case .tooMany(let limit):
            "An answer has more than \(NumberFormat.count(limit)) values; --match narrows it down"
        case .notPrometheus(let text): "The answer is not Prometheus's: \(PlainText.clean(text))"
        case .refused(let type, let message):
            "Prometheus refuses the query (\(PlainText.clean(type))): \(PlainText.clean(message))"
                + (isOverLimit ? "; --match and a shorter --window ask for less" : "")
        }
    }
}
