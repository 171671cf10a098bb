import Glibc
import SessionConfig

/// All external effects of a report, so that tests can replace them.
package struct ReportChannels: Sendable {
    var writeOutput: @Sendable (String) throws(CommandLineError) -> Void
    package var writeError: @Sendable (String) -> Void
    var outputIsTerminal: Bool
    /// True if a line on standard error can be overwritten.
    var errorIsTerminal: Bool
    /// The width of the terminal on standard error, in columns.
    package var columns: @Sendable () -> Int

    /// The channels of the process.
    package static func standard() -> ReportChannels {
        let term = getenv("TERM").map { String(cString: $0) } ?? ""
        return ReportChannels(
            writeOutput: { text throws(CommandLineError) in try StandardStreams.writeOutput(text) },
            writeError: { text in StandardStreams.writeError(text) },
            outputIsTerminal: isatty(STDOUT_FILENO) == 1,
            errorIsTerminal: isatty(STDERR_FILENO) == 1 && !term.isEmpty && term != "dumb",
            columns: {
                var size = winsize()
                guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
                return Int(size.ws_col)
            })
    }
}
