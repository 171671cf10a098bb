import Attach
import Glibc
import Reporting

/// A question on the terminal before something is done.
enum Question {
    /// Asks, with no as the default.
    /// - Throws: that nobody can be asked.
    static func ask(_ text: String) throws(AttachError) -> Bool {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw AttachError("\(text) Nobody can be asked here: give --yes to agree.")
        }
        StandardStreams.writeError("\(text) [y/N] ")
        return ["y", "yes"].contains((readLine() ?? "").lowercased())
    }
}
