package import SessionConfig

/// Where a report goes: a file that appears when it is complete, or standard output.
package struct ReportOutput {
    /// nil: standard output.
    private let file: ReportFile?
    private let channels: ReportChannels

    /// Opened before anything is begun whose report could not be written.
    package init(path: String?, channels: ReportChannels) throws(CommandLineError) {
        if let path { file = try ReportFile(path: path) } else { file = nil }
        self.channels = channels
    }

    package func write(_ text: String) throws(CommandLineError) {
        if let file { try file.write(text) } else { try channels.writeOutput(text) }
    }

    /// Puts the report in its place.
    package func finish() throws(CommandLineError) { try file?.finish() }

    /// Leaves no half-written file.
    package func abandon() { file?.abandon() }
}
