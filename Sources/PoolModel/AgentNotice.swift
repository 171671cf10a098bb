/// One thing that happened in the agent and is worth a line.
public struct AgentNotice: Sendable, Codable, Equatable {
    /// How much it matters.
    public enum Level: String, Codable, Sendable {
        /// Good to know.
        case info
        /// Wants a look.
        case warn
        /// A person changed something; drawn as a mark on every chart.
        case mark
    }
    /// How much it matters.
    public var level: Level
    /// Seconds since the agent started.
    public var uptimeSeconds: Double
    /// The host it is about; nil: all of them.
    public var hostID: Int?
    /// For marks, the few letters beside the chart's mark (`K on`); otherwise empty.
    public var label: String
    /// One line in plain words.
    public var text: String

    package init(level: Level, uptimeSeconds: Double, hostID: Int?, label: String = "", text: String) {
        self.level = level
        self.uptimeSeconds = uptimeSeconds
        self.hostID = hostID
        self.label = label
        self.text = text
    }
}
