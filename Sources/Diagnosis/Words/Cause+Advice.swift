import PoolModel
import Wording

extension Cause {
    /// Behind advice that a key or an option of ours can follow.
    static let keepAliveKeys = ": key t here, K everywhere, or --keep-alive on"
    static let dnsCacheKeys = ": key d, or --dns-cache on"

    /// The cause, its figures and the remedy, without the host's name.
    package var advice: String {
        switch self {
        case .name(let trouble): trouble.advice
        case .dial(let trouble): trouble.advice
        case .dialPending(let state, let seconds, let open):
            pending(state, Amount.duration(seconds), open)
        case .silent(let silence): silence.advice
        case .unanswered(let requests, let inBody):
            (inBody
                ? "heads came, and none of \(counted(requests, "response")) came to its end before it was given up: "
                : "\(counted(requests, "request")) got no response before \(requests == 1 ? "it was" : "they were") given up: ")
                + "the server hangs, or the network lost it; look at the server, more connections do not help"
        case .stuck(let requests, let oldest, _):
            "\(counted(requests, "request")) got no answer for more than \(Amount.duration(oldest)) while others were "
                + "answered: find out what these ask for; a request timeout (--timeout) frees their connections"
        case .dribble(let requests, let oldest):
            "\(counted(requests, "body", "bodies")) still arriving after \(Amount.duration(oldest)): unless they are large "
                + "downloads, the server or a proxy throttles them; a request timeout (--timeout) frees their connections"
        case .slow(let mean, let usual):
            "answers take \(Amount.duration(mean)) on average"
                + (usual.map { ", half of all so far took \(Amount.duration($0)) at most" } ?? "")
                + ": the time is the server's; more connections would only make it wait elsewhere"
        case .slowBody(let mean, let first):
            "answers take \(Amount.duration(mean)), their first byte \(Amount.duration(first)): the bodies arrive slowly; the "
                + "server or a proxy dribbles them out, or the network is slow"
        case .statuses(let trouble): trouble.advice
        case .failures(let cause, let share):
            "\(share.words("request")) failed, \(cause.words): \(cause.remedy)"
        case .strayAnswers(let count):
            "this server sends answers that nobody asked for: \(Amount.count(count)) "
                + "\(count == 1 ? "connection was" : "connections were") closed for it; it, or a proxy before it, may "
                + "give one user's answer to another: tell its owner"
        case .staleName(let trouble): trouble.staleAdvice
        case .addressesDead(let dead, let all):
            "\(dead.count) of \(all) addresses in DNS take no connection (\(dead.prefix(3).joined(separator: ", "))): "
                + "the others do the work; take \(dead.count == 1 ? "it" : "them") out of DNS or repair "
                + (dead.count == 1 ? "it" : "them")
        case .addressGone(let address, let connections):
            "\(counted(connections, "connection")) \(connections == 1 ? "goes" : "go") to \(address), which is no longer "
                + "in DNS: \(connections == 1 ? "it closes" : "they close") after one more TTL"
        case .unevenLoad(let addresses, let factor):
            "one of \(addresses) addresses has \(Amount.fixed(factor, 1)) times the mean load: "
                + "round-robin or a shorter lifetime spreads it"
        case .massClose(let connections, let ago):
            "the server closed \(counted(connections, "connection")) within a second, \(Amount.duration(ago)) ago: a "
                + "restart or a drain"
        case .waiting(let waiting): waiting.advice
        case .bodyUnread(let seconds):
            "a body has been open for \(Amount.duration(seconds)): read it or cancel it, it holds a connection"
        case .surplus(let open, let rate, let service, let enough, let maxFree):
            surplusAdvice(open, rate, service, enough, maxFree)
        case .dialsUnused(let unused, let opened):
            "\(Amount.count(unused)) of \(Amount.count(opened)) connections never carried a request: others were free "
                + "before they were ready"
        case .ports(let held):
            "our closes hold about \(Amount.short(held)) local ports in TIME_WAIT for an address, the system has "
                + "\(Amount.count(portsOfAPair)): HTTP keep-alive, or more idle connections, closes fewer"
        case .timeWait(let held, let addresses): KernelWords.timeWaitAdvice(held, addresses)
        case .retransmits(let count, let share, let ofConnections):
            KernelWords.retransmitsHeadline(count, share, ofConnections)
                + " since the watch began: the network to it loses "
                + "packets, or is full"
        case .farAddress(let address, let seconds, let usual):
            KernelWords.farHeadline(address, seconds, usual) + ": it is in another place, or its network is full"
        case .lowReuse(let reuse, let reason): reuse.advice(reason)
        case .oneRequestEach(let found): found.advice
        case .closesIdle(let closes): closes.advice
        case .goodReuse(let reuse, let phases): reuse.praise(phases)
        case .descriptors(let open, let limit):
            "\(Amount.count(open)) of \(Amount.count(limit)) file descriptors are open: raise the limit (ulimit -n), or "
                + "lower maxTotalSockets"
        case .lookupsPerConnection(let perConnection, let rate): KernelWords.lookupsAdvice(perConnection, rate)
        case .lookupsPerRequest(let perRequest, let rate, let cacheIsOn):
            "\(Amount.fixed(perRequest, 1)) DNS queries a request, \(Amount.rate(rate))/s: "
                + (cacheIsOn
                    ? "fewer new connections need fewer lookups"
                    : "the DNS cache is off; switch it on\(Self.dnsCacheKeys)")
        }
    }
}

private func pending(_ state: SocketState, _ time: String, _ open: Int) -> String {
    let carriesOn = open > 0 ? "; \(counted(open, "connection")) that \(open == 1 ? "is" : "are") open still work" : ""
    if state == .handshaking {
        return "the server took the connection and does not go on with TLS for \(time): is the port really one for "
            + "https?\(carriesOn)"
    }
    return
        "connection attempts are not answered for \(time): a firewall that drops them, a wrong address or a machine that "
        + "is down\(carriesOn)"
}

private func surplusAdvice(
    _ open: Int, _ rate: Double, _ service: Double, _ enough: Int, _ maxFree: Int?
) -> String {
    let lower = maxFree.map { $0 > enough * 2 ? ": lower maxFreeSockets from \($0) to \(enough * 2)" : "" } ?? ""
    return "\(Amount.count(open)) open for \(Amount.rate(rate)) req/s at \(Amount.duration(service)): "
        + "\(Amount.count(enough)) would do\(lower)"
}

extension NameTrouble {
    /// `host.invalid`, and what servers were asked for where that is not the same.
    private var named: String {
        let asked = tried.filter { $0 != name }
        return (name ?? "the name") + (asked.isEmpty ? "" : " (tried \(tried.joined(separator: ", ")))")
    }

    private var server: String {
        servers.isEmpty ? "the DNS server" : "DNS server \(servers.prefix(3).joined(separator: ", "))"
    }

    private var time: String { seconds.map { " for \(Amount.duration($0))" } ?? "" }

    private var sufferers: String {
        if open > 0 { return "; \(counted(open, "open connection")) still \(open == 1 ? "works" : "work")" }
        return failed > 0 ? "; \(counted(failed, "request")) failed" : ""
    }

    var advice: String {
        switch kind {
        case .missing: "DNS has no address for \(named): check the name and the search list\(sufferers)"
        case .serverSilent:
            "\(server) does not answer\(time) when asked for \(named): check that it runs and that port 53 is open"
                + sufferers
        case .serverFails:
            "\(server) answers with a failure\(time) when asked for \(named) (SERVFAIL or the like): its own servers or the "
                + "zone are broken\(sufferers)"
        }
    }

    var staleAdvice: String {
        let carriesOn =
            staleHits > 0
            ? "\(counted(staleHits, "lookup")) got stale addresses and work" : "connections that are open go on"
        let unseen = "a change of addresses goes unseen"
        return switch kind {
        case .missing: "DNS has no address any more for \(named)\(time): \(carriesOn), new ones will fail"
        case .serverSilent:
            "\(server) does not answer\(time): \(carriesOn); \(unseen) until it is back (dnsStale limits this)"
        case .serverFails:
            "\(server) answers with a failure\(time): \(carriesOn); \(unseen) until it is well (dnsStale limits this)"
        }
    }
}

extension DialTrouble {
    private var sufferers: String {
        let failures = failed > 0 ? "; \(counted(failed, "request")) failed" : ""
        let next = nextDialSeconds.map { "; next dial in \(Amount.duration($0))" } ?? ""
        let carriesOn = open > 0 ? "; \(counted(open, "open connection")) still \(open == 1 ? "works" : "work")" : ""
        return failures + carriesOn + next
    }

    var advice: String {
        if cause.isTLS { return "\(reason?.words ?? cause.words): \(reason?.remedy ?? cause.remedy)\(sufferers)" }
        return switch cause {
        case .connectRefused:
            "\(shownPlace) refuses connections: nothing listens there, or a firewall says no; start the server or check "
                + "the port\(sufferers)"
        case .connectTimeout:
            "\(shownPlace) does not answer connection attempts: a firewall that drops them, a wrong address or a machine "
                + "that is down\(sufferers)"
        case .unixSocketMissing:
            "there is no socket at \(shownPlace): start the server, or check the path\(sufferers)"
        case .dnsNotFound, .dnsTimeout, .dnsFailure, .connectUnreachable, .addressNotAvailable, .tooManyOpenFiles,
            .tlsHandshakeFailed, .tlsCertificateInvalid, .queueFull, .queueTimeout, .requestTimeout, .firstByteTimeout,
            .peerClosed, .peerReset, .incompleteBody, .framingError, .bodyTooLarge, .cancelled, .shutdown,
            .invalidRequest:
            "\(shownPlace): \(cause.words): \(cause.remedy)\(sufferers)"
        }
    }
}

extension Silence {
    var advice: String {
        let wait = queued > 0 ? ", and \(Amount.count(queued)) wait behind \(requests == 1 ? "it" : "them")" : ""
        let state = isInBody ? "has begun to answer and stopped" : "hangs"
        return
            "\(isInBody ? "no byte of a body" : "not a byte") came for \(Amount.duration(seconds)) while \(counted(requests, "request")) "
            + "\(requests == 1 ? "is" : "are") in flight\(wait): the server \(state), or the network lost it; look at the "
            + "server, more connections do not help; a request timeout (--timeout) limits the wait"
            + (isFirst ? "; \(unlessNormal)" : "")
    }

    /// Before the first answer nobody knows how long one takes.
    private var unlessNormal: String {
        isInBody
            ? "if it streams events, pauses are normal, and known after the first"
            : "if it is a long poll, waiting is normal, and known after its first answer"
    }
}

extension StatusTrouble {
    var advice: String {
        let speed = medianSeconds.map { $0 < 0.5 ? ", as fast as \(Amount.duration($0))" : "" } ?? ""
        let span = windowSeconds > 0 ? " in \(Amount.duration(windowSeconds))" : ""
        let percent = share.isPercentage && share.count < share.of ? "\(Amount.percent(share.value)), " : ""
        let isAre = share.count == 1 ? "is" : "are"
        let answers = others.isEmpty ? fullName : "\(kind)xx (\(codes))"
        return "\(percent)\(share.words("answer"))\(span) \(isAre) \(answers)\(speed): \(remedy)"
    }

    private var remedy: String {
        switch code {
        case 401, 407: "credentials are missing or not accepted; check --header Authorization"
        case 403: "the server forbids it to these credentials or this address"
        case 404, 410: "check the path of the URL"
        case 405: "check --method"
        case 408: "the server waited in vain for the request"
        case 429: "the server wants fewer requests; lower the rate, or ask for a higher limit"
        case 413, 414, 431: "the request is larger than the server allows"
        case 500: "the server's own code fails; look at its log"
        case 502, 504: "a proxy gets no good answer from the server behind it; look there"
        case 503: "the server is overloaded, or out of service on purpose; look there"
        default:
            kind == 5
                ? "the server fails; look at its log"
                : "the server says that the requests are wrong; compare one with its manual"
        }
    }
}

extension Waiting {
    var advice: String {
        let wait =
            queued > 0
            ? "\(counted(queued, "request")) wait\(queued == 1 ? "s" : "")"
                + (oldestSeconds > 0 ? ", the oldest \(Amount.duration(oldestSeconds))" : "")
            : "none waits now"
        let lost = refused > 0 ? ", \(counted(refused, "request")) got no connection" : ""
        return "\(wait)\(lost): " + because
    }

    private var because: String {
        switch why {
        case .poolTooSmall(let limit, let needed):
            "all \(Amount.count(limit)) connections are busy"
                + (needed.map { "; about \($0) would do: raise maxSockets from \(limit) to \($0)" }
                    ?? "; raise maxSockets")
        case .slowServer(let limit, let service, let usual):
            "all \(Amount.count(limit)) connections are busy because each request takes \(Amount.duration(service))"
                + (usual.map { ", where half took \(Amount.duration($0)) at most" } ?? "")
                + "; the server is slow, a larger pool would load it more"
        case .dialsAreSlow: "connections are not ready fast enough"
        case .unknown: "no connection is free for them"
        }
    }
}

extension Reuse {
    func advice(_ reason: Cause.Reason) -> String {
        let rate = openedPerSecond.map { ", \(Amount.rate($0)) new connections/s" } ?? ""
        return "\(Amount.percent(share)) reuse\(rate): \(remedy(reason))"
    }

    private func remedy(_ reason: Cause.Reason) -> String {
        switch reason {
        case .keepAliveOff: "HTTP keep-alive is off; switch it on\(Cause.keepAliveKeys)"
        case .wasOff: "still counting the seconds before K"
        case .unknown: "why they are closed is not known here"
        case .growing: "nothing was closed: the pool is still growing"
        case .closes(let reason, let limit, let maxFree, let isEstimate):
            (isEstimate ? "it seems that " : "") + remedy(reason, limit, maxFree)
        }
    }

    private func remedy(_ reason: CloseReason, _ limit: Double?, _ maxFree: Int?) -> String {
        switch reason {
        case .closeHeaderReceived:
            "\(reason.because) after \(answersPerConnection); only its owner, or that of a proxy before it, can change that"
        case .http10, .untilCloseBody:
            "\(reason.because); only its owner, or that of a proxy before it, can change that"
        case .closeHeaderSent, .keepAliveDisabled: "still counting the seconds before K"
        case .idleTimeout: "our limit of \(Amount.duration(limit)) ends idle connections; raise idleTimeout"
        case .lifetime: "our longest lifetime ends connections; raise maxLifetime"
        case .hintTimeout, .learnedTimeout, .peerClosedIdle:
            "the server keeps idle connections shorter than requests are apart"
        case .idleLimitHost:
            "more than \(maxFree.map { "\($0)" } ?? "the allowed") idle connections were left over; raise maxFreeSockets"
        case .idleLimitTotal:
            "more connections were idle than all hosts together may keep; raise maxFreeSocketsTotal or maxTotalSockets"
        case .evictedForOtherHost:
            "other hosts need the places of its idle connections, because all hosts together have as many as they may; "
                + "raise maxTotalSockets"
        case .maxRequests: "our limit on requests per connection ends them; raise it"
        case .hintMax: "the server allows only so many requests per connection; only its owner can raise that"
        case .peerClosedActive, .peerReset, .tlsError, .framingError, .unsolicitedBytes, .bodyAbandoned,
            .requestCancelled, .requestTimeout, .earlyResponse:
            "errors end the connections, mostly because \(reason.because)"
        case .dnsRetired: "the addresses in DNS change, and connections with them"
        case .closedByProcess:
            "\(reason.because) after \(answersPerConnection): its idle limit, or a limit on idle connections or requests; "
                + "raise it there"
        case .upgraded, .drain, .shutdown, .closerUnknown:
            "connections leave the pool: \(reason.because)"
        }
    }

    /// `each answer`, `about 9 answers`.
    private var answersPerConnection: String {
        let answers = (1 / max(0.001, 1 - share)).rounded()
        return answers < 2 ? "each answer" : "about \(Amount.count(Int(answers))) answers"
    }

    func praise(_ phases: [Phase]) -> String {
        let text = "\(Amount.percent(share)) of requests reuse a connection"
        guard !phases.isEmpty else { return text }
        let sum = phases.reduce(0) { $0 + $1.seconds }
        let names = phases.map { "\($0.name) \(Amount.milliseconds($0.seconds))" }.joined(separator: " + ")
        return text + "; each saves up to \(Amount.duration(sum)) (\(names))"
    }
}

extension IdleCloses {
    var advice: String {
        let share = reuse.map { "\(Amount.percent($0.share)) reuse: " } ?? ""
        let losses =
            lost > 0 ? "; \(counted(lost, "request")) \(lost == 1 ? "was" : "were") lost in the race with it" : ""
        return share + deed + losses
    }

    private var deed: String {
        let dropped = "the server dropped \(counted(closes, "idle connection"))"
        guard limitIsKnown else {
            guard let learnedSeconds else { return "\(dropped) before we did" }
            return
                "\(dropped) at \(Amount.duration(learnedSeconds)) idle: give them up before that, so that no request "
                + "races with its close"
        }
        guard let learnedSeconds else {
            let ours = limitSeconds.map { ", ours is \(Amount.duration($0))" } ?? ""
            return "\(dropped) before the next request came; its limit is not known yet\(ours)"
        }
        let age = Amount.duration(learnedSeconds)
        let limit = limitSeconds.map { Amount.duration($0) } ?? "none"
        let isApart = reuse == nil ? "" : "; requests are further apart than that"
        guard isBeforeOurs else {
            return "the server drops idle connections at \(age); the limit of \(limit) avoids it\(isApart)"
        }
        return "\(dropped) at \(age), our limit is \(limit): set idleTimeout below \(age)\(isApart)"
    }
}
