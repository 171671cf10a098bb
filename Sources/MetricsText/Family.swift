internal import PoolModel

/// A family of samples, as the writer declares it.
struct Family: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram, info }

    /// The name without `_total` and `_info`, as OpenMetrics has it.
    let name: String
    let kind: Kind
    /// The unit that the name ends in; nil for plain counts.
    let unit: String?
    let help: String
    /// The name that samples have; for histograms, the part before `_bucket`.
    let sample: [UInt8]

    init(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        switch kind {
        case .counter: sample = Array((name + "_total").utf8)
        case .info: sample = Array((name + "_info").utf8)
        case .gauge, .histogram: sample = Array(name.utf8)
        }
    }
}

/// Names of families and labels, made of the names in the tables of counters.
///
/// A figure that an OpenTelemetry convention (or .NET, for the time in the queue) names has that name, so that dashboards
/// for others fit. No convention covers the rest: it goes under `http_client_pool_` and `dns_cache_`.
enum FamilyName {
    /// Present counts for which there is a convention, by their row.
    static let conventions: [String: (family: String, state: (name: String, value: String)?, help: String)] = [
        "connections.active": (
            "http_client_open_connections", ("http_connection_state", "active"), "Open connections by state."
        ),
        "connections.idle": (
            "http_client_open_connections", ("http_connection_state", "idle"), "Open connections by state."
        ),
        "requests.inFlight": ("http_client_active_requests", nil, "Requests on a connection now."),
    ]

    /// Durations for which there is a convention, by their row.
    static let durations = [
        "response": "http_client_request_duration", "queueWait": "http_client_request_time_in_queue",
        "dnsLookup": "dns_lookup_duration",
    ]

    /// Labels for which there is a convention, by the row of the set.
    static let labels = ["statuses": "http_response_status_code", "errors": "error_type"]

    /// The label that tells the row from others of its family; empty if it has a family of its own.
    static func label<Counts>(of counter: Counter<Counts>) -> Labels {
        conventions[counter.name]?.state.map { Labels($0.name, $0.value) } ?? Labels()
    }

    static func family<Counts>(of counter: Counter<Counts>) -> Family {
        let kind: Family.Kind =
            switch counter.kind {
            case .total: .counter
            case .present, .peak: .gauge
            }
        if let known = conventions[counter.name] { return Family(known.family, kind, known.help) }
        return Family(name(counter.name), kind, unit: base(of: counter.unit), counter.help)
    }

    static func family<Counts>(of counter: LabelledCounter<Counts>) -> Family {
        Family(name(counter.name), .counter, unit: base(of: counter.unit), counter.help)
    }

    static func family(of row: DurationRow) -> Family {
        let known = durations[row.name] ?? "http_client_pool_\(snake(row.name[...]))_duration"
        return Family(known + "_seconds", .histogram, unit: "seconds", row.help)
    }

    /// The label of a set: `reason` of `connections.closedByReason`, `decision` of `requests.retryDecisions`.
    static func label(of name: String) -> String {
        if let known = labels[name] { return known }
        let last = snake(name[...]).split(separator: "_").last ?? "label"
        return String(last.hasSuffix("s") ? last.dropLast() : last)
    }

    /// `http_client_pool_requests_started` of `requests.started`, `dns_cache_hits` of `dns.hits`. Bytes are a base unit
    /// and stand at the end: `http_client_pool_sent_bytes` of `bytes.sent`.
    private static func name(_ row: String) -> String {
        var parts = row.split(separator: ".").map { snake($0) }
        if parts.first == "dns" { return (["dns_cache"] + parts.dropFirst()).joined(separator: "_") }
        if parts.first == "bytes" { parts.append(parts.removeFirst()) }
        return (["http_client_pool"] + parts).joined(separator: "_")
    }

    /// Requests, connections and the like are counts, which have no unit in a name.
    private static func base<Counts>(of unit: Counter<Counts>.Unit) -> String? {
        switch unit {
        case .bytes: "bytes"
        case .requests, .connections, .dials, .handshakes, .lookups, .queries, .names: nil
        }
    }

    private static func snake(_ name: Substring) -> String {
        name.reduce(into: "") { text, character in
            if character == "." { return text.append("_") }
            if character.isUppercase, !text.isEmpty { text.append("_") }
            text.append(contentsOf: character.lowercased())
        }
    }
}
