package import AgentCore
import PoolModel

/// One downstream of the load: where requests go and what they look like.
package struct TargetPlan: Sendable, Equatable {
    /// As it will be in `HostSnapshot.name`: the given name, or the authority.
    package var name: String
    package var url: TargetURL
    /// Connect here instead of to the URL's host; nil: TCP.
    package var unixSocket: String?
    package var method = "GET"
    /// In the order in which they are sent. Never one that frames the message or steers the connection.
    package var headers: [HeaderField] = []
    package var body: [UInt8] = []
    /// The target's part of the load, of the sum of all weights; above zero. Targets with rates of their own have these
    /// as weights, and the load's rate is their sum.
    package var weight = 1.0
    /// Settings of this target alone.
    package var overrides = SettingOverrides()

    package init(name: String? = nil, url: TargetURL) {
        self.name = name ?? url.authority
        self.url = url
    }

    /// True where `name`, authority or origin is what a person wrote after `@`.
    package func isNamed(_ text: String) -> Bool { text == name || text == url.authority || text == url.origin }
}

/// One header field of a request.
package struct HeaderField: Sendable, Equatable {
    package var name: String
    package var value: String
}

/// Settings that differ for one target.
package struct SettingOverrides: Sendable, Equatable {
    private var values: [AgentSetting: SettingValue] = [:]

    package init() {}

    package var isEmpty: Bool { values.isEmpty }
    /// In the order in which settings are declared.
    package var entries: [(setting: AgentSetting, value: SettingValue)] {
        AgentSetting.allCases.compactMap { setting in values[setting].map { (setting, $0) } }
    }

    package subscript(setting: AgentSetting) -> SettingValue? {
        get { values[setting] }
        set { values[setting] = newValue }
    }

    /// The settings in force for the target, given those for all.
    package func applied(to settings: AgentSettings) -> AgentSettings {
        var result = settings
        for entry in entries { entry.setting.set(entry.value, in: &result) }
        return result
    }
}
