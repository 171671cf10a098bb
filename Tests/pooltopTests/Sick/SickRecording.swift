import Downstream
import Foundation
import PoolModel
import Recordings
import SessionConfig

/// A few seconds with one sick downstream, recorded by a real session. `POOLTOP_RECORD_SICK=1` records all of them anew, for
/// which goldens have to be written anew and read.
enum SickRecording {
    /// Long enough for the diagnosis, with a second or two in which its figures go on.
    private static func seconds(_ name: String) -> Double { name == "dns-outage" ? 9.2 : 5.2 }
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Recordings")

    private static let made = Task { () async throws -> Void in
        guard ProcessInfo.processInfo.environment["POOLTOP_RECORD_SICK"] == "1" else { return }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for sick in SickDownstream.catalogue { try await record(sick) }
    }

    private static func path(_ name: String) -> String { folder.appendingPathComponent(name + ".rec").path }

    private static func record(_ sick: SickDownstream) async throws {
        let rate = Int(BundledFleet.sick.weight(of: sick.name))
        try await SickSession.run(
            [sick.scenario], ["--rate", "\(rate)", "--seed", "7", "--record", path(sick.name)]
        ) { $0.uptimeSeconds < seconds(sick.name) }
    }

    /// The snapshots of the downstream's recording, as a replay gets them.
    static func snapshots(of name: String) async throws -> [AgentSnapshot] {
        try await made.value
        var snapshots: [AgentSnapshot] = []
        _ = try Recording(path: path(name)) { snapshot, _ in snapshots.append(snapshot) }
        return snapshots
    }
}
