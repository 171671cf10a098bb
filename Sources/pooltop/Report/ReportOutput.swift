/// Where a report goes: a file that appears when it is complete, or standard output.
struct ReportOutput {
    /// nil: standard output.
    private let file: ReportFile?
    private let channels: ReportChannels

    /// Opened before anything is begun whose report could not be written.
    init(path: String?, channels: ReportChannels) throws(CommandLineError) {
        if let path { file = try ReportFile(path: path) } else { file = nil }
        self.channels = channels
    }

    func write(_ text: String) throws(CommandLineError) {
        if let file { try file.write(text) } else { try channels.writeOutput(text) }
    }

    /// Puts the report in its place.
    func finish() throws(CommandLineError) { try file?.finish() }

    /// Leaves no half-written file.
    func abandon() { file?.abandon() }
}
