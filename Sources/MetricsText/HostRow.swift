internal import PoolModel

/// A host, or the sum of several, with its labels. It is a class because every family walks over all rows, and copying the
/// figures of a host would cost more than writing them.
final class HostRow {
    let labels: Labels
    private(set) var metrics: HostMetrics
    /// The counts in the order of `HostMetrics.counters`, read once: each key path reads the whole of the figures.
    private(set) lazy var counts: [Int] = Self.counts(metrics)
    private var certainties: Certainties
    /// The host itself, for figures that cannot be summed; nil for a sum.
    private(set) var host: HostSnapshot?

    /// The value of `host` for the sum of the hosts without rows of their own.
    static let restName = "other"

    init(_ host: HostSnapshot) {
        labels = Self.labels(of: host)
        metrics = host.metrics
        certainties = host.certainty
        self.host = host
    }

    /// The row of the rest.
    private init(departed: HostMetrics?) {
        labels = Labels("host", Self.restName)
        metrics = departed ?? HostMetrics()
        certainties = Certainties()
    }

    private func merge(_ other: HostMetrics, _ certainty: Certainties) {
        metrics.merge(other)
        certainties.merge(certainty)
        host = nil
    }

    private static func counts(_ metrics: HostMetrics) -> [Int] {
        HostMetrics.counters.map { metrics[keyPath: $0.keyPath] }
    }

    func certainty(_ group: FigureGroup) -> Certainty { certainties.isExact ? .exact : certainties[group] }

    /// The rows of a snapshot. Hosts with the same labels share one, because an exposition must not have two samples
    /// with the same labels.
    static func all(of snapshot: AgentSnapshot, _ selection: inout HostSelection) -> [HostRow] {
        let chosen = selection.choose(from: snapshot.hosts)
        var rows: [HostRow] = []
        rows.reserveCapacity(chosen.count + 1)
        var places: [Labels: Int] = [:]
        func add(_ row: HostRow) {
            if let place = places[row.labels] { return rows[place].merge(row.metrics, row.certainties) }
            places[row.labels] = rows.count
            rows.append(row)
        }
        for index in chosen { add(HostRow(snapshot.hosts[index])) }
        if let rest = rest(of: snapshot, without: chosen) { add(rest) }
        return rows
    }

    /// The hosts that were not chosen, and those that the agent evicted for others.
    private static func rest(of snapshot: AgentSnapshot, without chosen: [Int]) -> HostRow? {
        guard chosen.count < snapshot.hosts.count || snapshot.departed != nil else { return nil }
        let rest = HostRow(departed: snapshot.departed)
        let chosen = Set(chosen)
        for index in snapshot.hosts.indices where !chosen.contains(index) {
            rest.merge(snapshot.hosts[index].metrics, snapshot.hosts[index].certainty)
        }
        return rest
    }

    /// `host` is the name that the user gave; the other labels have the names of the conventions.
    private static func labels(of host: HostSnapshot) -> Labels {
        var labels = Labels("host", host.name)
        let origin = Origin(host.origin)
        labels.add("server_address", origin.address)
        if let port = origin.port { labels.add("server_port", port) }
        labels.add("url_scheme", origin.scheme ?? (host.isTLS ? "https" : "http"))
        return labels
    }
}

/// The parts of `scheme://address:port`.
struct Origin: Equatable {
    var scheme: String?
    /// Without the brackets of IPv6.
    var address: String
    var port: String?

    init(_ text: String) {
        var bytes = text.utf8[...]
        if let colon = bytes.firstIndex(of: Ascii.colon), bytes[colon...].starts(with: "://".utf8) {
            scheme = String(bytes[..<colon])
            bytes = bytes[colon...].dropFirst(3)
        }
        if let colon = bytes.lastIndex(of: Ascii.colon) {
            let digits = bytes[colon...].dropFirst()
            if !digits.isEmpty, digits.count <= 5, digits.allSatisfy(Ascii.isDigit) {
                port = String(digits)
                bytes = bytes[..<colon]
            }
        }
        if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") { bytes = bytes.dropFirst().dropLast() }
        address = String(Substring(bytes))
    }
}
