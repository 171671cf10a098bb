/// What is particular to one request.
public struct AgentRequestOptions: Sendable, Equatable {
    /// From the request's arrival at the agent to its last response byte; nil: as `AgentSettings.requestTimeout` says.
    /// Default nil. The time that the response body waits for its reader counts. Matches `options.timeout` of Node's
    /// `http.request`, which measures silence and not the whole.
    public var timeout: Duration?
    /// Whether the request may be sent again after a reused connection died without an answer (RFC 9110 §9.2.2); nil:
    /// where its method is GET, HEAD, OPTIONS, TRACE, PUT or DELETE. Default nil. A body that comes as a stream is
    /// never sent twice, whatever this says. Node's http.Agent leaves this to its caller (`req.reusedSocket`).
    public var isIdempotent: Bool?

    /// Options that differ from the defaults where they are given.
    public init(timeout: Duration? = nil, isIdempotent: Bool? = nil) {
        self.timeout = timeout
        self.isIdempotent = isIdempotent
    }
}
