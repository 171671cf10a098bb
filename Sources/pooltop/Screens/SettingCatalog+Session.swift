import AgentCore
import Attach
import Dashboard
import PlainDocuments
import PoolModel
import SessionConfig
import Sessions

extension SettingCatalog {
    /// The settings of a session under their names in config files, and the load that can be set while it runs.
    init(_ session: Session) {
        let plan = session.plan
        var entries = AgentSetting.allCases.map { setting in
            let value = setting.value(in: plan.settings).text
            return Entry(
                name: setting.name, value: value, examples: setting.examples(beside: value),
                isPerHost: setting.isPerHost)
        }
        switch plan.load.shape {
        case .rate(let perSecond, _):
            let examples = [perSecond / 2, perSecond * 2].map(RateText.format)
            entries.append(
                Entry(name: "rate", value: RateText.format(perSecond), examples: examples, isPerHost: false))
        case .concurrency(let count):
            entries.append(
                Entry(
                    name: "concurrency", value: "\(count)", examples: ["\(max(1, count / 2))", "\(count * 2)"],
                    isPerHost: false))
        case .steps: break
        }
        var own: [Int: [String: String]] = [:]
        for target in plan.targets {
            guard let host = session.host(named: target.name) else { continue }
            for entry in target.overrides.entries { own[host, default: [:]][entry.setting.name] = entry.value.text }
        }
        self.init(entries: entries, own: own, check: Self.check)
    }

    /// The settings that an agent in another process lets a viewer change, under the names of our own.
    init(_ attached: Attached, _ first: AgentSnapshot) {
        let hello = attached.service.hello
        let entries = AgentSetting.allCases.filter { hello.settings.contains($0.name) }.map { setting in
            let value = setting.value(seenIn: first)
            return Entry(
                name: setting.name, value: value, examples: setting.examples(beside: value),
                isPerHost: hello.perHost.contains(setting.name))
        }
        self.init(entries: entries, check: Self.check)
    }

    @Sendable private static func check(_ name: String, _ value: String) -> Answer {
        do throws(TextProblem) {
            let change = try SettingChange.parse("\(name)=\(value)")
            return .value(String(change.text.dropFirst(name.count + 1)))
        } catch {
            return .problem(error.problem + (error.allowed.map { "; allowed: \($0)" } ?? ""))
        }
    }
}

extension AgentSetting {
    /// The value that a snapshot tells; else what our own agent begins with, since the agent's is not known.
    fileprivate func value(seenIn snapshot: AgentSnapshot) -> String {
        let limits = snapshot.hosts.first
        let seen = [
            "keepAlive": snapshot.keepAlive ? "on" : "off", "dnsCache": snapshot.dnsCacheEnabled ? "on" : "off",
            "maxSockets": "\(limits?.maxSockets ?? 0)", "maxFreeSockets": "\(limits?.maxFreeSockets ?? 0)",
            "maxTotalSockets": "\(snapshot.maxTotalSockets)",
        ]
        return seen[name] ?? value(in: AgentSettings()).text
    }

    /// Values worth offering: for a number half and double of what there is.
    fileprivate func examples(beside value: String) -> [String] {
        switch kind {
        case .keepAlive: ["on", "off", "100"]
        case .scheduling: Scheduling.allCases.map(\.rawValue)
        case .flag: ["on", "off"]
        case .count: counts(beside: value)
        case .optionalCount: counts(beside: value) + ["none"]
        case .duration: ["1s", "5s", "30s"]
        case .optionalDuration: ["1s", "5s", "30s", "none"]
        case .share: ["0.1", "0.5"]
        }
    }

    private func counts(beside value: String) -> [String] {
        guard let count = Int(value), count > 0, count < 1_000_000 else { return ["8", "64"] }
        return count > 1 ? ["\(count / 2)", "\(count * 2)"] : ["\(count * 2)"]
    }
}
