package import AgentCore
package import PlainDocuments
import PoolModel

/// One change of a live setting: what a person does with a key, and what `--at` does at a time.
package enum SettingChange: Sendable, Equatable {
    /// A setting of the agent gets a value.
    case set(AgentSetting, SettingValue)
    /// HTTP keep-alive: on becomes off, anything else becomes on.
    case toggleKeepAlive
    /// The DNS cache: on becomes off and the reverse.
    case toggleDNSCache
    /// Requests a second over all targets (open loop); zero pauses.
    case rate(perSecond: Double)
    /// Requests kept in flight (closed loop).
    case concurrency(Int)

    package static func keepAlive(_ policy: KeepAlivePolicy) -> SettingChange { .set(.keepAlive, .keepAlive(policy)) }
    package static func dnsCache(_ isOn: Bool) -> SettingChange { .set(.dnsCache, .flag(isOn)) }

    /// False for what exists once for all hosts.
    var isPerHost: Bool {
        switch self {
        case .set(let setting, _): setting.isPerHost
        case .toggleKeepAlive: true
        case .toggleDNSCache, .rate, .concurrency: false
        }
    }

    /// The name as in config files.
    package var name: String {
        switch self {
        case .set(let setting, _): setting.name
        case .toggleKeepAlive: AgentSetting.keepAlive.name
        case .toggleDNSCache: AgentSetting.dnsCache.name
        case .rate: "rate"
        case .concurrency: "concurrency"
        }
    }

    /// `keepAlive=off`, as `--at` reads it.
    package var text: String {
        switch self {
        case .set(_, let value): "\(name)=\(value.text)"
        case .toggleKeepAlive, .toggleDNSCache: "\(name)=toggle"
        case .rate(let perSecond): "\(name)=\(RateText.format(perSecond))"
        case .concurrency(let count): "\(name)=\(count)"
        }
    }

    /// Changes a set of settings; changes of the load leave it alone.
    package func apply(to settings: inout AgentSettings) {
        switch self {
        case .set(let setting, let value): setting.set(value, in: &settings)
        case .toggleKeepAlive: settings.keepAlive = settings.keepAlive.isOn ? .off : .on
        case .toggleDNSCache: settings.dnsCache.toggle()
        case .rate, .concurrency: break
        }
    }

    /// Reads `NAME=VALUE`. What only makes sense while running — the load, and `toggle` — is left out where not `isLive`;
    /// the outcome then always is a `set`.
    package static func parse(_ text: String, isLive: Bool = true) throws(TextProblem) -> SettingChange {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw TextProblem("'\(text)' is not SETTING=VALUE", allowed: "keepAlive=off") }
        let (name, value) = (parts[0], parts[1])
        do {
            switch name {
            case _ where !isLive: break
            case "rate": return .rate(perSecond: try RateText.parse(value))
            case "concurrency": return .concurrency(try CountText.parse(value, in: LoadPlan.concurrencies))
            default: break
            }
            let setting = try AgentSetting.named(name, alsoKnown: isLive ? ["rate", "concurrency"] : [])
            switch (setting, value) {
            case _ where !isLive: return .set(setting, try setting.parse(value))
            case (.keepAlive, "toggle"): return .toggleKeepAlive
            case (.dnsCache, "toggle"): return .toggleDNSCache
            default: return .set(setting, try setting.parse(value))
            }
        } catch {
            if error.problem.hasPrefix("unknown setting") { throw error }
            throw TextProblem("\(name): \(error.problem)", allowed: error.allowed)
        }
    }
}

/// A change and when it happens.
package struct TimedChange: Sendable, Equatable {
    /// Times count from the first planned request, the warm-up included.
    package enum When: Sendable, Equatable {
        case at(Duration)
        /// At this interval, first after one interval.
        case every(Duration)
    }
    package var when: When
    package var change: SettingChange
    /// The host it is for, by a target's name, its authority or its origin; nil: all hosts.
    package var host: String?

    /// `5s:keepAlive=off@catalog`, as `--at` reads it.
    package var text: String {
        let time =
            switch when {
            case .at(let duration): DurationText.format(duration)
            case .every(let duration): "every:\(DurationText.format(duration))"
            }
        return "\(time):\(change.text)" + (host.map { "@\($0)" } ?? "")
    }

    /// The change without its time.
    package var scoped: ScopedChange { ScopedChange(change: change, host: host) }

    /// Reads `TIME:SETTING=VALUE` and `every:TIME:SETTING=VALUE`, both with or without `@HOST` at the end.
    package static func parse(_ text: String) throws(TextProblem) -> TimedChange {
        var rest = text[...]
        let repeats = rest.hasPrefix("every:")
        if repeats { rest = rest.dropFirst("every:".count) }
        guard let colon = rest.firstIndex(of: ":") else {
            throw TextProblem(
                "'\(text)' is not TIME:SETTING=VALUE", allowed: "5s:keepAlive=off, every:10ms:keepAlive=toggle")
        }
        let time = try DurationText.parse(String(rest[..<colon]))
        if repeats, time < .milliseconds(1) { throw TextProblem("'\(text)' repeats more often than every 1ms") }
        let scoped = try ScopedChange.parse(rest[colon...].dropFirst(), in: text)
        return TimedChange(when: repeats ? .every(time) : .at(time), change: scoped.change, host: scoped.host)
    }
}

/// A change, and whom it is for.
package struct ScopedChange: Sendable, Equatable {
    package var change: SettingChange
    /// By a target's name, its authority or its origin; nil: all hosts.
    package var host: String?

    /// `keepAlive=off@catalog`.
    package var text: String { change.text + (host.map { "@\($0)" } ?? "") }

    /// Reads `SETTING=VALUE` with or without `@HOST` at the end; `text` is what the person wrote.
    package static func parse(_ part: Substring, in text: String) throws(TextProblem) -> ScopedChange {
        guard let at = part.firstIndex(of: "@") else {
            return ScopedChange(change: try SettingChange.parse(String(part)), host: nil)
        }
        let host = String(part[at...].dropFirst())
        if host.isEmpty { throw TextProblem("'\(text)' has no host after @") }
        let change = try SettingChange.parse(String(part[..<at]))
        guard change.isPerHost else {
            throw TextProblem("\(change.name) exists once for all hosts, so @\(host) has no meaning")
        }
        return ScopedChange(change: change, host: host)
    }
}
