import Testing

@testable import MetricsText

@Suite("Content negotiation") struct AcceptHeaderTests {
    private static let cases: [(String?, ExpositionFormat)] = [
        (nil, .plainText), ("", .plainText), ("*/*", .plainText),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", .plainText),
        // Prometheus 2.42 and 3, as they send it.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1", .openMetrics
        ),
        ("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetricsDraft),
        ("application/openmetrics-text", .openMetrics),
        ("Application/OpenMetrics-Text; Version=\"1.0.0\"", .openMetrics),
        ("application/openmetrics-text;version=2.0.0", .plainText),
        ("application/openmetrics-text;version=2.0.0;q=1,text/plain;q=0.1", .plainText),
        ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;q=1, text/plain;q=0.3", .plainText),
        ("text/plain;q=0.2, application/openmetrics-text;version=1.0.0;q=0.1", .plainText),
        ("text/plain;q=0.1, application/openmetrics-text;version=1.0.0;q=0.200", .openMetrics),
        ("application/openmetrics-text;q=0, text/plain", .plainText), ("application/openmetrics-text;q=0", .plainText),
        ("*/*, application/openmetrics-text;version=1.0.0", .openMetrics),
        ("text/plain, application/openmetrics-text", .plainText),
        ("application/openmetrics-text, text/plain", .openMetrics),
        ("application/openmetrics-text;q=2", .plainText), ("application/openmetrics-text;q=nan", .plainText),
        (";;;,,,=,q=1", .plainText), ("a/b;x=\"1,application/openmetrics-text\"", .plainText),
        (String(repeating: "application/openmetrics-text,", count: 1000), .plainText),
    ]

    @Test("The format that a client prefers is chosen", arguments: cases)
    func negotiation(_ value: String?, _ expected: ExpositionFormat) {
        #expect(AcceptHeader.format(for: value) == expected)
    }

    @Test("Each format names its type, version and character set")
    func contentTypes() {
        #expect(ExpositionFormat.plainText.contentType == "text/plain; version=0.0.4; charset=utf-8")
        for format in ExpositionFormat.allCases {
            #expect(format.contentType.hasSuffix("; charset=utf-8"))
            #expect(AcceptHeader.format(for: format.contentType) == format)
        }
    }
}
