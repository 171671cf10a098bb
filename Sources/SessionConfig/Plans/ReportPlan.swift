/// The reports of a run, and where they are written.
package enum ReportFormat: String, CaseIterable, Sendable {
    /// For people.
    case text
    /// One object when the run is over.
    case json
    /// A line per interval, and the object last, on one line.
    case ndjson
}

/// How a run is reported.
package struct ReportPlan: Sendable, Equatable {
    package var format = ReportFormat.text
    /// Between two lines of `ndjson`, and between two updates of the progress line, which never has more than two a second.
    package var interval = Duration.seconds(1)
    /// nil: standard output.
    package var outputFile: String?
    /// No progress line.
    package var isQuiet = false

    package init(
        format: ReportFormat = .text, interval: Duration = .seconds(1),
        outputFile: String? = nil, isQuiet: Bool = false
    ) {
        self.format = format
        self.interval = interval
        self.outputFile = outputFile
        self.isQuiet = isQuiet
    }
}
