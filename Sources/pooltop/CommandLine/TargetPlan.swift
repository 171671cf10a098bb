import AgentCore
import PoolModel

/// One downstream of the load: where requests go and what they look like.
struct TargetPlan: Sendable, Equatable {
    /// As it will be in `HostSnapshot.name`: the given name, or the authority.
    var name: String
    var url: TargetURL
    /// Connect here instead of to the URL's host; nil: TCP.
    var unixSocket: String?
    var method = "GET"
    /// In the order in which they are sent. Never one that frames the message or steers the connection.
    var headers: [HeaderField] = []
    var body: [UInt8] = []
    /// The target's part of the load, of the sum of all weights; above zero. Targets with rates of their own have these
    /// as weights, and the load's rate is their sum.
    var weight = 1.0
    /// Settings of this target alone.
    var overrides = SettingOverrides()

    init(name: String? = nil, url: TargetURL) {
        self.name = name ?? url.authority
        self.url = url
    }

    /// True where `name`, authority or origin is what a person wrote after `@`.
    func isNamed(_ text: String) -> Bool { text == name || text == url.authority || text == url.origin }
}

/// One header field of a request.
struct HeaderField: Sendable, Equatable {
    var name: String
    var value: String
}

/// Settings that differ for one target.
struct SettingOverrides: Sendable, Equatable {
    private var values: [AgentSetting: SettingValue] = [:]

    init() {}

    var isEmpty: Bool { values.isEmpty }
    /// In the order in which settings are declared.
    var entries: [(setting: AgentSetting, value: SettingValue)] {
        AgentSetting.allCases.compactMap { setting in values[setting].map { (setting, $0) } }
    }

    subscript(setting: AgentSetting) -> SettingValue? {
        get { values[setting] }
        set { values[setting] = newValue }
    }

    /// The settings in force for the target, given those for all.
    func applied(to settings: AgentSettings) -> AgentSettings {
        var result = settings
        for entry in entries { entry.setting.set(entry.value, in: &result) }
        return result
    }
}
