import PoolModel
import Wording

extension Cause {
    /// One line, as an event has it behind the host's name.
    package var headline: String {
        switch self {
        case .name(let trouble): trouble.headline
        case .dial(let trouble): trouble.headline
        case .dialPending(let state, let seconds, _):
            (state == .handshaking ? "TLS handshake makes no progress for " : "no answer to connection attempts for ")
                + Amount.duration(seconds)
        case .silent(let silence): silence.headline
        case .unanswered(let requests, let inBody):
            inBody
                ? "none of \(counted(requests, "response")) came to its end"
                : "no response to any of \(counted(requests, "request"))"
        case .stuck(let requests, let oldest, _):
            "\(counted(requests, "request")) without an answer for \(Amount.duration(oldest)), others are answered"
        case .dribble(let requests, let oldest):
            "\(counted(requests, "body", "bodies")) still arriving after \(Amount.duration(oldest))"
        case .slow(let mean, _): "answers take \(Amount.duration(mean))"
        case .slowBody(let mean, let first):
            "bodies take \(Amount.duration(mean)) to arrive, first byte after \(Amount.duration(first))"
        case .statuses(let trouble): trouble.headline
        case .failures(let cause, let share): cause.deed + share.repeats
        case .strayAnswers(let count): "server sent bytes that no request asked for (×\(Amount.count(count)))"
        case .staleName(let trouble): trouble.staleHeadline
        case .addressesDead(let dead, let all):
            "\(dead.count) of \(all) addresses dead (\(dead.prefix(3).joined(separator: ", ")))"
        case .addressGone(let address, let connections):
            "\(counted(connections, "connection")) to \(address), which left DNS"
        case .unevenLoad(let addresses, let factor):
            "one of \(addresses) addresses has \(Amount.fixed(factor, 1)) times the mean load"
        case .massClose(let connections, _): "server closed \(counted(connections, "connection")) within a second"
        case .waiting(let waiting): waiting.headline
        case .bodyUnread(let seconds): "a body is not read to its end for \(Amount.duration(seconds))"
        case .surplus(let open, _, _, let enough, _):
            "\(Amount.count(open)) connections open, \(Amount.count(enough)) would do"
        case .dialsUnused(let unused, let opened):
            "\(Amount.count(unused)) of \(Amount.count(opened)) connections never carried a request"
        case .ports(let held): "our closes hold \(Amount.short(held)) local ports in TIME_WAIT"
        case .timeWait(let held, let addresses): KernelWords.timeWaitHeadline(held, addresses)
        case .retransmits(let count, let share, let ofConnections):
            KernelWords.retransmitsHeadline(count, share, ofConnections)
        case .farAddress(let address, let seconds, let usual): KernelWords.farHeadline(address, seconds, usual)
        case .oneRequestEach(let found): found.headline
        case .lookupsPerConnection(let perConnection, _): KernelWords.lookupsHeadline(perConnection)
        case .lowReuse(let reuse, let reason): "only \(reuse.short): \(reason.short)"
        case .closesIdle(let closes): closes.headline
        case .goodReuse(let reuse, _): "\(Amount.percent(reuse.share)) of requests reuse a connection"
        case .descriptors(let open, let limit):
            "\(Amount.count(open)) of \(Amount.count(limit)) file descriptors are open"
        case .lookupsPerRequest(let perRequest, _, _): "\(Amount.fixed(perRequest, 1)) DNS queries a request"
        }
    }
}

/// `1 request`, `3 requests`.
func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(Amount.count(count)) \(count == 1 ? one : many ?? one + "s")"
}

extension Share {
    /// ` (×12)`; nothing where it happened once.
    var repeats: String { count > 1 ? " (×\(Amount.count(count)))" : "" }
}

extension NameTrouble.Kind {
    var deed: String {
        switch self {
        case .missing: FailureCause.dnsNotFound.deed
        case .serverSilent: FailureCause.dnsTimeout.deed
        case .serverFails: FailureCause.dnsFailure.deed
        }
    }
}

extension NameTrouble {
    var headline: String {
        let time = kind == .missing ? nil : seconds.map { Amount.duration($0) }
        return kind.deed + [name, time].compactMap(\.self).inParentheses
    }

    /// An outage that is not felt yet.
    var staleHeadline: String {
        let time = seconds.map { " for \(Amount.duration($0))" } ?? ""
        let carriesOn = staleHits > 0 ? "stale answers are served" : "open connections go on"
        return "\(kind == .missing ? "no such name any more" : kind.deed)\(time): \(carriesOn)"
    }
}

extension [String] {
    var inParentheses: String { isEmpty ? "" : " (\(joined(separator: ", ")))" }
}

extension DialTrouble {
    var headline: String { cause.isTLS ? cause.deed(reason) : "\(cause.deed) (\(shownPlace))" }

    /// For a unix socket its path, and for others what a person would type.
    var shownPlace: String {
        place.hasPrefix("http://") ? String(place.dropFirst(7)) : place
    }
}

extension Silence {
    var headline: String {
        let wait = queued > 0 ? ", \(Amount.count(queued)) wait" : ""
        return isInBody
            ? "a body stalls for \(Amount.duration(seconds)), \(counted(requests, "request")) in flight\(wait)"
            : "no response for \(Amount.duration(seconds)), \(counted(requests, "request")) in flight\(wait)"
    }
}

extension StatusTrouble {
    /// `503 Service Unavailable`.
    var fullName: String { reasonPhrase(ofStatus: code).map { "\(code) \($0)" } ?? "\(code)" }

    /// `401 ×150, 429 ×50`, the three most frequent.
    var codes: String {
        ([Code(code: code, count: count)] + others).prefix(3).map { "\($0.code) ×\(Amount.count($0.count))" }
            .joined(separator: ", ")
    }

    var headline: String {
        let percent = share.isPercentage ? Amount.percent(share.value) : nil
        let counts = others.isEmpty ? "×\(Amount.count(count))" : codes
        return "answers \(others.isEmpty ? fullName : "\(kind)xx")"
            + [counts, percent].compactMap(\.self).inParentheses
    }
}

extension Waiting {
    var headline: String {
        let wait =
            queued > 0
            ? "\(counted(queued, "request")) wait\(queued == 1 ? "s" : "")"
                + (oldestSeconds > 0 ? " \(Amount.duration(oldestSeconds))" : "")
            : "\(counted(refused, "request")) got no connection"
        return switch why {
        case .poolTooSmall(let limit, _): "\(wait): all \(Amount.count(limit)) connections are busy"
        case .slowServer(_, let service, _): "\(wait): the server takes \(Amount.duration(service))"
        case .dialsAreSlow: "\(wait): new connections take long"
        case .unknown: wait
        }
    }
}

extension Cause.Reason {
    var short: String {
        switch self {
        case .keepAliveOff: "HTTP keep-alive is off"
        case .wasOff: "HTTP keep-alive was off"
        case .growing: "the pool is growing"
        case .unknown: "why they are closed is not known here"
        case .closes(let reason, _, _, _): reason.because
        }
    }
}

extension IdleCloses {
    var headline: String {
        "server closed idle connections"
            + (learnedSeconds.map { " at \(Amount.duration($0))" } ?? "") + " (×\(Amount.count(closes)))"
    }
}
