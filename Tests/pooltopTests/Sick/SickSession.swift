import Downstream
import Foundation
import PoolModel
import Recordings
import SessionConfig
import Sessions

@testable import pooltop

/// A session against sick downstreams, whose snapshots are taken as the screen takes them.
enum SickSession {
    /// As often as the screen.
    private static let interval = Duration.milliseconds(100)

    /// Runs the downstreams of these scenarios, nil for the whole catalogue, with the arguments of a command line besides
    /// `--sick`. `take` gets each snapshot, and says whether it wants another.
    static func run(
        _ scenarios: [Scenario]? = nil, _ arguments: [String] = [], take: (AgentSnapshot) -> Bool
    ) async throws {
        let session = try await Session.make(plan(["--sick", "--duration", "10m"] + arguments), scenarios: scenarios)
        do {
            try await follow(session, take)
        } catch {
            try await session.shutdown()
            throw error
        }
        try await session.shutdown()
    }

    private static func follow(_ session: Session, _ take: (AgentSnapshot) -> Bool) async throws {
        let files = try SessionFiles(session, command: "monitor", interval: .seconds(1), onFailure: { _ in })
        let first = try await session.snapshot()
        try await session.begin()
        files.begin(first)
        var last = first
        while take(last) {
            try await Task.sleep(for: interval)
            last = try await session.snapshot(socketsFor: files.socketHosts)
            files.take(last)
        }
        let problems = await files.close(last, measuredSeconds: nil)
        if let problem = problems.first { throw problem }
    }
}
