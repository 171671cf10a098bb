import PlainDocuments
import PoolModel
package import SessionConfig

/// What a person is told on standard error beside a report: a line that is written over while something goes on, and
/// sentences that stay.
package struct StatusLine {
    private let channels: ReportChannels
    /// False: there is no line, as where standard error is no terminal.
    package private(set) var drawsLine: Bool
    private var isOnScreen = false
    private var said: Set<String> = []

    /// Without `isQuiet` the line is drawn where standard error is a terminal that it does not share with a report in
    /// lines: they would tear each other apart.
    package init(_ channels: ReportChannels, _ report: ReportPlan) {
        let isShared = report.format == .ndjson && report.outputFile == nil && channels.outputIsTerminal
        self.init(channels, drawsLine: !report.isQuiet && !isShared)
    }

    package init(_ channels: ReportChannels, drawsLine: Bool) {
        self.channels = channels
        self.drawsLine = drawsLine && channels.errorIsTerminal
    }

    /// Shows this text in place of the one before.
    package mutating func draw(_ text: String) {
        guard drawsLine else { return }
        isOnScreen = true
        // A full last column would make some terminals begin a new line.
        channels.writeError("\r" + PlainText.cut(text, to: max(0, channels.columns() - 1)) + "\u{1B}[K")
    }

    /// Takes the line away; the next `draw` brings it back.
    mutating func clear() {
        guard isOnScreen else { return }
        isOnScreen = false
        channels.writeError("\r\u{1B}[K")
    }

    /// Takes the line away for good.
    package mutating func end() {
        clear()
        drawsLine = false
    }

    /// Says a sentence, once however often it is given.
    package mutating func say(_ text: String) {
        guard said.insert(text).inserted else { return }
        clear()
        channels.writeError("pooltop: \(PlainText.clean(Redaction.text(text), limit: 1000))\n")
    }

    /// Where a person is not reading the report itself, the reason for the exit status is said too.
    mutating func sayUnmet(_ checks: [CheckResult], _ report: ReportPlan) {
        guard report.format != .text || report.outputFile != nil else { return }
        for result in checks where !result.passed {
            say("check not met: \(result.check.text): \(result.valueText)")
        }
    }
}
