/// An alert of Prometheus.
struct AlertRule: Sendable {
    enum Severity: String, Sendable {
        case warning, critical
    }

    var name: String
    /// The lines of the expression.
    var expression: [String]
    /// The time that the expression has to hold, as PromQL writes it.
    var holds: String
    var severity: Severity
    var summary: String
    /// The meaning and the remedy, in plain English.
    var description: String
}
