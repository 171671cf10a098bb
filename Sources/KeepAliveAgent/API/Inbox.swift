import AgentCore
import NIOConcurrencyHelpers
import NIOCore

/// Requests on their way from their callers' threads to the loop. Those that come while the loop is busy are taken
/// together, so that it is woken once for them. The lock is held for a few instructions.
final class Inbox: Sendable {
    struct Arrival: Sendable {
        let request: PreparedRequest
        let slot: ExchangeSlot
        /// Held, as `BodyReader` says.
        let agent: any AnyObject & Sendable
        let continuation: Answers.Answer

        /// The agent's loop has gone.
        func refuse() { continuation.resume(returning: .failure(AgentError(cause: .shutdown))) }
    }

    private let arrivals = NIOLockedValueBox<[Arrival]>([])

    /// True: the loop has to be told.
    func add(_ arrival: Arrival) -> Bool {
        arrivals.withLockedValue { arrivals in
            arrivals.append(arrival)
            return arrivals.count == 1
        }
    }

    /// In the order in which they came.
    func takeAll() -> [Arrival] {
        arrivals.withLockedValue { arrivals in
            var taken: [Arrival] = []
            swap(&taken, &arrivals)
            arrivals.reserveCapacity(taken.count)
            return taken
        }
    }
}
