package import PlainDocuments
import PoolModel
package import Reporting
package import SessionConfig

/// The first line of a recording: everything that the screen and the summary need in addition to the snapshots.
package struct RecordingHeader: Sendable, Equatable {
    package static let schema = "pooltop.recording/1"
    private static let family = "pooltop.recording/"

    /// The version of the program that wrote it.
    package var version: String
    /// In the format of RFC 3339.
    package var startedAt: String
    /// The command: `monitor`, `run`.
    package var command: String
    /// The source of the traffic: `demo`, `targets` or `watch`.
    package var source: String
    /// The maximum number of sockets listed per host in a snapshot.
    var mostSockets: Int
    package var run: RunDescription

    /// The header for a session that starts now.
    package init(plan: SessionPlan, command: String, startedAt: Double) {
        let source = plan.usesBundledDownstreams ? "demo" : "targets"
        self.init(run: RunDescription(plan), command: command, source: source, startedAt: startedAt)
    }

    /// The header for a source of snapshots that starts now.
    package init(run: RunDescription, command: String, source: String, startedAt: Double) {
        version = ProductVersion.current
        self.startedAt = Timestamp.text(startedAt)
        self.command = command
        self.source = source
        mostSockets = RecordingEncoder.mostSockets
        self.run = run
    }

    private init(_ fields: Fields, _ run: RunDescription) {
        version = fields.version
        startedAt = fields.startedAt
        command = fields.command
        source = fields.source
        mostSockets = fields.mostSockets
        self.run = run
    }

    package var document: JSONValue {
        let checks = run.checks.map { check in
            JSONValue.object(["text": .string(check.expression.text), "pool": .string(check.pool)])
        }
        let document = JSONValue.object([
            "schema": .string(Self.schema), "version": .string(version), "startedAt": .string(startedAt),
            "command": .string(command), "source": .string(source), "insecure": .bool(run.tlsWeakness.isInsecure),
            "oldTLS": .string(run.tlsWeakness.oldVersion),
            "mostSockets": .integer(mostSockets), "load": .string(run.load), "targets": .string(run.targets),
            "warmUp": .string(DurationText.format(run.warmUp)), "seed": run.seed.map { .unsigned($0) } ?? .null,
            "share": run.share?.document ?? .null, "changes": .array(run.changes.map { .string($0) }),
            "checks": .array(checks), "settings": run.settings,
        ])
        guard let merge = run.merge else { return document }
        return .object(document.members + [.init(key: "merge", value: merge.document)])
    }

    /// Decodes a first line.
    ///
    /// - Throws: why it is not the beginning of a recording that this version can read.
    package static func parse(_ line: JSONValue) throws(TextProblem) -> RecordingHeader {
        guard case .string(let schema)? = line["schema"], schema.hasPrefix(family) else {
            throw TextProblem("not a recording of pooltop: it has no schema \(Self.schema)")
        }
        guard schema == Self.schema else {
            let reads = "pooltop \(ProductVersion.current) reads \(Self.schema)"
            throw TextProblem("the recording has schema \(schema), and \(reads)")
        }
        let fields = try JSONValueDecoder.decode(Fields.self, from: line)
        var checks: [RunDescription.Check] = []
        for check in fields.checks {
            checks.append(.init(expression: try CheckExpression.parse(check.text), pool: check.pool))
        }
        if let share = fields.share, !(1...PlanShare.most).contains(share.of) || !(1...share.of).contains(share.part) {
            throw TextProblem("'share' is no part of a plan: \(share.text)")
        }
        var run = RunDescription(
            load: fields.load, targets: fields.targets, warmUp: try DurationText.parse(fields.warmUp),
            seed: fields.seed, changes: fields.changes,
            tlsWeakness: TLSWeakness(isInsecure: fields.insecure, oldVersion: fields.oldTLS),
            settings: (line["settings"] ?? .null).withoutSecrets, checks: checks)
        run.share = fields.share
        run.merge = fields.merge
        return RecordingHeader(fields, run)
    }

    private struct Fields: Decodable {
        struct Check: Decodable {
            var text: String
            var pool: String?
        }
        var version: String
        var startedAt: String
        var command: String
        var source: String
        var insecure: Bool
        var oldTLS: String?
        var mostSockets: Int
        var load: String?
        var targets: String
        var warmUp: String
        var seed: UInt64?
        var share: PlanShare?
        var merge: MergeDescription?
        var changes: [String]
        var checks: [Check]
    }
}
