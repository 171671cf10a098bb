import AgentCore
import PoolModel

/// Told what happens to an agent's connections, on its loop.
protocol ConnectionObserver: AnyObject {
    /// The machine has taken a fact in.
    func happened(_ event: AgentEvent, _ machine: AgentMachine)
    func closed(_ id: ConnectionID, _ reason: CloseReason)
    func retried(on id: ConnectionID)
    /// The agent has stopped.
    func finish()
}
