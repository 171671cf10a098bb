/// The plan of a probe.
package struct ProbePlan: Sendable, Equatable {
    /// Targets, requests, DNS, TLS and the time limits of connecting and of one exchange. It has no load.
    package var session: SessionPlan
    /// How long connections are held idle and requests are counted, at the most; zero: neither is done.
    package var maxWait = ProbePlan.defaultMaxWait
    /// Requests on one connection, at the most; zero: they are not counted.
    package var requests = ProbePlan.defaultRequests
    package var json = false
    /// nil: standard output.
    package var outputFile: String?
    /// No progress line.
    package var isQuiet = false

    /// Most servers' limits are at 60 s or below.
    package static let defaultMaxWait = Duration.seconds(70)
    /// nginx's default is 1,000 (100 before 1.19.10), Apache's 100.
    package static let defaultRequests = 1000

    package init(session: SessionPlan) { self.session = session }
}
