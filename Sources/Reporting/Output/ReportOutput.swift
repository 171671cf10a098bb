package import SessionConfig

/// The destination of a report: a file that appears when it is complete, or standard output.
package struct ReportOutput {
    /// nil for standard output.
    private let file: ReportFile?
    private let channels: ReportChannels

    /// Opens the destination first, so that nothing is started if its report cannot be written.
    package init(path: String?, channels: ReportChannels) throws(CommandLineError) {
        if let path { file = try ReportFile(path: path) } else { file = nil }
        self.channels = channels
    }

    package func write(_ text: String) throws(CommandLineError) {
        if let file { try file.write(text) } else { try channels.writeOutput(text) }
    }

    /// Moves the report to its place.
    package func finish() throws(CommandLineError) { try file?.finish() }

    /// Removes an incomplete file.
    package func abandon() { file?.abandon() }
}
