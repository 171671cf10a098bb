import MetricsServing
import PoolModel
import Reporting
import SessionConfig

/// Serves the snapshots of a session while it goes on, where `--metrics` asks for it.
enum MetricsPublisher {
    /// - Returns: what takes every snapshot.
    /// - Throws: why nobody can listen there.
    static func start(_ address: MetricsAddress?) throws(CommandLineError) -> @Sendable (AgentSnapshot) -> Void {
        guard let address else { return { _ in } }
        do throws(MetricsServerError) {
            let server = try MetricsServer(host: address.host, port: address.port)
            if address.port == 0 {
                StandardStreams.writeError("pooltop: metrics on http://\(address.host):\(server.port)/metrics\n")
            }
            return { server.publish($0) }
        } catch {
            throw CommandLineError(.cannotRun, "--metrics: \(error.description)")
        }
    }
}
