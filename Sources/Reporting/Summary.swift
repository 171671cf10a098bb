package import PlainDocuments
package import PoolModel
import SessionConfig

/// The measurements of a run, ready to be written as JSON or text.
struct Summary {
    static let schema = "pooltop.summary/1"

    /// The description of the run.
    var description: RunDescription
    /// When measuring began, in seconds since 1970-01-01 UTC.
    var startedAt: Double
    /// From the end of the warm-up to the end of the run.
    var window: MetricsWindow
    var checks: [CheckResult]
    /// From the last snapshot, for values that a difference does not have.
    var load: LoadSnapshot?
    /// Nil: the figures are of our own agent.
    var source: SourceWindow?

    /// - Parameters:
    ///   - plan: the plan of the run.
    ///   - first: the snapshot at the end of the warm-up.
    ///   - last: the snapshot at the end of the run.
    ///   - givingUp: the snapshot before the last requests were given up; nil if all had ended.
    init(plan: SessionPlan, first: AgentSnapshot, last: AgentSnapshot, givingUp: AgentSnapshot? = nil) {
        self.init(RunDescription(plan), first: first, last: last, givingUp: givingUp)
    }

    /// The same if only the description of the plan is available.
    init(
        _ description: RunDescription, first: AgentSnapshot, last: AgentSnapshot, givingUp: AgentSnapshot? = nil
    ) {
        self.description = description
        startedAt = first.takenAt
        window = MetricsWindow(from: first, to: last, givingUp: givingUp)
        load = last.load
        source = SourceWindow(from: first, to: last)
        let window = window
        checks = description.checks.map { CheckResult.of($0, in: window) }
    }

    var status: CommandStatus { checks.allSatisfy(\.passed) ? .done : .checkNotMet }

    /// `pooltop.summary/1`.
    var document: JSONValue {
        var members: [JSONValue.Member] = [
            .init(key: "schema", value: .string(Self.schema)),
            .init(key: "version", value: .string(ProductVersion.current)),
            .init(key: "startedAt", value: .string(Timestamp.text(startedAt))),
            .init(key: "durationSeconds", value: .number(window.seconds)),
            .init(key: "settings", value: description.settings),
            .init(key: "share", value: description.share?.document ?? .null),
        ]
        members += source?.members(listsProcesses: true) ?? []
        if description.warmUp > .zero { members.append(.init(key: "warmUp", value: warmUp)) }
        if let merge = description.merge { members.append(.init(key: "merge", value: merge.document)) }
        members += description.faults.members + window.gapMembers
        members += [
            .init(key: "totals", value: MetricsDocument.metrics(window.totals.balanced, seconds: window.seconds)),
            .init(
                key: "hosts",
                value: .array(
                    window.hosts.map { MetricsDocument.host($0, seconds: window.seconds, balanced: true) })),
            .init(key: "dns", value: MetricsDocument.dns(window)),
            .init(key: "process", value: MetricsDocument.process(window)),
            .init(key: "checks", value: .array(checks.map(\.document))),
        ]
        return .object(members)
    }

    /// The connections and requests that existed when measuring began. They count as opened and started so that the
    /// totals balance.
    private var warmUp: JSONValue {
        .object([
            "seconds": .number(description.warmUp.asSeconds),
            "connectionsOpen": .integer(
                Figure(window.totals.openAtStart, window.totals.certainty[.connections]).value),
            "requestsPresent": .integer(
                Figure(window.totals.presentAtStart, window.totals.certainty.of([.activity, .queue])).value),
        ])
    }
}

extension PlanShare {
    /// `share` in reports and recordings.
    package var document: JSONValue { .object(["part": .integer(part), "of": .integer(of)]) }
}
