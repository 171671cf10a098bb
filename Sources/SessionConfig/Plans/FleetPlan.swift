/// Everything that `pooltop fleet` was asked for.
package struct FleetPlan: Sendable, Equatable {
    /// The address of the Prometheus, below which its API is.
    package var url: TargetURL
    /// The series that are asked for: `job="api"`; nil: all.
    package var match: String?
    /// The label whose values make groups; nil: no groups.
    package var groupLabel: String?
    package var window = Duration.seconds(60)
    /// The Authorization field that questions carry; nil: none.
    package var authorization: String?
    package var tls = TLSPlan()
    /// How long an answer may take.
    package var timeout = Duration.seconds(10)
    package var checks: [CheckExpression] = []
    /// Nothing asks for a report.
    package var showsScreen = false
    package var screen = ScreenPlan()
    package var report = ReportPlan()
    /// How long lines of ndjson follow one another; nil: one look.
    package var duration: Duration?

    package init(url: TargetURL) { self.url = url }
}
