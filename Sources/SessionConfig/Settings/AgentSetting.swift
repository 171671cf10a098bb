package import AgentCore
package import PlainDocuments
import PoolModel

/// Every setting of the agent by the name it has in config files, in JSON, in `--at` and in `--set`.
///
/// Names are those of `AgentSettings`, but for the two that Node made familiar: `maxSockets` and `maxFreeSockets`.
package enum AgentSetting: String, CaseIterable, Sendable {
    case keepAlive, maxSockets, maxTotalSockets, maxFreeSockets, maxFreeSocketsTotal, minIdlePerHost
    case idleTimeout, maxLifetime, lifetimeJitter, maxRequestsPerConnection, scheduling
    case queueLimit, queueTimeout, connectTimeout, tlsTimeout, dnsTimeout, firstByteTimeout
    case bodySilenceTimeout, requestTimeout
    case maxDialsPerHost, maxBackoff, failFastWhileBackingOff, retries, retryBudget
    case dnsCache, dnsMinTTL, dnsMaxTTL, dnsStale, dnsCacheSize, tcpKeepAliveProbe

    /// The defaults of the commands: those of the library, but for one limit of 30 s for a whole request (`--timeout`) in
    /// place of its limits on silence. A load must end, and a person who gives a longer limit means that one.
    static let defaults: AgentSettings = {
        var settings = AgentSettings()
        settings.requestTimeout = .seconds(30)
        settings.firstByteTimeout = nil
        settings.bodySilenceTimeout = nil
        return settings
    }()

    /// The type of a setting, where it is kept, and which values it takes.
    package enum Kind: Sendable {
        case keepAlive
        case scheduling
        case flag(any WritableKeyPath<AgentSettings, Bool> & Sendable)
        case count(any WritableKeyPath<AgentSettings, Int> & Sendable, ClosedRange<Int>)
        case optionalCount(any WritableKeyPath<AgentSettings, Int?> & Sendable, ClosedRange<Int>)
        case duration(any WritableKeyPath<AgentSettings, Duration> & Sendable)
        case optionalDuration(
            any WritableKeyPath<AgentSettings, Duration?> & Sendable, zero: Bool = false, most: Duration? = nil)
        case share(any WritableKeyPath<AgentSettings, Double> & Sendable)
    }

    private static let many = 1_000_000
    /// Linux's limit of TCP_KEEPIDLE.
    private static let longestProbe = Duration.seconds(32_767)

    package var kind: Kind {
        switch self {
        case .keepAlive: .keepAlive
        case .maxSockets: .count(\.maxSocketsPerHost, 1...Self.many)
        case .maxTotalSockets: .count(\.maxTotalSockets, 1...Self.many)
        case .maxFreeSockets: .optionalCount(\.maxFreeSocketsPerHost, 0...Self.many)
        case .maxFreeSocketsTotal: .optionalCount(\.maxFreeSocketsTotal, 0...Self.many)
        case .minIdlePerHost: .count(\.minIdlePerHost, 0...Self.many)
        case .idleTimeout: .optionalDuration(\.idleTimeout, zero: true)
        case .maxLifetime: .optionalDuration(\.maxLifetime)
        case .lifetimeJitter: .share(\.lifetimeJitter)
        case .maxRequestsPerConnection: .optionalCount(\.maxRequestsPerConnection, 1...Int.max)
        case .scheduling: .scheduling
        case .queueLimit: .count(\.queueLimit, 0...Self.many)
        case .queueTimeout: .optionalDuration(\.queueTimeout)
        case .connectTimeout: .optionalDuration(\.connectTimeout)
        case .tlsTimeout: .optionalDuration(\.tlsTimeout)
        case .dnsTimeout: .optionalDuration(\.dnsTimeout)
        case .firstByteTimeout: .optionalDuration(\.firstByteTimeout)
        case .bodySilenceTimeout: .optionalDuration(\.bodySilenceTimeout)
        case .requestTimeout: .optionalDuration(\.requestTimeout)
        case .maxDialsPerHost: .count(\.maxDialsPerHost, 1...Self.many)
        case .maxBackoff: .duration(\.maxBackoff)
        case .failFastWhileBackingOff: .flag(\.failFastWhileBackingOff)
        // A retry is never retried, so a larger number would be no different.
        case .retries: .count(\.retries, 0...1)
        case .retryBudget: .share(\.retryBudget)
        case .dnsCache: .flag(\.dnsCache)
        case .dnsMinTTL: .duration(\.dnsMinTTL)
        case .dnsMaxTTL: .duration(\.dnsMaxTTL)
        case .dnsStale: .duration(\.dnsStale)
        case .dnsCacheSize: .count(\.dnsCacheSize, 0...Self.many)
        case .tcpKeepAliveProbe: .optionalDuration(\.tcpKeepAliveProbe, most: Self.longestProbe)
        }
    }

    /// False for the settings that exist once for all hosts, which a target cannot have for itself.
    package var isPerHost: Bool {
        switch self {
        case .maxTotalSockets, .maxFreeSocketsTotal, .dnsTimeout, .dnsCache, .dnsMinTTL, .dnsMaxTTL, .dnsStale,
            .dnsCacheSize, .retryBudget, .lifetimeJitter, .tcpKeepAliveProbe:
            false
        case .keepAlive, .maxSockets, .maxFreeSockets, .minIdlePerHost, .idleTimeout, .maxLifetime,
            .maxRequestsPerConnection, .scheduling, .queueLimit, .queueTimeout, .connectTimeout, .tlsTimeout,
            .firstByteTimeout, .bodySilenceTimeout, .requestTimeout, .maxDialsPerHost, .maxBackoff,
            .failFastWhileBackingOff, .retries:
            true
        }
    }

    /// The setting of this name; the longer names that `AgentSettings` itself uses are known too.
    package init?(name: String) {
        switch name {
        case "maxSocketsPerHost": self = .maxSockets
        case "maxFreeSocketsPerHost": self = .maxFreeSockets
        default: self.init(rawValue: name)
        }
    }

    /// As `init(name:)`, with a suggestion where there is no such setting.
    package static func named(_ name: String, alsoKnown: [String] = []) throws(TextProblem) -> AgentSetting {
        if let setting = AgentSetting(name: name) { return setting }
        throw NearestName.problem(kind: "setting", name: name, among: alsoKnown + allCases.map(\.rawValue))
    }
}
