import PlainDocuments

/// Reads a config file: YAML, one schema for every command. The keys are the names of the settings in JSON.
package enum ConfigFile {
    /// The settings of a file, with the faults that were found in reading them; `PlanAssembly` throws those with its own.
    ///
    /// - Throws: what keeps the file from being read at all.
    package static func draft(path: String) throws(CommandLineError) -> PlanDraft {
        let bytes: [UInt8]
        do { bytes = try FileText.bytes(of: path, most: YAMLReader.mostBytes) } catch {
            throw CommandLineError(.config, "--config: \(error.problem)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandLineError(.config, "\(path): is not UTF-8")
        }
        return try draft(text: text, file: path)
    }

    static func draft(text: String, file: String) throws(CommandLineError) -> PlanDraft {
        guard let node = try YAMLReader.root(of: text, file: file) else { return PlanDraft() }
        var draft = PlanDraft()
        let root = ConfigNode(node: node, file: file, path: "", line: 1, notes: ConfigNode.Notes())
        root.attempt { () throws(CommandLineError) in try root.read(sections, into: &draft) }
        draft.faults = root.notes.faults
        return draft
    }

    /// The sections, in the order in which documents have them.
    static let sections: [SessionRow] = [
        .key("agent") { node, draft throws(CommandLineError) in
            try readAgent(node, into: &draft.agent, isForTarget: false)
        },
        .key("targets") { node, draft throws(CommandLineError) in draft.targets = try readTargets(node) },
        SessionRows.sick, section("load", SessionRows.load), section("dns", SessionRows.dns + AgentSetting.dnsRows),
        section("tls", SessionRows.tls), SessionRows.checks, section("ui", SessionRows.screen),
    ]

    private static func section(_ key: String, _ rows: [SessionRow]) -> SessionRow {
        .key(key) { node, draft throws(CommandLineError) in try node.read(rows, into: &draft) }
    }

    private static func readTargets(_ node: ConfigNode) throws(CommandLineError) -> [TargetDraft] {
        let items = node.items()
        try PlanLimits.check(items.map(\.source), PlanLimits.targets, "targets")
        var targets: [TargetDraft] = []
        var bodyBytes = 0
        for item in items {
            item.attempt { () throws(CommandLineError) in
                let before = item.notes.faults.count
                let target = try ConfigTarget.draft(item)
                bodyBytes += target.request.body?.value.count ?? 0
                // One with faults is not measured against the others.
                if item.notes.faults.count == before { targets.append(target) }
            }
            // Before the next one is read.
            if bodyBytes > PlanLimits.bodyBytes { throw PlanLimits.bodies(item.source) }
        }
        return targets
    }

    static func readAgent(
        _ node: ConfigNode, into settings: inout [AgentSetting: Sourced<SettingValue>], isForTarget: Bool
    ) throws(CommandLineError) {
        for (key, value) in try node.fields(AgentSetting.knownNames) {
            guard let setting = AgentSetting(name: key) else { continue }
            value.attempt { () throws(CommandLineError) in
                if isForTarget, !setting.isPerHost {
                    throw value.source.error("exists once for all hosts; set it in 'agent'")
                }
                try put(setting, value, into: &settings)
            }
        }
    }

    /// A setting has two names in a file here and there; given by both, it could mean either.
    static func put(
        _ setting: AgentSetting, _ node: ConfigNode, into settings: inout [AgentSetting: Sourced<SettingValue>]
    ) throws(CommandLineError) {
        let text = node.isNull ? "none" : try node.text()
        let value = try node.source.read { () throws(TextProblem) in try setting.parse(text) }
        if let other = settings[setting] {
            throw node.source.error("contradicts \(other.source.name): give one of the two")
        }
        settings[setting] = value
    }
}
