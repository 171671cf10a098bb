import AgentCore
import PoolModel

/// The HTTP client that makes a comparison's load.
package enum LoadClient: String, CaseIterable, Sendable {
    /// Our own agent.
    case pooltop
    /// Node's http.Agent and https.Agent, in a process of its own.
    case node
    /// A process that is attached to, under its own traffic.
    case attached

    /// The clients that make a load.
    package static let choices: [LoadClient] = [.pooltop, .node]

    /// The settings that Node's agents have too, and the DNS cache, which a service puts in front of them.
    private static let nodeSettings: Set<String> = [
        "keepAlive", "maxSockets", "maxFreeSockets", "maxTotalSockets", "scheduling", "dnsCache",
    ]

    /// The part of a comparison that this client cannot do, in words that follow `--client node: `; nil: nothing.
    package func objection(to plan: ComparePlan) -> String? {
        guard self != .attached else { return attachedObjection(to: plan) }
        guard self == .node else { return nil }
        let session = plan.session
        if session.loops > 1 { return "one process has one loop; leave --loops out" }
        if session.files != FilesPlan() { return "its sessions cannot be written; leave --record and --hdr-log out" }
        if session.tls.least != TLSPlan().least { return "the least TLS version cannot be chosen" }
        for scoped in plan.a + plan.b {
            if scoped.host != nil { return "'\(scoped.text)': its agent has one set of options for all hosts" }
            switch scoped.change {
            case .set(let setting, let value): if let text = objection(to: setting, value) { return text }
            case .rate, .toggleKeepAlive, .toggleDNSCache: break
            case .concurrency: return "'\(scoped.text)': its concurrency cannot be changed while it runs"
            }
        }
        for setting in AgentSetting.allCases {
            let value = setting.value(in: session.settings)
            guard value != setting.value(in: AgentSetting.defaults) || setting == .keepAlive else { continue }
            if let text = objection(to: setting, value) { return text }
        }
        for target in session.targets {
            for entry in target.overrides.entries where entry.setting != .requestTimeout {
                return "\(target.name): \(entry.setting.name) of one host; its agent has one set of options for all"
            }
        }
        return nil
    }

    /// The settings that agents in other processes may have; each says for itself which of them it has.
    private static let attachedSettings = nodeSettings.subtracting(["dnsCache"])

    private func attachedObjection(to plan: ComparePlan) -> String? {
        for scoped in plan.a + plan.b {
            guard case .set(let setting, let value) = scoped.change, Self.attachedSettings.contains(setting.name) else {
                return "'\(scoped.text)' is the process's own"
            }
            if let text = objection(to: setting, value) { return text }
        }
        guard Set(plan.a.map(\.settingText)) == Set(plan.b.map(\.settingText)) else {
            return "both arms have to say every setting, because nobody else knows what it is without them"
        }
        return nil
    }

    private func objection(to setting: AgentSetting, _ value: SettingValue) -> String? {
        if setting == .requestTimeout { return nil }
        guard Self.nodeSettings.contains(setting.name) else { return "http.Agent has no \(setting.name)" }
        switch value {
        case .keepAlive(.exchanges): return "http.Agent has keepAlive=on and keepAlive=off only"
        case .scheduling(let order) where order != .lifo && order != .fifo:
            return "http.Agent has scheduling=lifo and scheduling=fifo only"
        case .keepAlive, .scheduling, .flag, .count, .duration, .share: return nil
        }
    }
}

extension ScopedChange {
    /// `keepAlive`, `keepAlive@payments`.
    fileprivate var settingText: String { change.name + (host.map { "@\($0)" } ?? "") }
}
