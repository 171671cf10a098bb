/// A failure that can be injected into a running downstream.
///
/// Over HTTP: `POST /_fault?QUERY` with the announced token (see `ControlAccess`), where QUERY is one of
/// `drop-idle`, `reset-all`, `drain`, `refuse`, `forge`, `slow&factor=3&added=200ms`,
/// `dns&addresses=127.0.0.2,127.0.0.3&ttl=5`, `dns=nxdomain`, `dns=servfail`, `dns=silence`, `dns=truncate`, `recover`.
package enum InjectedFault: Codable, Hashable, Sendable {
    /// Idle connections are closed without notice (FIN), as by a load balancer that drops them.
    case dropIdle
    /// Every connection is reset, whatever it is doing.
    case resetAll
    /// Existing connections wind down: idle ones close, busy ones respond with `Connection: close`. New ones are
    /// accepted, as during a rolling deployment.
    case drain
    /// The listeners close: connects are refused until `recover`. Open connections continue.
    case refuse
    /// A complete response is sent on every idle connection, without a request.
    case forge
    /// Every response takes `factor` times as long, plus `addedSeconds`.
    case slow(factor: Double, addedSeconds: Double)
    /// A different DNS answer from now on.
    case dns(DNSFault)
    /// Back to normal: listening, at the scenario's own speed, with its own records.
    case recover
}

/// The DNS server's answer for a downstream's name, instead of the real records.
package enum DNSFault: Codable, Hashable, Sendable {
    /// A different record set. Nil keeps that part; an empty list of addresses means NODATA. Addresses outside loopback
    /// are refused, because they would send a client's requests with their contents to another machine.
    case records(addresses: [String]?, ttlSeconds: Int?)
    case nameError
    case serverFailure
    /// Queries are counted and not answered.
    case silence
    /// Over UDP every answer is truncated and empty, so that clients must retry over TCP.
    case truncation
}

extension InjectedFault {
    package static let usage = """
        POST /_fault?drop-idle | reset-all | drain | refuse | forge | slow&factor=3&added=200ms | recover
                    | dns&addresses=127.0.0.2,127.0.0.3&ttl=5 | dns=nxdomain|servfail|silence|truncate
        with the field Authorization: Bearer TOKEN, where the token is the one that was announced

        """

    /// Nil if the query is not one of `usage`.
    package init?(query: String) {
        var values: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            values[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        let kind = query.prefix { $0 != "&" && $0 != "=" }
        switch kind {
        case "drop-idle": self = .dropIdle
        case "reset-all": self = .resetAll
        case "drain": self = .drain
        case "refuse": self = .refuse
        case "forge": self = .forge
        case "recover": self = .recover
        case "slow":
            guard let factor = Double(values["factor"] ?? "1"), (0...1000).contains(factor),
                let added = Route.nanoseconds(values["added"] ?? "0")
            else { return nil }
            self = .slow(factor: factor, addedSeconds: Double(added) / 1e9)
        case "dns":
            guard let fault = DNSFault(values) else { return nil }
            self = .dns(fault)
        default: return nil
        }
    }
}

extension DNSFault {
    fileprivate init?(_ values: [String: String]) {
        switch values["dns"] {
        case "nxdomain": self = .nameError
        case "servfail": self = .serverFailure
        case "silence": self = .silence
        case "truncate": self = .truncation
        case "":
            let addresses = values["addresses"]?.split(separator: ",").map(String.init)
            let ttlSeconds = values["ttl"].flatMap { Int($0) }
            guard addresses != nil || ttlSeconds != nil else { return nil }
            self = .records(addresses: addresses, ttlSeconds: ttlSeconds)
        default: return nil
        }
    }
}
