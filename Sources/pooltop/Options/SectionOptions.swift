import ArgumentParser
import SessionConfig

/// A section of the help whose options are declared by rows in SessionConfig.
protocol OptionSection: SendableMetatype {
    static var options: [CommandOption] { get }
}

/// The options of a section, made of their rows: no option is declared a second time here.
///
/// ArgumentParser finds the options of a type by reflection, and gives their values back by their keys. A type that has
/// no property for each says what it consists of with a mirror of its own, which `Mirror(reflecting:)` is documented to
/// ask for; its keys are the options' names. ArgumentParser itself checks in debug builds that mirror and keys agree, and
/// `OptionRowTests` that every option arrives.
struct SectionOptions<Section: OptionSection>: ParsableArguments, CustomReflectable {
    /// By the option's name: what was given, a text for each time, or an empty one for a switch.
    private var given: [OptionName: [String]] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        for option in Section.options {
            let key = Key(stringValue: option.name.long)
            let texts: [String] =
                switch option.form {
                case .value: try values.decode(Option<String?>.self, forKey: key).wrappedValue.map { [$0] } ?? []
                case .list: try values.decode(Option<[String]>.self, forKey: key).wrappedValue
                case .flag: try values.decode(Flag<Bool>.self, forKey: key).wrappedValue ? [""] : []
                }
            given[option.name] = texts
        }
    }

    var customMirror: Mirror {
        Mirror(self, children: Section.options.map { (label: $0.name.long, value: $0.declaration) })
    }

    func has(_ option: CommandOption) -> Bool { !(given[option.name] ?? []).isEmpty }

    /// Puts what was given into a draft, in the order of the rows.
    func fill(_ draft: inout PlanDraft) throws(CommandLineError) {
        for option in Section.options { try option.fill(given[option.name] ?? [], &draft) }
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension CommandOption {
    /// The option as ArgumentParser wants it declared.
    fileprivate var declaration: Any {
        switch form {
        case .value(let valueName, let completion):
            Option<String?>(
                name: name.specification(isJoined: true), parsing: .unconditional,
                help: ArgumentHelp(help, valueName: valueName), completion: completion.kind)
        case .list(let valueName):
            Option<[String]>(
                wrappedValue: [], name: name.specification(isJoined: true), parsing: .unconditionalSingleValue,
                help: ArgumentHelp(help, valueName: valueName))
        case .flag:
            Flag<Bool>(
                wrappedValue: false, name: name.specification(isJoined: false), help: ArgumentHelp(help))
        }
    }
}

extension OptionName {
    /// Joined: a value may follow the short name at once, as in `-n5`.
    fileprivate func specification(isJoined: Bool) -> NameSpecification {
        guard let short else { return .customLong(long) }
        return [.customShort(short, allowingJoined: isJoined), .customLong(long)]
    }
}

extension OptionCompletion {
    fileprivate var kind: CompletionKind? {
        switch self {
        case .none: nil
        case .file: .file()
        case .words(let words): .list(words)
        }
    }
}

// MARK: The sections

enum RequestSection: OptionSection {
    static var options: [CommandOption] { OptionSections.request }
}

enum RequestsSection: OptionSection {
    static var options: [CommandOption] { OptionSections.requests }
}

enum FleetSection: OptionSection {
    static var options: [CommandOption] { OptionSections.fleet }
}

enum LoadSection: OptionSection {
    static var options: [CommandOption] { OptionSections.load }
}

enum AgentSection: OptionSection {
    static var options: [CommandOption] { OptionSections.agent }
}

enum DNSSection: OptionSection {
    static var options: [CommandOption] { OptionSections.dns }
}

enum NameServerSection: OptionSection {
    static var options: [CommandOption] { OptionSections.nameServers }
}

enum TLSSection: OptionSection {
    static var options: [CommandOption] { OptionSections.tls }
}

enum CheckSection: OptionSection {
    static var options: [CommandOption] { OptionSections.checks }
}

enum ProbeLimitSection: OptionSection {
    static var options: [CommandOption] { OptionSections.probe }
}
