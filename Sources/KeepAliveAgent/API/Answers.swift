/// Answers of one turn of the loop on their way to their callers.
///
/// Each continuation that the loop resumes may wake a thread, which costs the loop more than the exchange did. Those of
/// one turn are therefore resumed by one task, on a thread that is awake by then.
final class Answers {
    typealias Answer = CheckedContinuation<Result<AgentResponse, AgentError>, Never>

    // Touched for every answer, by one statement at a time and on one thread.
    @exclusivity(unchecked) private var waiting: [(Answer, Result<AgentResponse, AgentError>)] = []

    func add(_ answer: Answer, _ result: Result<AgentResponse, AgentError>) {
        waiting.append((answer, result))
    }

    func deliver() {
        if waiting.isEmpty { return }
        let batch = waiting
        waiting.removeAll()
        if batch.count > 1 { Task { Answers.deliver(batch) } } else { Answers.deliver(batch) }
    }

    private static func deliver(_ batch: [(Answer, Result<AgentResponse, AgentError>)]) {
        for (answer, result) in batch { answer.resume(returning: result) }
    }
}
