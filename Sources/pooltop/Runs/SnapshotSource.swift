import PoolModel
import Sessions

/// Screens, reports and recordings are made of its snapshots: our own agent under load, or the kernel's view of other
/// processes.
protocol SnapshotSource: Sendable {
    /// The state now. `socketsFor`: the hosts whose connections are listed in it.
    func snapshot(socketsFor: Set<Int>) async throws -> AgentSnapshot
    func shutdown() async throws
}

extension Session: SnapshotSource {}
