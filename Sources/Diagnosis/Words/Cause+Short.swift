import PoolModel
import Wording

extension Cause {
    /// At most 24 columns, the sign of an estimate before it included.
    package var shortText: String {
        switch self {
        case .name(let trouble): trouble.short
        case .dial(let trouble): trouble.reason?.shortLabel ?? trouble.cause.shortLabel
        case .dialPending(let state, let seconds, _):
            (state == .handshaking ? "TLS stalls " : "no connect ") + Amount.duration(seconds)
        case .silent(let silence):
            (silence.isInBody ? "body stalls " : "no response ") + Amount.duration(silence.seconds)
        case .unanswered(_, let inBody): inBody ? "no complete body" : "no response"
        case .stuck(let requests, let oldest, _):
            "\(Amount.shortCount(requests)) hang >" + Amount.duration(oldest)
        case .dribble(_, let oldest): "slow body >" + Amount.duration(oldest)
        case .slow(let mean, _): "slow " + Amount.duration(mean)
        case .slowBody(let mean, _): "slow bodies " + Amount.duration(mean)
        case .statuses(let trouble): trouble.short
        case .failures(let cause, let share): cause.shortLabel + " " + share.short
        case .strayAnswers(let count): "stray answers ×" + Amount.shortCount(count)
        case .staleName(let trouble): trouble.seconds.map { "stale DNS " + Amount.duration($0) } ?? "stale DNS"
        case .addressesDead(let dead, let all): "\(dead.count) of \(all) addresses dead"
        case .addressGone: "address left DNS"
        case .unevenLoad: "uneven load"
        case .massClose(let connections, _): "\(Amount.shortCount(connections)) closed at once"
        case .waiting(let waiting): waiting.short
        case .bodyUnread(let seconds): "body unread " + Amount.duration(seconds)
        case .surplus: "more open than needed"
        case .dialsUnused: "unused dials"
        case .ports, .timeWait: "ports in TIME_WAIT"
        case .retransmits: "segments lost"
        case .farAddress: "far address"
        case .oneRequestEach(let found): found.short
        case .lookupsPerConnection: "DNS per connection"
        case .lowReuse(let reuse, let reason): reason == .keepAliveOff ? "keep-alive off" : reuse.short
        case .closesIdle(let closes):
            closes.learnedSeconds.map { "closes idle at " + Amount.duration($0) } ?? "closes idle first"
        case .goodReuse(let reuse, _): reuse.short
        case .descriptors: "file descriptors"
        case .lookupsPerRequest: "DNS per request"
        }
    }
}

extension NameTrouble {
    var short: String {
        let since = seconds.map { " " + Amount.duration($0) } ?? ""
        return switch kind {
        case .missing: "no such name"
        case .serverSilent: "DNS silent" + since
        case .serverFails: "DNS failure"
        }
    }
}

extension StatusTrouble {
    /// `503 38%`, or `5xx 38%` where no code stands out.
    var short: String {
        isOneCode ? "\(code) \(Share(count, of: share.of).short)" : "\(kind)xx \(share.short)"
    }
}

extension Reuse {
    var short: String { Amount.percent(share) + " reuse" }
}

extension Waiting {
    var short: String {
        switch why {
        case .poolTooSmall: "pool too small"
        case .slowServer: "slow server"
        case .dialsAreSlow: "slow to connect"
        case .unknown: "requests wait"
        }
    }
}
