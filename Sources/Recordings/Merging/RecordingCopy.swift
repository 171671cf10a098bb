import PlainDocuments
import PoolModel
import Reporting
package import SessionConfig

/// Writes files from a recording, as the session would have written them.
package struct RecordingCopy {
    private let recording: Recording
    private let interval: Double

    /// `interval`: that of the log of durations.
    package init(recording: Recording, interval: Duration) {
        self.recording = recording
        self.interval = interval.asSeconds
    }

    package func write(_ plan: FilesPlan) throws(CommandLineError) {
        if let path = plan.recording { try writeRecording(path) }
        if let path = plan.hdrLog { try writeLog(path) }
    }

    private static func named(_ option: String, _ error: CommandLineError) -> CommandLineError {
        error.message.hasPrefix(option) ? error : CommandLineError(error.status, "\(option): \(error.message)")
    }

    private func writeRecording(_ path: String) throws(CommandLineError) {
        let file = try ReportFile(path: path, option: "--record")
        do throws(CommandLineError) {
            try file.write(recording.header.document.line + "\n")
            for line in recording.lines { try file.write(String(decoding: line.bytes, as: UTF8.self) + "\n") }
            let end = RecordingEncoder.end(
                number: recording.lines.count + 1, measuredSeconds: recording.measuredSeconds)
            try file.write(end)
            try file.finish()
        } catch {
            file.abandon()
            throw Self.named("--record", error)
        }
    }

    /// The log begins where measuring does.
    private func writeLog(_ path: String) throws(CommandLineError) {
        var log = try HdrLogSink(path: path)
        do throws(CommandLineError) {
            var cursor = RecordingCursor()
            var logged: Double?
            while let snapshot = cursor.next(of: recording) {
                guard cursor.index > recording.measuringFrom else { continue }
                let isLast = cursor.index == recording.lines.count
                let since = logged.map { snapshot.uptimeSeconds - $0 } ?? .infinity
                guard isLast || since >= interval * 0.95 else { continue }
                try log.write(snapshot)
                logged = snapshot.uptimeSeconds
            }
            try log.finish()
        } catch {
            log.abandon()
            throw Self.named("--hdr-log", error)
        }
    }
}
