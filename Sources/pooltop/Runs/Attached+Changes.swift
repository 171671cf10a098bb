import AgentCore
import Attach
import PlainDocuments
import PoolModel
import SessionConfig

extension Attached {
    /// Changes a setting of the agent, for all hosts or for the one of this name.
    ///
    /// - Returns: what the agent says that it did.
    /// - Throws: what it says against it, or that there is no such host.
    @discardableResult
    func apply(_ scoped: ScopedChange) async throws -> [String] {
        switch scoped.change {
        case .set(let setting, let value):
            return try await service.set(setting.name, to: value.attachValue, hostNamed: scoped.host)
        case .toggleKeepAlive: return try await service.toggleKeepAlive(hostNamed: scoped.host)
        case .toggleDNSCache, .rate, .concurrency: throw AttachError("\(scoped.text): that is the process's own")
        }
    }

    func changes(tell: @escaping @Sendable (String) -> Void) -> [Task<Void, Never>] {
        plan.changes.map { timed in
            let act: @Sendable () async -> Void = {
                do { try await apply(timed.scoped) } catch {
                    tell("--at \(timed.text): \(error)")
                }
            }
            switch timed.when {
            case .at(let time): return RunTimers.after(time, act)
            case .every(let interval): return RunTimers.repeating(interval, act)
            }
        }
    }

    /// Why the agent does not take a change; nil: it does, as far as it says.
    func objection(to scoped: ScopedChange) -> String? {
        let hello = service.hello
        guard hello.settings.contains(scoped.change.name) else {
            return "'\(scoped.text)': the agent has no \(scoped.change.name) that can be changed"
        }
        if scoped.host != nil, !hello.perHost.contains(scoped.change.name) {
            return "'\(scoped.text)': the agent has one \(scoped.change.name) for all hosts"
        }
        return nil
    }
}

extension SettingValue {
    /// The value in the protocol.
    var attachValue: JSONValue {
        switch self {
        case .keepAlive(let policy): .bool(policy.isOn)
        case .flag(let isOn): .bool(isOn)
        case .count(let count): .integer(count)
        case .duration(let duration): .number(duration?.asSeconds)
        case .share(let share): .number(share)
        case .scheduling(let order): .string(order.rawValue)
        }
    }
}
