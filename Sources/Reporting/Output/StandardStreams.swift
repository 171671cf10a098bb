import Glibc
package import SessionConfig

/// Standard input, output and error of the process.
package enum StandardStreams {
    /// Replaces a stream that was closed before the start (`>&-`). Otherwise the first socket would get its number, and
    /// a report would be written into it. The replacement fails like a closed stream.
    package static func secure() {
        for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number, which is this one.
            _ = open("/dev/null", mode)
        }
    }

    package static func writeOutput(_ text: String) throws(CommandLineError) {
        try ReportFile.write(text, to: STDOUT_FILENO, name: "standard output")
    }

    /// If standard error has failed, there is nowhere to report it.
    package static func writeError(_ text: String) {
        _ = try? ReportFile.write(text, to: STDERR_FILENO, name: "standard error")
    }
}
