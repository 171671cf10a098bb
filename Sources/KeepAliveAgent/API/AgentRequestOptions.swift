/// Options of a single request.
public struct AgentRequestOptions: Sendable, Equatable {
    /// The time limit from the request's arrival at the agent to its last response byte; nil:
    /// `AgentSettings.requestTimeout`. Default nil. Time that the response body spends waiting for its reader counts.
    /// Matches `options.timeout` of Node's `http.request`, which however limits inactivity and not the total.
    public var timeout: Duration?
    /// Whether the request may be sent again after a reused connection died without an answer (RFC 9110 §9.2.2); nil:
    /// only if its method is GET, HEAD, OPTIONS, TRACE, PUT or DELETE. Default nil. A request with a streamed body is
    /// never sent twice, whatever this says. Node's http.Agent leaves this decision to its caller (`req.reusedSocket`).
    public var isIdempotent: Bool?

    /// Creates options; those left out keep their defaults.
    public init(timeout: Duration? = nil, isIdempotent: Bool? = nil) {
        self.timeout = timeout
        self.isIdempotent = isIdempotent
    }
}
