import Foundation
import Recordings
import SessionConfig
import Sessions

extension SessionFiles {
    /// Opens the files of a session's plan.
    ///
    /// - Parameters:
    ///   - session: what is written.
    ///   - command: whose session it is.
    ///   - interval: of the log.
    ///   - onFailure: told, on any thread, why a file ends; the session goes on.
    /// - Throws: why a file cannot be written.
    convenience init(
        _ session: Session, command: String, interval: Duration,
        onFailure: @escaping @Sendable (CommandLineError) -> Void
    ) throws(CommandLineError) {
        let startedAt = session.startedAt.timeIntervalSince1970
        try self.init(
            session.plan.files, header: RecordingHeader(plan: session.plan, command: command, startedAt: startedAt),
            interval: interval, onFailure: onFailure)
    }
}
