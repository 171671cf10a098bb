import AgentCore
import PlainDocuments

extension AgentSetting {
    /// The sections of the help that settings have options in.
    package enum Section: Sendable {
        case agent, dns
    }

    private var section: Section { dnsKey == nil ? .agent : .dns }

    /// The options of the settings in a section of the help, in the order of the table.
    package static func options(in section: Section) -> [CommandOption] {
        allCases.filter { $0.section == section }.compactMap(\.option)
    }

    /// The option of the setting's own; nil: it has none.
    package var option: CommandOption? { flag.map { option($0, help: $0.help) } }

    /// The same with a help of its own, for a command to which the setting means something else.
    package func option(help: String) -> CommandOption? { flag.map { option($0, help: help) } }

    private func option(_ flag: Flag, help: String) -> CommandOption {
        let name = OptionName(flag.name)
        return CommandOption(
            name: name, form: .value(kind.valueName, kind.completion),
            help: HelpText.text(help, default: value(in: Self.defaults).helpText)
        ) { texts, draft throws(CommandLineError) in
            for text in texts {
                draft.agent[self] = try name.source.read { () throws(TextProblem) in try parse(text) }
            }
        }
    }

    /// `--set`: any setting by its name.
    package static let assignments = CommandOption(
        name: OptionName("set"), form: .list("SETTING=VALUE"),
        help: "Any setting by its name in the config file, as tlsTimeout=5s. Repeatable."
    ) { texts, draft throws(CommandLineError) in
        for text in texts { try assign(text, in: &draft) }
    }

    private static func assign(_ text: String, in draft: inout PlanDraft) throws(CommandLineError) {
        let source = OptionName("set").source
        let change = try source.read { () throws(TextProblem) in try SettingChange.parse(text, isLive: false) }
        guard case .set(let setting, let value) = change.value else { return }
        if let other = draft.agent[setting]?.source, other != source {
            throw source.error("\(setting.name) contradicts \(other.name): give one of the two")
        }
        draft.agent[setting] = Sourced(value, from: source)
    }
}

extension AgentSetting {
    /// The second keys that settings have in section `dns` of a config file. Documents have the first.
    static let dnsRows: [SessionRow] = allCases.compactMap { setting in
        setting.dnsKey.map { key in
            .key(key) { node, draft throws(CommandLineError) in
                try ConfigFile.put(setting, node, into: &draft.agent)
            }
        }
    }
}

extension AgentSetting.Kind {
    /// The name of a value in the help.
    fileprivate var valueName: String {
        switch self {
        case .keepAlive: "on|off|N|N:M"
        case .scheduling: "ORDER"
        case .flag: "on|off"
        case .count, .optionalCount: "N"
        case .duration, .optionalDuration: "D"
        case .share: "SHARE"
        }
    }

    fileprivate var completion: OptionCompletion {
        switch self {
        case .scheduling: .words(Scheduling.allCases.map(\.rawValue))
        case .flag: .words(["on", "off"])
        case .keepAlive, .count, .optionalCount, .duration, .optionalDuration, .share: .none
        }
    }
}

extension SettingValue {
    fileprivate var helpText: String {
        switch self {
        case .duration(let duration?): HelpText.duration(duration)
        case .keepAlive, .scheduling, .flag, .count, .duration(nil), .share: text
        }
    }
}
