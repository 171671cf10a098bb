import PlainDocuments
@testable import PoolModel
@testable import Recordings

extension RecordedStory {
    /// The text of a recording of these snapshots.
    static func recording(_ snapshots: [AgentSnapshot], isComplete: Bool = true) throws -> String {
        var encoder = RecordingEncoder()
        let header = RecordingHeader(
            plan: try SnapshotFixture.plan(checks: ["reuse > 0.1"]), command: "monitor", startedAt: 1_795_350_053.125)
        var text = header.document.line + "\n"
        for (index, snapshot) in snapshots.enumerated() {
            text += try encoder.line(of: snapshot, startsMeasuring: index == 0)
        }
        return text + (isComplete ? encoder.end(measuredSeconds: nil) : "")
    }
}
