package import AgentCore

/// How a request ended.
package enum RequestOutcome: Sendable {
    case succeeded(status: Int)
    case failed(AgentError)
    case cancelled
}

/// Who is told that a request ended.
package enum RequestSink {
    /// The token is the owner's own.
    case owner(any RequestOwner, token: Int)
    /// One that also wants the response's head and body.
    case exchange(Exchange)

    func requestEnded(_ outcome: RequestOutcome) {
        switch self {
        case .owner(let owner, let token): owner.requestEnded(token, outcome)
        case .exchange(let exchange): exchange.requestEnded(outcome)
        }
    }
}

/// Told once for each of its requests.
package protocol RequestOwner: AnyObject {
    func requestEnded(_ token: Int, _ outcome: RequestOutcome)
}
