/// What became of a request whose connection died under it, and why (RFC 9110 §9.2.2, RFC 9112 §9.3.1). Each such death
/// has exactly one.
///
/// The raw value is a stable label; a case is never reused for another reason.
public enum RetryDecision: String, CaseIterable, Codable, Sendable {
    /// Sent again: not a byte of it had been written, so any request may go on.
    case unwritten
    /// Sent again: it may be repeated, and not a byte of a response had come.
    case repeatable
    /// Not sent again: the connection was fresh, so the server did not end it for being idle.
    case freshConnection
    /// Not sent again: it had been sent again already.
    case alreadyRetried
    /// Not sent again: a byte of a response, an interim one included, had come.
    case responseBegun
    /// Not sent again: it had been written, and is neither idempotent nor declared so.
    case notIdempotent
    /// Not sent again: its body cannot be had from the start again.
    case notReplayable
    /// Not sent again: `AgentSettings.retries` is zero.
    case switchedOff
    /// Not sent again: `AgentSettings.retryBudget` was used up.
    case budget
    /// Not sent again: its own time was over, or the agent had stopped.
    case tooLate

    /// True where the request was sent again.
    public var isRetry: Bool {
        switch self {
        case .unwritten, .repeatable: true
        case .freshConnection, .alreadyRetried, .responseBegun, .notIdempotent, .notReplayable, .switchedOff, .budget,
            .tooLate:
            false
        }
    }
}
