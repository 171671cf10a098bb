import PoolModel

/// A setting of ours that would do what an advice says.
struct AdvisedSetting: Sendable, Equatable {
    /// As in config files.
    var name: String
    var value: String
    /// Nil: it exists once for all hosts.
    var host: Int?
    /// The rule that advises it.
    var rule: String
}

extension DashboardState {
    /// The first of them that a setting of ours can follow, for one host and then for the whole process.
    func advisedSetting(for host: ShownHost?) -> AdvisedSetting? {
        let own = host.map { advice(for: $0).lazy.compactMap { self.setting(for: $0) }.first } ?? nil
        return own ?? processRules.lazy.compactMap { $0.advice(self) }.compactMap { self.setting(for: $0) }.first
    }

    /// Nil where only others can do what it says, and where it is not known how much would do.
    func setting(for advice: Advice) -> AdvisedSetting? {
        if advice.rule == "DNS per request" {
            guard snapshot?.dnsCacheEnabled.isFalse == true else { return nil }
            return AdvisedSetting(name: "dnsCache", value: "on", host: nil, rule: advice.rule)
        }
        guard let host = host(advice.hostID) else { return nil }
        let input = RuleInput(host: host, window: window(host.id), picture: self)
        guard let (name, value) = input.setting(for: advice.rule) else { return nil }
        return AdvisedSetting(name: name, value: value, host: host.id, rule: advice.rule)
    }
}

extension RuleInput {
    fileprivate func setting(for rule: String) -> (name: String, value: String)? {
        switch rule {
        case "keep-alive off": return ("keepAlive", "on")
        case "uneven": return ("scheduling", "round-robin")
        case "max requests":
            return window.dominantClose.value == .maxRequests ? ("maxRequestsPerConnection", "none") : nil
        case "pool too small":
            guard let limit = host.maxSockets.value, let busy else { return nil }
            let needed = Int((busy * 1.5).rounded(.up))
            return needed > limit ? ("maxSockets", "\(needed)") : nil
        case "Little's law":
            guard let limit = host.maxFreeSockets.value, let busy else { return nil }
            let enough = max(2, Int((busy * 2).rounded(.up)) + 1)
            return enough < limit ? ("maxFreeSockets", "\(enough)") : nil
        case "idle cap":
            guard window.dominantClose.value == .idleLimitHost, let limit = host.maxFreeSockets.value,
                let most = host.maxSockets.value, limit < most
            else { return nil }
            return ("maxFreeSockets", "\(min(most, max(limit * 2, 4)))")
        case "our idle limit":
            guard window.dominantClose.value == .idleTimeout, let limit = host.idleLimitSeconds.value else {
                return nil
            }
            return ("idleTimeout", DurationWord.text(limit * 4))
        case "server<ours": return belowTheServers()
        default: return nil
        }
    }

    /// Less than the age at which the server closes, by a tenth and at least half a second.
    private func belowTheServers() -> (name: String, value: String)? {
        guard let learned = host.learnedIdleSeconds, learned > 1 else { return nil }
        let limit = min(learned * 0.9, learned - 0.5)
        guard host.idleLimitSeconds.value.map({ $0 > limit }) ?? true else { return nil }
        return ("idleTimeout", DurationWord.text((limit * 10).rounded(.down) / 10))
    }
}

extension Model {
    /// `a`: does what the advice for the selected host says, where that is a setting of ours.
    mutating func applyAdvice() -> [UIEffect] {
        let host = live.host(selection)
        guard let advised = live.advisedSetting(for: host) else {
            say("no advice for \(host?.name ?? "a host") is a setting of ours; i shows all")
            return []
        }
        do throws(CommandProblem) {
            return try change(setting: advised.name, to: advised.value, host: advised.host)
        } catch {
            say(error.text)
            return []
        }
    }

    /// Why the keys that hang on what happened so far cannot act now; nil: they can, or do not hang on it.
    func whyNotNow(_ action: Action) -> String? {
        if action == .undo, undos.isEmpty { return "nothing was changed" }
        if action == .apply, live.advisedSetting(for: live.host(selection)) == nil {
            return "no advice is a setting of ours"
        }
        return nil
    }
}
