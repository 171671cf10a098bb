import Reporting
import SessionConfig

/// One `pooltop watch` without a screen.
struct WatchRun: Sendable {
    let plan: WatchPlan
    let report: ReportPlan
    /// Begins to watch; gets what to tell beside the report.
    var begin: @Sendable (WatchPlan, @escaping @Sendable (String) -> Void) async throws -> Watched = {
        try await Watched.begin($0, tell: $1)
    }
    var makeSignals: @Sendable () -> EndSignals = { EndSignals() }
    var channels = ReportChannels.standard()

    func execute() async throws -> CommandStatus {
        let run = ObservedRun(
            duration: plan.duration, report: report, begin: { [plan, begin] in try await begin(plan, $0) },
            makeSignals: makeSignals, channels: channels)
        return try await run.execute()
    }
}
