import AgentCore
import HTTP1
import PoolModel

/// The connections of one agent report to this, on its loop. The transport knows nothing more of the agent.
///
/// Every exchange passes here some five times. The protocol is internal and one class conforms to it, so that release
/// builds call that class directly.
protocol ConnectionReceiver: AnyObject {
    /// The time of what is being reported.
    var now: Moment { get }
    /// When the latest sweep over the sockets that are ready began.
    var sweptAt: Moment { get }

    /// Reports a fact that was read from a connection; exchanges that ended in this turn of the loop stay behind it.
    func report(_ event: AgentEvent)
    /// Reports any other fact, behind exchanges that ended in this turn.
    func send(_ event: AgentEvent)
    /// The connection has an end to hand over at the end of the turn (`HTTP1Connection.takeEnd`).
    func exchangeEnded(_ connection: HTTP1Connection)
    /// The connection has ended by itself.
    func lost(_ connection: HTTP1Connection, _ event: AgentEvent)
    /// A piece of a response came for which there is no fact.
    func heard(on id: ConnectionID)
    /// The caller of the exchange stopped reading, or reads again.
    func readingHeld(_ isHeld: Bool, on id: ConnectionID)
    func headSeen(_ status: Int, _ fields: HeadFields, on id: ConnectionID)
    /// An attempt of a dial has a TCP connection.
    func attemptConnected(_ connection: HTTP1Connection, attempt: Int, localPort: Int)
}
