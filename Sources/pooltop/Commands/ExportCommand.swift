import ArgumentParser
import FleetCore
import SessionConfig

struct ExportCommand: ParsableCommand {
    enum Format: String, CaseIterable {
        case grafana
        case prometheusRules = "prometheus-rules"

        var text: String {
            switch self {
            case .grafana: GrafanaDashboard.json
            case .prometheusRules: AlertRules.yaml
            }
        }
    }

    static let configuration = CommandConfiguration(
        name: "export",
        abstract: "Print a Grafana dashboard or alerting rules for the metrics of pooltop.",
        discussion: """
            grafana is a dashboard for Grafana's import or its provisioning: new connections, reuse, the queue, who closes, \
            errors and response times, by job, instance and host. prometheus-rules is a file for rule_files of Prometheus: \
            alerts when reuse falls, connections churn, local ports run out, DNS servers are asked too often or the other \
            side begins to close, each with what to do about it. Both are about the metrics that --metrics serves.
            """,
        examples: examples)

    static let examples = [
        Example("pooltop export grafana --output pools.json", "The dashboard; then: Dashboards, New, Import."),
        Example(
            "pooltop export prometheus-rules -o pooltop-rules.yml",
            "The alerts; then: promtool check rules pooltop-rules.yml"),
        Example("pooltop export prometheus-rules", "The same to read, on standard output."),
    ]

    @Argument(
        help: ArgumentHelp("What to print: grafana or prometheus-rules.", valueName: "FORMAT"),
        completion: .list(Format.allCases.map(\.rawValue)))
    var format: String

    @OptionGroup var destination: PrintedFileOptions

    mutating func run() throws {
        guard let format = Format(rawValue: format) else {
            throw Source.option("FORMAT").error(
                "there is no export '\(format)'", allowed: Format.allCases.map(\.rawValue).joined(separator: ", "))
        }
        try destination.write(format.text)
    }
}
