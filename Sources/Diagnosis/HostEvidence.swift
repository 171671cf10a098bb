package import PoolModel

/// Everything that a diagnosis of one host may rest on.
package struct HostEvidence: Sendable {
    /// As the host is now, its texts made safe to show.
    package var host: HostSnapshot

    package init(host: HostSnapshot) { self.host = host }

    /// The one diagnosis, and what else is worth saying.
    package func findings() -> HostFindings {
        guard let cause = host.lastConnectFailure else { return HostFindings() }
        return HostFindings(
            main: Diagnosis(
                hostID: host.id, host: host.name, level: .bad, cause: .unreachable(cause, host.lastTLSFailure)))
    }
}
