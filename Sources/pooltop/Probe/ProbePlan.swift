/// What a probe shall do.
struct ProbePlan: Sendable, Equatable {
    /// Targets, requests, DNS, TLS and the time limits of connecting and of one exchange. It has no load.
    var session: SessionPlan
    /// How long connections are held idle and requests are counted, at the most; zero: neither is done.
    var maxWait = ProbePlan.defaultMaxWait
    /// Requests on one connection, at the most; zero: they are not counted.
    var requests = ProbePlan.defaultRequests
    var json = false
    /// nil: standard output.
    var outputFile: String?
    /// No progress line.
    var isQuiet = false

    /// Most servers' limits are at 60 s or below.
    static let defaultMaxWait = Duration.seconds(70)
    /// nginx's default is 1,000 (100 before 1.19.10), Apache's 100.
    static let defaultRequests = 1000

    init(session: SessionPlan) { self.session = session }
}
