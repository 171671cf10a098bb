import Diagnosis
import PoolModel

/// A setting of ours that would do what an advice says.
struct AdvisedSetting: Sendable, Equatable {
    /// As in config files.
    var name: String
    var value: String
    /// Nil: it exists once for all hosts.
    var host: Int?
    /// The cause that it is a remedy for, in words.
    var rule: String
}

extension DashboardState {
    /// The first of them that a setting of ours can follow, for one host and then for the whole process.
    func advisedSetting(for host: ShownHost?) -> AdvisedSetting? {
        let own = host.map { findings($0.id).all } ?? []
        return (own + processFindings()).lazy.compactMap { self.setting(for: $0) }.first
    }

    /// Nil where only others can do what the diagnosis advises, and where it is not known how much would do.
    private func setting(for diagnosis: Diagnosis) -> AdvisedSetting? {
        let host = host(diagnosis.hostID)
        guard let (name, value) = diagnosis.cause.setting(host) else { return nil }
        return AdvisedSetting(name: name, value: value, host: diagnosis.hostID, rule: diagnosis.tag)
    }
}

extension Cause {
    /// The setting that the words of its advice name; nil: it is no setting of ours, or how much would do is not known.
    func setting(_ host: ShownHost?) -> (name: String, value: String)? {
        switch self {
        case .lookupsPerRequest(_, _, let cacheIsOn): return cacheIsOn ? nil : ("dnsCache", "on")
        case .unevenLoad: return ("scheduling", "round-robin")
        case .waiting(let waiting):
            guard case .poolTooSmall(_, let needed?) = waiting.why else { return nil }
            return ("maxSockets", "\(needed)")
        case .surplus(_, _, _, let enough, let maxFree):
            guard let maxFree, maxFree > enough * 2 else { return nil }
            return ("maxFreeSockets", "\(enough * 2)")
        case .lowReuse(_, let reason): return reason.setting(host)
        case .closesIdle(let closes): return closes.setting
        case .name, .dial, .dialPending, .silent, .unanswered, .stuck, .dribble, .slow, .slowBody, .statuses, .failures,
            .strayAnswers, .staleName, .addressesDead, .addressGone, .massClose, .bodyUnread, .dialsUnused, .ports,
            .goodReuse, .descriptors, .timeWait, .retransmits, .farAddress, .oneRequestEach, .lookupsPerConnection:
            return nil
        }
    }
}

extension Cause.Reason {
    fileprivate func setting(_ host: ShownHost?) -> (name: String, value: String)? {
        switch self {
        case .keepAliveOff: return ("keepAlive", "on")
        case .wasOff, .growing, .unknown: return nil
        case .closes(.maxRequests, _, _, _): return ("maxRequestsPerConnection", "none")
        case .closes(.idleLimitHost, _, let maxFree?, _):
            guard let most = host?.maxSockets.value, maxFree < most else { return nil }
            return ("maxFreeSockets", "\(min(most, max(maxFree * 2, 4)))")
        case .closes(.idleTimeout, let limit?, _, _): return ("idleTimeout", time(limit * 4))
        case .closes: return nil
        }
    }
}

extension IdleCloses {
    /// Less than the age at which the server closes, by a tenth and at least half a second.
    fileprivate var setting: (name: String, value: String)? {
        guard isBeforeOurs, let learnedSeconds, learnedSeconds > 1 else { return nil }
        let limit = min(learnedSeconds * 0.9, learnedSeconds - 0.5)
        return ("idleTimeout", time((limit * 10).rounded(.down) / 10))
    }
}

/// `240s`, `4500ms`.
private func time(_ seconds: Double) -> String {
    seconds == seconds.rounded() && seconds < 1e6 ? "\(Int(seconds))s" : DurationWord.text(seconds)
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
        if action == .copy, view == .processes { return "a row can be copied in the overview" }
        if action == .undo, undos.isEmpty { return "nothing was changed" }
        if action == .apply, live.advisedSetting(for: live.host(selection)) == nil {
            return "no advice is a setting of ours"
        }
        return nil
    }
}
