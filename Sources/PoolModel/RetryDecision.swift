/// The decision about a request whose connection died under it, and the reason for it (RFC 9110 §9.2.2, RFC 9112
/// §9.3.1). There is exactly one for each such death.
///
/// The raw value is a stable label; a case is never reused for another reason.
public enum RetryDecision: String, CaseIterable, Codable, Sendable {
    /// Sent again: no byte of it had been written, so any request may continue.
    case unwritten
    /// Sent again: it may be repeated, and no byte of a response had arrived.
    case repeatable
    /// Not sent again: the connection was fresh, so the server cannot have closed it as idle.
    case freshConnection
    /// Not sent again: this was already the retry.
    case alreadyRetried
    /// Not sent again: a byte of a response, possibly an interim one, had arrived.
    case responseBegun
    /// Not sent again: it had been written and is neither idempotent nor declared to be.
    case notIdempotent
    /// Not sent again: its body cannot be produced a second time.
    case notReplayable
    /// Not sent again: `AgentSettings.retries` is zero.
    case switchedOff
    /// Not sent again: `AgentSettings.retryBudget` was used up.
    case budget
    /// Not sent again: its own time limit had passed, or the agent had stopped.
    case tooLate

    /// True if the request was sent again.
    public var isRetry: Bool {
        switch self {
        case .unwritten, .repeatable: true
        case .freshConnection, .alreadyRetried, .responseBegun, .notIdempotent, .notReplayable, .switchedOff, .budget,
            .tooLate:
            false
        }
    }
}
