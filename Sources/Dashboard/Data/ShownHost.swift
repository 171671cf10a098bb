import PoolModel
import Wording

/// A snapshot as seen by panels: its hosts' counts include their certainty, and nothing here returns the bare number of
/// an unknown figure.
@dynamicMemberLookup
struct ShownSnapshot: Sendable {
    private let snapshot: AgentSnapshot
    let hosts: [ShownHost]
    /// The certainty of sums over all hosts.
    let certainty: Certainties

    /// `snapshot` must already be sanitised.
    init(_ snapshot: AgentSnapshot) {
        self.snapshot = snapshot
        let shared = snapshot.load?.sharedNames ?? [:]
        hosts = snapshot.hosts.map { ShownHost($0, name: shared[$0.id]) }
        certainty = snapshot.certainty
    }

    subscript<Value>(dynamicMember member: KeyPath<AgentSnapshot, Value>) -> Value { snapshot[keyPath: member] }

    /// For output other than panels, such as a saved snapshot.
    var source: AgentSnapshot { snapshot }

    /// Where the figures come from; nil: from our own agent.
    var origin: SourceSnapshot? { snapshot.source }

    @available(*, unavailable, message: "a panel shows figures with their certainty")
    var dns: DNSCounts { snapshot.dns }
    @available(*, unavailable, message: "a panel shows figures with their certainty")
    var departed: HostMetrics? { snapshot.departed }
    @available(*, unavailable, message: "a panel shows figures with their certainty")
    var totals: HostMetrics { snapshot.totals }

    /// HTTP keep-alive for hosts without a setting of their own.
    var keepAlive: Figure<Bool> { Figure(snapshot.keepAlive, certainty[.limits]) }
    var dnsCacheEnabled: Figure<Bool> { Figure(snapshot.dnsCacheEnabled, certainty[.dns]) }
    var maxTotalSockets: Figure<Int> { Figure(snapshot.maxTotalSockets, certainty[.limits]) }

    /// The sum of a count over all hosts, unknown if it is unknown for one of them.
    func sum(_ count: (HostFigures) -> Figure<Int>) -> Figure<Int> {
        hosts.isEmpty ? .exact(0) : .sum(hosts.map { count($0.metrics) })
    }
}

/// A host as seen by panels.
@dynamicMemberLookup
struct ShownHost: Sendable {
    private let host: HostSnapshot
    let id: Int
    /// As the screen has it: where targets of several names share the host, it says so.
    let name: String

    init(_ host: HostSnapshot, name: String? = nil) {
        self.host = host
        id = host.id
        self.name = name ?? host.name
    }

    subscript<Value>(dynamicMember member: KeyPath<HostSnapshot, Value>) -> Value { host[keyPath: member] }

    /// True if this host's pool carries the target's requests.
    func carries(_ target: LoadSnapshot.LoadTarget) -> Bool { target.isCarried(by: host) }

    /// The name of the target that was used first, where several share the host.
    var ownName: String { host.name }
    var metrics: HostFigures { host.figures }
    var keepAlive: Figure<Bool> { Figure(host.keepAlive, host.certainty[.limits]) }
    var maxSockets: Figure<Int> { Figure(host.maxSockets, host.certainty[.limits]) }
    var maxFreeSockets: Figure<Int> { Figure(host.maxFreeSockets, host.certainty[.limits]) }
    /// Absent if there is no limit.
    var idleLimitSeconds: Figure<Double> { Figure(host.idleLimitSeconds, host.certainty[.limits]) }
    var oldestWaitSeconds: Double? { host.certainty[.queue] == .unknown ? nil : host.oldestWaitSeconds }
    var oldestActiveSeconds: Double? { host.certainty[.activity] == .unknown ? nil : host.oldestActiveSeconds }
    /// Nothing came for so long though something is in flight; of bodies only, where heads still come.
    var silentSeconds: Double? { host.certainty[.activity] == .unknown ? nil : host.silentSeconds }
    var bodySilentSeconds: Double? { host.certainty[.activity] == .unknown ? nil : host.bodySilentSeconds }
    /// Requests in flight for a second or more; nil: not known.
    var inFlightAges: [InFlightAge]? { host.certainty[.activity] == .unknown ? nil : host.inFlightAges }
    var addresses: [ShownAddress] { host.addresses.map { ShownAddress($0, host.certainty) } }
}

/// One peer address of a host as seen by panels.
struct ShownAddress: Sendable {
    let address: String
    let open: Figure<Int>
    let exchanges: Figure<Int>
    let isInDNS: Figure<Bool>
    let isSuspect: Bool

    init(_ address: AddressSnapshot, _ certainty: Certainties) {
        self.address = address.address
        open = Figure(address.open, certainty[.connections])
        exchanges = Figure(address.exchanges, certainty[.reuse])
        isInDNS = Figure(address.isInDNS, certainty[.dns])
        isSuspect = address.isSuspect && certainty[.dials] != .unknown
    }
}

extension Figure<Bool> {
    /// True if the value is known to be true.
    var isTrue: Bool { value ?? false }
    /// True if the value is known to be false.
    var isFalse: Bool { value.map { !$0 } ?? false }
}

extension Figure<LatencyHistogram> {
    /// The duration that this percentage does not exceed; absent if nothing was recorded.
    func percentile(_ percent: Double) -> Figure<Double> { map { $0.seconds(atPercentile: percent) } }
    var mean: Figure<Double> { map { $0.meanSeconds } }
    var count: Figure<Int> { map { $0.count } }
}

extension [ShownHost] {
    /// Their names by id, in so many columns and told apart from each other.
    func shortNames(to width: Int, _ glyphs: Glyphs) -> [Int: String] {
        let names = Wording.shortNames(map(\.name), to: width, ellipsis: glyphs.ellipsis)
        return Dictionary(zip(map(\.id), names)) { first, _ in first }
    }
}
