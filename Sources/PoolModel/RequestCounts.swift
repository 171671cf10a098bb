/// `started = succeeded + failed + cancelled + inFlight + queued` at every instant.
public struct RequestCounts: Sendable, Equatable {
    /// Given to the agent.
    public var started = 0
    /// A complete response was received, whatever its status.
    public var succeeded = 0
    /// Ended with an error.
    public var failed = 0
    /// Given up by the caller.
    public var cancelled = 0
    /// On a connection now.
    public var inFlight = 0
    /// Waiting for a connection now.
    public var queued = 0
    /// Sent again after a reused connection died.
    public var retried = 0
    /// Retries that were due by the rules and refused because the budget was used up.
    public var retriesRefused = 0
    /// Requests whose connection died under them, by what became of them. `retried` is the sum of those sent again, and
    /// `retriesRefused` one of the others.
    public var retryDecisions = CountsBy<RetryDecision>()
    /// Put on a connection that had carried no exchange before.
    public var onNewConnection = 0
    /// Put on a connection that had carried an exchange before.
    public var onReusedConnection = 0

    /// All zero.
    public init() {}

    /// Exchanges on an already used connection ÷ all exchanges; nil before the first.
    public var reuseRatio: Double? {
        let all = onNewConnection + onReusedConnection
        return all == 0 ? nil : Double(onReusedConnection) / Double(all)
    }
}

/// The rows of these counts: each has its own, in the order of the report.
extension RequestCounts {
    static let rows: [Counter<HostMetrics>] = [
        Counter("requests.started", .requests, .total, .requests, \.requests.started, "Requests given to the agent."),
        Counter(
            "requests.succeeded", .requests, .total, .requests, \.requests.succeeded,
            "Requests with a complete response, whatever its status."),
        Counter("requests.failed", .errors, .total, .requests, \.requests.failed, "Requests that ended with an error."),
        Counter(
            "requests.cancelled", .requests, .total, .requests, \.requests.cancelled,
            "Requests that their caller gave up."),
        Counter(
            "requests.inFlight", .activity, .present, .requests, \.requests.inFlight, "Requests on a connection now."),
        Counter(
            "requests.queued", .queue, .present, .requests, \.requests.queued,
            "Requests that wait for a connection now."),
        Counter(
            "requests.retried", .errors, .total, .requests, \.requests.retried,
            "Requests sent again after a reused connection died."),
        Counter(
            "requests.onNewConnection", .reuse, .total, .requests, \.requests.onNewConnection,
            "Requests put on a connection that had carried none before."),
        Counter(
            "requests.onReusedConnection", .reuse, .total, .requests, \.requests.onReusedConnection,
            "Requests put on a connection that had carried another before."),
        Counter(
            "requests.retriesRefused", .errors, .total, .requests, \.requests.retriesRefused,
            "Retries that were due and refused because the budget was used up."),
    ]

    static let labelledRows: [LabelledCounter<HostMetrics>] = [
        LabelledCounter(
            "requests.retryDecisions", .errors, .requests, \.requests.retryDecisions,
            "Requests whose connection died under them, by what became of them.")
    ]
}
