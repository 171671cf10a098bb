import AgentCore
import PlainDocuments

/// A setting that a viewer may change, by its name in `pooltop.attach/1`.
struct MonitorSetting: Sendable {
    let name: String
    let isPerHost: Bool
    /// Puts a value into a set of settings; false: it is none of this setting's.
    let set: @Sendable (JSONValue, inout AgentSettings) -> Bool
    let value: @Sendable (AgentSettings) -> JSONValue

    static let all: [MonitorSetting] = [
        MonitorSetting(
            name: "keepAlive", isPerHost: true,
            set: { value, settings in
                switch value {
                case .bool(let isOn): settings.keepAlive = isOn ? .on : .off
                case .integer(let count) where count > 0: settings.keepAlive = .exchanges(count...count)
                default: return false
                }
                return true
            }, value: { .bool($0.keepAlive.isOn) }),
        MonitorSetting(
            name: "scheduling", isPerHost: true,
            set: { value, settings in
                guard case .string(let name) = value, let order = Scheduling(rawValue: name) else { return false }
                settings.scheduling = order
                return true
            }, value: { .string($0.scheduling.rawValue) }),
        MonitorSetting(
            name: "dnsCache", isPerHost: false,
            set: { value, settings in
                guard case .bool(let isOn) = value else { return false }
                settings.dnsCache = isOn
                return true
            }, value: { .bool($0.dnsCache) }),
        count("maxSockets", \.maxSocketsPerHost), count("maxTotalSockets", \.maxTotalSockets, isPerHost: false),
        optionalCount("maxFreeSockets", \.maxFreeSocketsPerHost),
        optionalCount("maxRequestsPerConnection", \.maxRequestsPerConnection),
        count("queueLimit", \.queueLimit), seconds("idleTimeout", \.idleTimeout), seconds("maxLifetime", \.maxLifetime),
        seconds("requestTimeout", \.requestTimeout), seconds("queueTimeout", \.queueTimeout),
    ]

    static func named(_ name: String) -> MonitorSetting? { all.first { $0.name == name } }

    private static func count(
        _ name: String, _ path: any WritableKeyPath<AgentSettings, Int> & Sendable, isPerHost: Bool = true
    ) -> MonitorSetting {
        MonitorSetting(
            name: name, isPerHost: isPerHost,
            set: { value, settings in
                guard case .integer(let count) = value, count > 0 else { return false }
                settings[keyPath: path] = count
                return true
            }, value: { .integer($0[keyPath: path]) })
    }

    /// null is no limit.
    private static func optionalCount(
        _ name: String, _ path: any WritableKeyPath<AgentSettings, Int?> & Sendable
    ) -> MonitorSetting {
        MonitorSetting(
            name: name, isPerHost: true,
            set: { value, settings in
                switch value {
                case .null: settings[keyPath: path] = nil
                case .integer(let count) where count >= 0: settings[keyPath: path] = count
                default: return false
                }
                return true
            }, value: { .integer($0[keyPath: path]) })
    }

    /// null is no limit.
    private static func seconds(
        _ name: String, _ path: any WritableKeyPath<AgentSettings, Duration?> & Sendable
    ) -> MonitorSetting {
        MonitorSetting(
            name: name, isPerHost: true,
            set: { value, settings in
                if case .null = value {
                    settings[keyPath: path] = nil
                    return true
                }
                guard let seconds = value.asDouble, seconds > 0, seconds < 1e9 else { return false }
                settings[keyPath: path] = .nanoseconds(Int64(seconds * 1e9))
                return true
            }, value: { .number($0[keyPath: path].map { $0 / .seconds(1) }) })
    }
}
