/// A text format for metrics.
package enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// OpenMetrics 1.0.0.
    case openMetrics
    /// OpenMetrics 0.0.1, whose text is the same for everything that the writer uses.
    case openMetricsDraft
    /// The text format of Prometheus, version 0.0.4.
    case plainText

    /// The value of the Content-Type field of a response.
    package var contentType: String {
        switch self {
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .openMetricsDraft: "application/openmetrics-text; version=0.0.1; charset=utf-8"
        case .plainText: "text/plain; version=0.0.4; charset=utf-8"
        }
    }

    /// True for the formats with `# EOF`, `# UNIT`, and families whose names lack `_total`.
    var isOpenMetrics: Bool {
        switch self {
        case .openMetrics, .openMetricsDraft: true
        case .plainText: false
        }
    }
}
