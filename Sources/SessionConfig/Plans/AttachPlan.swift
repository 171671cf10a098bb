/// Everything that `pooltop attach` was asked for.
package struct AttachPlan: Sendable, Equatable {
    /// An agent as a person names it.
    package enum Target: Sendable, Equatable {
        case pid(Int)
        case socket(String)
        /// An endpoint that publishes metrics.
        case metrics(TargetURL)

        package var text: String {
            switch self {
            case .pid(let pid): "\(pid)"
            case .socket(let path): path
            case .metrics(let url): url.origin + url.path
            }
        }
    }

    /// nil: what can be attached to is listed.
    package var target: Target?
    /// The process behind an endpoint for metrics, whose connections the kernel counts beside them; nil: not known.
    package var pid: Int?
    /// Settings of the agent may be changed.
    package var mayChange = false
    /// Changes of the agent's settings at their times.
    package var changes: [TimedChange] = []
    /// A hook is put into a running Node without a question.
    package var isAgreed = false
    /// How long to look; nil: until stopped. Only a report ends by itself.
    package var duration: Duration?
    package var checks: [CheckExpression] = []
    /// The report; nil: the screen is wanted.
    package var report: ReportPlan?
    package var screen = ScreenPlan()
    /// nil: no recording.
    package var recording: String?
    /// nil: no metrics are served.
    package var metrics: MetricsAddress?

    package init() {}
}
