package import AgentCore

/// How a request ended.
package enum RequestOutcome: Sendable {
    case succeeded(status: Int)
    case failed(AgentError)
    case cancelled
}

/// Told once for each of its requests.
package protocol RequestOwner: AnyObject {
    func requestEnded(_ token: Int, _ outcome: RequestOutcome)
}

/// Told of a whole exchange: where the request was written, the response as it comes, and once how it ended.
///
/// Internal, and one class conforms to it, as with `ConnectionReceiver`.
protocol ExchangeReceiver: ResponseReceiver {
    func wasWritten(to connection: HTTP1Connection, isReused: Bool)
    func requestEnded(_ outcome: RequestOutcome)
}

/// The receiver of the news that a request ended.
enum RequestSink {
    /// The token is the owner's own.
    case owner(any RequestOwner, token: Int)
    /// One that also wants the response's head and body.
    case exchange(any ExchangeReceiver)

    func requestEnded(_ outcome: RequestOutcome) {
        switch self {
        case .owner(let owner, let token): owner.requestEnded(token, outcome)
        case .exchange(let exchange): exchange.requestEnded(outcome)
        }
    }
}
