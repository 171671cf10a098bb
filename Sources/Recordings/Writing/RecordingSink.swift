import PlainDocuments
import PoolModel
import Reporting
import SessionConfig

/// Writes a recording to its file. The file gets its name with the first snapshot, so that an interrupted recording can
/// be replayed up to its last complete line. Until then, an earlier recording with that name is kept.
struct RecordingSink: BackgroundSink {
    enum Item {
        case snapshot(AgentSnapshot, startsMeasuring: Bool)
        case end(measuredSeconds: Double?)
    }

    private let header: RecordingHeader
    private var file: ReportFile
    private var encoder = RecordingEncoder()
    private var hasAppeared = false

    init(path: String, header: RecordingHeader) throws(CommandLineError) {
        file = try ReportFile(path: path, option: "--record")
        self.header = header
    }

    mutating func write(_ item: Item) throws(CommandLineError) {
        switch item {
        case .end(let seconds):
            guard hasAppeared else { return }
            try file.write(encoder.end(measuredSeconds: seconds))
        case .snapshot(let snapshot, let startsMeasuring):
            let line: String
            do {
                line = try encoder.line(of: snapshot, startsMeasuring: startsMeasuring)
            } catch {
                throw CommandLineError(.cannotRun, "cannot record a snapshot: \(error)")
            }
            guard !hasAppeared else { return try file.write(line) }
            try file.write(header.document.line + "\n" + line)
            try file.appear()
            hasAppeared = true
        }
    }

    /// Without a snapshot no recording is created.
    func finish() throws(CommandLineError) {
        guard hasAppeared else { return file.abandon() }
        try file.finish()
    }

    func abandon() { file.abandon() }
}
