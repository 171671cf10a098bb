package import AgentCore
package import PlainDocuments
import PoolModel

/// A setting of the agent: one row of the table in `AgentSetting+Table.swift`.
///
/// Help, options of the command line, config files, `--print-config`, the settings in JSON reports, `--set`, `--at`,
/// the arms of `compare` and the division between event loops all read the row, and nothing else names a setting that
/// they have to know.
package struct AgentSetting: Sendable {
    /// The name in config files, in JSON, in `--at` and in `--set`: that of the property of `AgentSettings`, but for the
    /// two that Node made familiar, `maxSockets` and `maxFreeSockets`.
    package let name: String
    /// A second name that is read, the one that `AgentSettings` has; nil: there is none.
    let alias: String?
    /// A second key that is read in config files: this one in section `dns`; nil: there is none. An option of such a
    /// setting stands in the help's section for DNS.
    let dnsKey: String?
    package let kind: Kind
    /// False for the settings that exist once for all hosts, which a target cannot have for itself.
    package let isPerHost: Bool
    /// How several event loops share the limit.
    package let sharing: Sharing
    /// The option of its own; nil: it has none, and is set by `--set`.
    let flag: Flag?

    /// The type of a setting, where it is kept, and which values it takes.
    package enum Kind: Sendable {
        case keepAlive
        case scheduling
        case flag(any WritableKeyPath<AgentSettings, Bool> & Sendable)
        case count(any WritableKeyPath<AgentSettings, Int> & Sendable, ClosedRange<Int>)
        case optionalCount(any WritableKeyPath<AgentSettings, Int?> & Sendable, ClosedRange<Int>)
        case duration(any WritableKeyPath<AgentSettings, Duration> & Sendable)
        case optionalDuration(
            any WritableKeyPath<AgentSettings, Duration?> & Sendable, zero: Bool = false, most: Duration? = nil)
        case share(any WritableKeyPath<AgentSettings, Double> & Sendable)
    }

    package enum Sharing: Sendable {
        /// The same on every loop: time limits and switches.
        case none
        /// A loop with none of it could send nothing.
        case atLeastOne
        /// The parts of all loops add up to the whole.
        case exact
    }

    /// An option of the command line. Its parser, the name of its value, its completion and the default that help tells
    /// come from the setting.
    struct Flag: Sendable {
        /// Without dashes: `max-sockets`.
        var name: String
        /// The sentences of the help, without the default.
        var help: String

        init(_ name: String, _ help: String) {
            self.name = name
            self.help = help
        }
    }

    init(
        _ name: String, _ kind: Kind, alias: String? = nil, dnsKey: String? = nil, isPerHost: Bool = true,
        sharing: Sharing = .none, flag: Flag? = nil
    ) {
        self.name = name
        self.kind = kind
        self.alias = alias
        self.dnsKey = dnsKey
        self.isPerHost = isPerHost
        self.sharing = sharing
        self.flag = flag
    }
}

extension AgentSetting: Hashable {
    package static func == (one: AgentSetting, other: AgentSetting) -> Bool { one.name == other.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension AgentSetting {
    /// The defaults of the commands: those of the library, but for one limit of 30 s for a whole request (`--timeout`) in
    /// place of its limits on silence. A load must end, and a person who gives a longer limit means that one.
    static let defaults: AgentSettings = {
        var settings = AgentSettings()
        settings.requestTimeout = .seconds(30)
        settings.firstByteTimeout = nil
        settings.bodySilenceTimeout = nil
        return settings
    }()

    private static let byName: [String: AgentSetting] = {
        let aliases = allCases.compactMap { setting in setting.alias.map { ($0, setting) } }
        return Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) } + aliases)
    }()

    /// Every name that is read: the settings' own, then the aliases.
    static let knownNames = allCases.map(\.name) + allCases.compactMap(\.alias)

    /// The setting of this name; the longer names that `AgentSettings` itself uses are known too.
    package init?(name: String) {
        guard let setting = Self.byName[name] else { return nil }
        self = setting
    }

    /// As `init(name:)`, with a suggestion where there is no such setting.
    package static func named(_ name: String, alsoKnown: [String] = []) throws(TextProblem) -> AgentSetting {
        if let setting = AgentSetting(name: name) { return setting }
        throw NearestName.problem(kind: "setting", name: name, among: alsoKnown + allCases.map(\.name))
    }

    /// A setting that the program itself speaks of.
    static func row(_ name: String) -> AgentSetting {
        guard let setting = AgentSetting(name: name) else { preconditionFailure("no setting \(name)") }
        return setting
    }
}
