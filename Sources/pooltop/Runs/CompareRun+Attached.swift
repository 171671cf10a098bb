import Attach
import PoolModel
import Reporting
import SessionConfig
import Sessions

extension CompareRun {
    /// The comparison inside another process, whose agent is asked first whether it takes the settings.
    static func attached(_ plan: ComparePlan, _ attach: AttachPlan, _ report: ReportPlan) throws -> CompareRun {
        guard let target = attach.target else { preconditionFailure("the option has a value") }
        let attached = try Attached.begin(attach, target)
        do {
            var plan = plan
            for change in plan.a + plan.b {
                if let objection = attached.objection(to: change) {
                    throw CommandLineError(.usage, "--attach: \(objection)")
                }
            }
            plan.attachedName = attached.name
            let first = try blocking { try await attached.service.snapshot(socketsFor: []) }
            // Each process may keep one core busy.
            plan.session.loops = max(1, first.source?.processes?.count { !$0.hasEnded } ?? 1)
            return CompareRun(plan: plan, report: report, makeClient: { _, _ in AttachedClient(attached: attached) })
        } catch {
            try blocking { try await attached.service.shutdown() }
            throw error
        }
    }
}
