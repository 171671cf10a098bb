package import AgentCore
package import PlainDocuments

/// The value of one `AgentSetting`; its case always is the one that the setting's `kind` has.
package enum SettingValue: Sendable, Equatable {
    case keepAlive(KeepAlivePolicy)
    case scheduling(Scheduling)
    case flag(Bool)
    /// nil: no limit.
    case count(Int?)
    /// nil: no limit.
    case duration(Duration?)
    case share(Double)
}

extension AgentSetting {
    /// Reads a value as it is written on the command line and in config files; `none` stands for "no limit".
    package func parse(_ text: String) throws(TextProblem) -> SettingValue {
        switch kind {
        case .keepAlive: .keepAlive(try KeepAliveText.parse(text))
        case .scheduling: .scheduling(try Self.parseScheduling(text))
        case .flag: .flag(try SwitchText.parse(text))
        case .count(_, let range): .count(try CountText.parse(text, in: range))
        case .optionalCount(_, let range):
            .count(try Self.orNone(text) { text throws(TextProblem) in try CountText.parse(text, in: range) })
        case .duration: .duration(try DurationText.parse(text))
        case .optionalDuration(_, let zero, let most):
            .duration(
                try Self.orNone(text) { text throws(TextProblem) in
                    try Self.parseLimit(text, zero: zero, most: most)
                })
        case .share: .share(try ShareText.parse(text))
        }
    }

    private static func parseScheduling(_ text: String) throws(TextProblem) -> Scheduling {
        if let value = Scheduling(rawValue: text) { return value }
        throw TextProblem(
            "unknown order '\(text)'", allowed: Scheduling.allCases.map(\.rawValue).joined(separator: ", "))
    }

    private static func parseLimit(_ text: String, zero: Bool, most: Duration?) throws(TextProblem) -> Duration {
        let duration = try DurationText.parse(text)
        if let most, duration > most {
            throw TextProblem("'\(text)' is too long", allowed: "up to \(DurationText.format(most))")
        }
        if duration == .zero, !zero { throw TextProblem("must be above zero", allowed: DurationText.examples) }
        return duration
    }

    private static func orNone<Value>(
        _ text: String, _ parse: (String) throws(TextProblem) -> Value
    ) throws(TextProblem) -> Value? {
        if text == "none" { return nil }
        do { return try parse(text) } catch {
            throw TextProblem(error.problem, allowed: error.allowed.map { "\($0), none" })
        }
    }

    /// The value in a set of settings.
    package func value(in settings: AgentSettings) -> SettingValue {
        switch kind {
        case .keepAlive: .keepAlive(settings.keepAlive)
        case .scheduling: .scheduling(settings.scheduling)
        case .flag(let path): .flag(settings[keyPath: path])
        case .count(let path, _): .count(settings[keyPath: path])
        case .optionalCount(let path, _): .count(settings[keyPath: path])
        case .duration(let path): .duration(settings[keyPath: path])
        case .optionalDuration(let path, _, _): .duration(settings[keyPath: path])
        case .share(let path): .share(settings[keyPath: path])
        }
    }

    /// Puts a value that `parse` gave into a set of settings.
    package func set(_ value: SettingValue, in settings: inout AgentSettings) {
        switch (kind, value) {
        case (.keepAlive, .keepAlive(let policy)): settings.keepAlive = policy
        case (.scheduling, .scheduling(let order)): settings.scheduling = order
        case (.flag(let path), .flag(let isOn)): settings[keyPath: path] = isOn
        case (.count(let path, _), .count(let count?)): settings[keyPath: path] = count
        case (.optionalCount(let path, _), .count(let count)): settings[keyPath: path] = count
        case (.duration(let path), .duration(let duration?)): settings[keyPath: path] = duration
        case (.optionalDuration(let path, _, _), .duration(let duration)): settings[keyPath: path] = duration
        case (.share(let path), .share(let share)): settings[keyPath: path] = share
        default: preconditionFailure("\(name) does not take \(value)")
        }
    }
}

extension SettingValue {
    /// As `AgentSetting.parse` reads it.
    package var text: String {
        switch self {
        case .keepAlive(let policy): KeepAliveText.format(policy)
        case .scheduling(let order): order.rawValue
        case .flag(let isOn): isOn ? "on" : "off"
        case .count(let count): count.map(String.init) ?? "none"
        case .duration(let duration): duration.map(DurationText.format) ?? "none"
        case .share(let share): share.description
        }
    }
}

/// HTTP keep-alive: `on`, `off`, a number of exchanges per connection, or a range that it is drawn from (`100:200`).
enum KeepAliveText {
    static let allowed = "on, off, N (a new connection after every N exchanges), N:M (drawn per connection)"

    static func parse(_ text: String) throws(TextProblem) -> KeepAlivePolicy {
        if let isOn = try? SwitchText.parse(text) { return isOn ? .on : .off }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let problem = TextProblem("'\(text)' is not a keep-alive policy", allowed: allowed)
        guard (1...2).contains(parts.count) else { throw problem }
        var bounds: [Int] = []
        for part in parts {
            do { bounds.append(try CountText.parse(String(part), in: 1...Int.max)) } catch { throw problem }
        }
        guard bounds[0] <= bounds[bounds.count - 1] else {
            throw TextProblem("'\(text)' has its larger number first", allowed: allowed)
        }
        return .exchanges(bounds[0]...bounds[bounds.count - 1])
    }

    static func format(_ policy: KeepAlivePolicy) -> String {
        switch policy {
        case .on: "on"
        case .off: "off"
        case .exchanges(let range):
            range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound):\(range.upperBound)"
        }
    }
}
