import AgentCore
package import Experiment
import PoolModel

/// The plan of a `pooltop compare`.
package struct ComparePlan: Sendable, Equatable {
    /// Without end, and with the settings that no arm changes.
    package var session: SessionPlan
    /// The changes that each arm applies: the same settings in both.
    package var a: [ScopedChange]
    package var b: [ScopedChange]
    /// The agent in another process whose settings alternate, under that process's own traffic; nil: traffic is made here.
    package var attach: AttachPlan?
    /// How that process is called in reports.
    package var attachedName = ""
    /// The client that makes the load.
    package var client = LoadClient.pooltop
    package var experiment = ExperimentPlan()
    package var capacity = CapacityPlan()
    /// Load before the first pair.
    package var warmUp = Duration.zero
    /// The HTML report; nil: none.
    package var reportFile: String?

    package func changes(of arm: Arm) -> [ScopedChange] { arm == .a ? a : b }

    /// Both arms are the same: every difference is chance, which shows what the comparison takes for an effect.
    package var isAA: Bool { a == b }

    /// The limit of connections to a host, as the session has it.
    package var maxSocketsPerHost: Int { session.settings.maxSocketsPerHost }

    /// The session as an arm has it.
    package func session(of arm: Arm) -> SessionPlan {
        var plan = session
        for scoped in changes(of: arm) { scoped.apply(to: &plan) }
        return plan
    }

    package init(
        session: SessionPlan, a: [ScopedChange], b: [ScopedChange], experiment: ExperimentPlan = ExperimentPlan(),
        capacity: CapacityPlan = CapacityPlan(), warmUp: Duration = Duration.zero, reportFile: String? = nil
    ) {
        self.session = session
        self.a = a
        self.b = b
        self.experiment = experiment
        self.capacity = capacity
        self.warmUp = warmUp
        self.reportFile = reportFile
    }
}

extension ComparePlan {
    /// The default comparison.
    package static let defaultArms: (a: [ScopedChange], b: [ScopedChange]) = (
        [ScopedChange(change: .keepAlive(.off)), ScopedChange(change: .dnsCache(false))],
        [ScopedChange(change: .keepAlive(.on)), ScopedChange(change: .dnsCache(true))]
    )

    /// The default comparison of an attached process, whose DNS cache is its own.
    package static let attachedArms: (a: [ScopedChange], b: [ScopedChange]) = (
        [ScopedChange(change: .keepAlive(.off))], [ScopedChange(change: .keepAlive(.on))]
    )

    /// Both arms with every setting that one of them names, so that each undoes all that the other did. What an arm does
    /// not name it has from the session.
    package static func completed(
        _ a: [ScopedChange], _ b: [ScopedChange], in session: SessionPlan
    ) -> (a: [ScopedChange], b: [ScopedChange]) {
        var names: [ScopedChange] = []
        for change in a + b where !names.contains(where: change.isOfSameSetting(as:)) { names.append(change) }
        // All hosts first, so that what is said of one host is said last.
        names = names.filter { $0.host == nil } + names.filter { $0.host != nil }
        func complete(_ arm: [ScopedChange]) -> [ScopedChange] {
            names.compactMap { name in
                arm.last(where: name.isOfSameSetting(as:)) ?? name.inForce(in: session, with: arm)
            }
        }
        return (complete(a), complete(b))
    }
}

extension ScopedChange {
    fileprivate func isOfSameSetting(as other: ScopedChange) -> Bool {
        change.name == other.change.name && host == other.host
    }

    /// This setting as a session has it; nil: the session has none, as a closed loop has no rate.
    fileprivate func inForce(in session: SessionPlan, with arm: [ScopedChange]) -> ScopedChange? {
        switch change {
        case .set(let setting, _):
            let own = host.flatMap { host in session.targets.first { $0.isNamed(host) }?.overrides[setting] }
            let ofAll = arm.last { $0.host == nil && $0.change.name == change.name }?.change
            if own == nil, host != nil, let ofAll { return ScopedChange(change: ofAll, host: host) }
            return ScopedChange(change: .set(setting, own ?? setting.value(in: session.settings)), host: host)
        case .rate:
            return session.load.targetPerSecond(at: .zero).map { ScopedChange(change: .rate(perSecond: $0)) }
        case .concurrency:
            guard case .concurrency(let count) = session.load.shape else { return nil }
            return ScopedChange(change: .concurrency(count))
        case .toggleKeepAlive, .toggleDNSCache: return nil
        }
    }

    fileprivate func apply(to plan: inout SessionPlan) {
        switch (change, host) {
        case (.set(let setting, let value), let host?):
            for index in plan.targets.indices where plan.targets[index].isNamed(host) {
                plan.targets[index].overrides[setting] = value
            }
        case (.rate(let perSecond), _):
            if case .rate(_, let arrivals) = plan.load.shape { plan.load.shape = .rate(perSecond: perSecond, arrivals) }
        case (.concurrency(let count), _): plan.load.shape = .concurrency(count)
        case (.set, nil), (.toggleKeepAlive, _), (.toggleDNSCache, _): change.apply(to: &plan.settings)
        }
    }
}

extension [ScopedChange] {
    /// The changes as they were written, one after the other.
    package var texts: String { map(\.text).joined(separator: " ") }
}
