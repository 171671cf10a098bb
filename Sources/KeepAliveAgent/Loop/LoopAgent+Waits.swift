package import AgentCore
package import PoolModel

/// How long hosts are waited for, and which of them may leave.
extension LoopAgent {
    /// A host that may leave, the one that has been idle longest; nil: all are in use.
    func idleLongest() -> HostID? { storage.pointee.idleLongest() }

    /// When a dial to the host may serve a request again; in the past: now.
    package func dialAllowed(to host: HostID) -> Moment { storage.pointee.dialAllowed(to: host, now) }

    /// A piece of a response came for which there is no fact.
    func heard(on id: ConnectionID) { storage.pointee.heard(on: id, now: now) }

    /// The caller of the exchange stopped reading, or reads again.
    func readingHeld(_ isHeld: Bool, on id: ConnectionID) { storage.pointee.readingHeld(isHeld, on: id, now: now) }
}
