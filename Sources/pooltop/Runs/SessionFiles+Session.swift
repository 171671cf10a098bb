import FoundationEssentials
import Recordings
import SessionConfig
import Sessions

extension SessionFiles {
    /// Opens the files requested by a session's plan.
    ///
    /// - Parameters:
    ///   - session: the session to write.
    ///   - command: the command that runs the session.
    ///   - interval: the interval of the log.
    ///   - onFailure: called on any thread with the reason if a file ends early; the session continues.
    /// - Throws: why a file cannot be written.
    convenience init(
        _ session: Session, command: String, interval: Duration,
        onFailure: @escaping @Sendable (CommandLineError) -> Void
    ) throws(CommandLineError) {
        let startedAt = session.startedAt.timeIntervalSince1970
        try self.init(
            session.plan.files, header: RecordingHeader(plan: session.plan, command: command, startedAt: startedAt),
            interval: interval, publish: try MetricsPublisher.start(session.plan.files.metrics), onFailure: onFailure)
    }
}
