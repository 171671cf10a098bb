import Wording

extension OneRequestEach {
    var label: String {
        switch closer {
        case .process: isLongLived ? "processIdleLimit" : "keepAliveOff"
        case .server: "serverSaysClose"
        case .unknown: "lowReuse"
        }
    }

    var short: String {
        switch closer {
        case .process: isLongLived ? "process closes idle" : "keep-alive off"
        case .server: "server closes each"
        case .unknown: "one request each"
        }
    }

    var headline: String {
        let closing =
            switch closer {
            case .process: "the process closes it"
            case .server: "the server closes it"
            case .unknown: "one side closes it"
            }
        return "each request has a connection of its own: \(closing)"
    }

    var advice: String {
        let rate = reuse.openedPerSecond.map { " (\(Amount.rate($0)) new/s)" } ?? ""
        return "each request has a connection of its own\(rate), and \(deed)" + carrying
    }

    private var deed: String {
        switch closer {
        case .process where isLongLived:
            "the process closes it at an age of \(Amount.duration(lifeSeconds)): its idle limit is shorter than requests "
                + "are apart; raise it there"
        case .process:
            "the process closes it: HTTP keep-alive is off in it, or it uses a new client for each request; keep one "
                + "client, with keep-alive on"
        case .server:
            "the server closes it: it forbids HTTP keep-alive; only its owner, or that of a proxy before it, can change "
                + "that"
        case .unknown: "which side closes it is not known"
        }
    }

    /// The connections that the same load would need.
    private var carrying: String {
        guard !isLongLived, let enough, let requestsPerSecond, let lifeSeconds else { return "" }
        return "; about \(counted(enough, "connection")) would carry this load (\(Amount.rate(requestsPerSecond))/s of "
            + "\(Amount.duration(lifeSeconds)))"
    }
}

enum KernelWords {
    static func timeWaitHeadline(_ held: Int, _ addresses: Int) -> String {
        "\(counted(held, "connection")) in TIME_WAIT hold \(share(held, addresses)) of the local ports"
    }

    static func timeWaitAdvice(_ held: Int, _ addresses: Int) -> String {
        "\(counted(held, "connection")) in TIME_WAIT hold \(share(held, addresses)) of the \(Amount.count(portsOfAPair)) local "
            + "ports for \(addresses == 1 ? "its address" : "each of its addresses"): each that this side closes keeps one for a minute; HTTP keep-alive, or more "
            + "idle connections, closes fewer"
    }

    private static func share(_ held: Int, _ addresses: Int) -> String {
        Amount.percent(Double(held) / Double(addresses) / Double(portsOfAPair))
    }

    static func retransmitsHeadline(_ count: Int, _ share: Double, _ ofConnections: Bool) -> String {
        "\(counted(count, "segment")) sent again, \(Amount.fixed(share * 100, 1)) in a hundred "
            + (ofConnections ? "connections" : "requests")
    }

    static func farHeadline(_ address: String, _ seconds: Double, _ usual: Double) -> String {
        "round trips to \(address) take \(Amount.duration(seconds)), to others \(Amount.duration(usual))"
    }

    static func lookupsHeadline(_ perConnection: Double) -> String {
        "\(Amount.fixed(perConnection, 1)) DNS lookups for each new connection"
    }

    static func lookupsAdvice(_ perConnection: Double, _ rate: Double) -> String {
        lookupsHeadline(perConnection)
            + ", \(Amount.rate(rate))/s: nothing keeps the answers; a DNS cache in the process "
            + "or on this machine does (systemd-resolved, nscd), and fewer new connections need fewer"
    }
}
