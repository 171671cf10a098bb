import PlainDocuments
import PoolModel
package import SessionConfig

/// The messages on standard error beside a report: a line that is overwritten while something is in progress, and
/// permanent messages.
package struct StatusLine {
    private let channels: ReportChannels
    /// False if there is no line, for example because standard error is not a terminal.
    package private(set) var drawsLine: Bool
    private var isOnScreen = false
    private var said: Set<String> = []

    /// Unless `isQuiet`, the line is drawn if standard error is a terminal that is not also the destination of a report
    /// in lines, because the two would overwrite each other.
    package init(_ channels: ReportChannels, _ report: ReportPlan) {
        let isShared = report.format == .ndjson && report.outputFile == nil && channels.outputIsTerminal
        self.init(channels, drawsLine: !report.isQuiet && !isShared)
    }

    package init(_ channels: ReportChannels, drawsLine: Bool) {
        self.channels = channels
        self.drawsLine = drawsLine && channels.errorIsTerminal
    }

    /// Replaces the text of the line.
    package mutating func draw(_ text: String) {
        guard drawsLine else { return }
        isOnScreen = true
        // A full last column would make some terminals start a new line.
        channels.writeError("\r" + PlainText.cut(text, to: max(0, channels.columns() - 1)) + "\u{1B}[K")
    }

    /// Removes the line; the next `draw` shows it again.
    mutating func clear() {
        guard isOnScreen else { return }
        isOnScreen = false
        channels.writeError("\r\u{1B}[K")
    }

    /// Removes the line permanently.
    package mutating func end() {
        clear()
        drawsLine = false
    }

    /// Prints a message; the same message is printed only once.
    package mutating func say(_ text: String) {
        guard said.insert(text).inserted else { return }
        clear()
        channels.writeError("pooltop: \(PlainText.clean(Redaction.text(text), limit: 1000))\n")
    }

    /// Prints the reason for the exit status if the user does not see it in the report itself.
    mutating func sayUnmet(_ checks: [CheckResult], _ report: ReportPlan) {
        guard report.format != .text || report.outputFile != nil else { return }
        for result in checks where !result.passed {
            say("check not met: \(result.check.text): \(result.valueText)")
        }
    }
}
