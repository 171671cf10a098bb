import Glibc
package import SessionConfig

/// Standard input, output and error as they were handed over.
package enum StandardStreams {
    /// Puts something in the place of a stream that was closed before the start (`>&-`). Its number would be given to
    /// the first socket otherwise, and a report written into it. What is put there fails like a closed stream.
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

    /// There is no third place to say that standard error is gone.
    package static func writeError(_ text: String) {
        _ = try? ReportFile.write(text, to: STDERR_FILENO, name: "standard error")
    }
}
