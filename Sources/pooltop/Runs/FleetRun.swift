import FleetCore
import FoundationEssentials
import PlainDocuments
import Reporting
import SessionConfig

/// One `pooltop fleet`: a look at a fleet, or several, as reports.
struct FleetRun: Sendable {
    let plan: FleetPlan
    var channels = ReportChannels.standard()

    func execute() async throws -> CommandStatus {
        try FleetReport.refuse(plan.checks)
        let source = try FleetSource(plan)
        var machine = try source.machine()
        let output = try ReportOutput(path: plan.report.outputFile, channels: channels)
        do {
            let end = ContinuousClock.now + (plan.duration ?? .zero)
            var report = FleetReport(fleet: await source.round(&machine), plan: plan)
            // Without any instance it is the question that went wrong, or the address.
            if report.fleet.instances.isEmpty, let problem = report.fleet.problems.first {
                throw CommandLineError(.cannotRun, "\(PlainText.clean(plan.url.authority)): \(problem.sentence)")
            }
            try output.write(try text(report))
            while ContinuousClock.now + plan.report.interval < end {
                try await Task.sleep(for: plan.report.interval)
                report = FleetReport(fleet: await source.round(&machine), plan: plan)
                try output.write(try text(report))
            }
            try output.finish()
            await source.shutdown()
            return report.isMet ? .done : .checkNotMet
        } catch {
            output.abandon()
            await source.shutdown()
            throw error
        }
    }

    private func text(_ report: FleetReport) throws -> String {
        if plan.report.format == .text { return report.text }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if plan.report.format == .json { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(report.document), as: UTF8.self) + "\n"
    }
}
