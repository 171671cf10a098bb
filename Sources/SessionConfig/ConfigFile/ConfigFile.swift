import PlainDocuments
import Yams

/// Reads a config file: YAML, one schema for every command. The keys are the names of the settings in JSON.
package enum ConfigFile {
    static let sections = ["agent", "targets", "load", "dns", "tls", "checks", "ui"]

    package static func draft(path: String) throws(CommandLineError) -> PlanDraft {
        let bytes: [UInt8]
        do { bytes = try FileText.bytes(of: path, most: ConfigScan.mostBytes) } catch {
            throw CommandLineError(.config, "--config: \(error.problem)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandLineError(.config, "\(path): is not UTF-8")
        }
        return try draft(text: text, file: path)
    }

    static func draft(text: String, file: String) throws(CommandLineError) -> PlanDraft {
        try ConfigScan.check(text, file: file)
        guard let node = try compose(text, file: file) else { return PlanDraft() }
        let root = ConfigNode(node: node, file: file, path: "", line: 1)
        var draft = PlanDraft()
        for (section, value) in try root.fields(sections) {
            switch section {
            case "agent": try readAgent(value, into: &draft.agent, isForTarget: false)
            case "targets":
                draft.targets = try readTargets(value)
            case "load": try readLoad(value, into: &draft)
            case "dns": try readDNS(value, into: &draft)
            case "tls": try readTLS(value, into: &draft)
            case "checks":
                for item in value.items() { draft.checks.append(try item.read(CheckExpression.parse)) }
            case "ui": try readScreen(value, into: &draft)
            default: preconditionFailure("section \(section) is listed and not read")
            }
        }
        return draft
    }

    private static func readTargets(_ node: ConfigNode) throws(CommandLineError) -> [TargetDraft] {
        let items = node.items()
        try PlanLimits.check(items.map(\.source), PlanLimits.targets, "targets")
        var targets: [TargetDraft] = []
        var bodyBytes = 0
        for item in items {
            let target = try ConfigTarget.draft(item)
            bodyBytes += target.request.body?.value.count ?? 0
            // Before the next one is read.
            if bodyBytes > PlanLimits.bodyBytes { throw PlanLimits.bodies(item.source) }
            targets.append(target)
        }
        return targets
    }

    private static func compose(_ text: String, file: String) throws(CommandLineError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw CommandLineError(.config, yamlProblem(error, in: text, file: file))
        } catch {
            throw CommandLineError(.config, "\(file): is not valid YAML")
        }
    }

    private static func yamlProblem(_ error: YamlError, in text: String, file: String) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return "\(file):\(mark.line): not valid YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.map(\.description).sorted().first ?? ""
            let line = secondLine(of: key, in: text, from: context.mark.line) ?? context.mark.line
            return "\(file):\(line): \(key): given twice"
        case .reader(let problem, _, _, _): return "\(file): not valid YAML: \(problem)"
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return "\(file): is not valid YAML"
        }
    }

    /// YAML tells only where the mapping begins.
    private static func secondLine(of key: String, in text: String, from first: Int) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().dropFirst(first - 1)
        let hits = lines.filter { line in
            let word = line.element.drop { $0 == " " || $0 == "-" || $0 == "\"" || $0 == "'" }
            return word.hasPrefix(key) && word.dropFirst(key.count).drop { " \"'".contains($0) }.first == ":"
        }
        return hits.dropFirst().first.map { $0.offset + 1 }
    }

    static func readAgent(
        _ node: ConfigNode, into settings: inout [AgentSetting: Sourced<SettingValue>], isForTarget: Bool
    ) throws(CommandLineError) {
        for (key, value) in try node.fields(AgentSetting.knownNames) {
            guard let setting = AgentSetting(name: key) else { continue }
            if isForTarget, !setting.isPerHost {
                throw value.source.error("exists once for all hosts; set it in 'agent'")
            }
            try put(setting, value, into: &settings)
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

    private static func readLoad(_ node: ConfigNode, into draft: inout PlanDraft) throws(CommandLineError) {
        let keys = [
            "rate", "concurrency", "arrivals", "plan", "duration", "requests", "warmUp", "loops", "seed", "at",
        ]
        for (key, value) in try node.fields(keys) {
            switch key {
            case "rate": draft.load.rate = try value.read(RateText.parse)
            case "concurrency":
                draft.load.concurrency = try value.read { text throws(TextProblem) in
                    try CountText.parse(text, in: LoadPlan.concurrencies)
                }
            case "arrivals": draft.load.arrivals = try value.read(ArrivalsText.parse)
            case "plan":
                var texts: [String] = []
                for item in value.items() { texts.append(try item.text()) }
                draft.load.steps = try value.source.read { () throws(TextProblem) in
                    try RatePlanText.parse(texts.joined(separator: ","))
                }
            case "duration": draft.load.duration = try value.read(DurationText.parse)
            case "requests":
                draft.load.requests = try value.read { text throws(TextProblem) in
                    try CountText.parse(text, in: 1...Int.max)
                }
            case "warmUp": draft.load.warmUp = try value.read(DurationText.parse)
            case "loops":
                draft.loops = try value.read { text throws(TextProblem) in
                    try CountText.parse(text, in: PlanLimits.loops)
                }
            case "seed": draft.seed = try value.read(SeedText.parse)
            case "at":
                for item in value.items() { draft.changes.append(try item.read(TimedChange.parse)) }
            default: preconditionFailure("key load.\(key) is listed and not read")
            }
        }
    }

    private static func readDNS(_ node: ConfigNode, into draft: inout PlanDraft) throws(CommandLineError) {
        let settings = AgentSetting.allCases.filter { $0.dnsKey != nil }
        for (key, value) in try node.fields(["server", "resolve"] + settings.compactMap(\.dnsKey)) {
            switch key {
            case "server": draft.dnsServer = try value.read(ResolveText.parseServer)
            case "resolve":
                for item in value.items() { draft.resolve.append(try item.read(ResolveText.parse)) }
            default:
                for setting in settings where setting.dnsKey == key { try put(setting, value, into: &draft.agent) }
            }
        }
    }

    private static func readTLS(_ node: ConfigNode, into draft: inout PlanDraft) throws(CommandLineError) {
        for (key, value) in try node.fields(["caFile", "certFile", "keyFile", "insecure", "minVersion"]) {
            switch key {
            case "caFile": draft.caFile = Sourced(value.filePath(try value.text()), from: value.source)
            case "certFile": draft.certFile = Sourced(value.filePath(try value.text()), from: value.source)
            case "keyFile": draft.keyFile = Sourced(value.filePath(try value.text()), from: value.source)
            case "insecure": draft.insecure = try value.read(SwitchText.parse)
            case "minVersion": draft.tlsLeast = try value.read(TLSLeast.parse)
            default: preconditionFailure("key tls.\(key) is listed and not read")
            }
        }
    }

    private static func readScreen(_ node: ConfigNode, into draft: inout PlanDraft) throws(CommandLineError) {
        for (key, value) in try node.fields(["theme", "ascii", "color"]) {
            switch key {
            case "theme": draft.theme = try value.read(ThemeText.parse)
            case "ascii": draft.ascii = try value.read(SwitchText.parse)
            case "color": draft.color = try value.read(SwitchText.parse)
            default: preconditionFailure("key ui.\(key) is listed and not read")
            }
        }
    }
}

extension ConfigNode {
    /// A path in a config file is meant from the file's own folder.
    func filePath(_ text: String) -> String {
        guard !text.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return text }
        return file[...slash] + text
    }
}
