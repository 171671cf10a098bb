import AgentCore
import PoolModel
import SessionConfig

/// A line for `node-load.cjs`; exactly one field is set.
struct NodeRequest: Encodable {
    var begin: NodeLoadPlan?
    var set: NodeSettings?
    var report: Int?
    var stop: Bool?
}

/// The load that Node is to make.
struct NodeLoadPlan: Encodable {
    struct Host: Encodable {
        /// A name or an address, as in the URL.
        var name: String
        var port: Int
        var isTLS: Bool
        /// Connected to in place of what `name` resolves to.
        var address: String?
        var unixSocket: String?
    }
    struct Target: Encodable {
        /// The index in `hosts`.
        var host: Int
        var path: String
        var method: String
        var headers: [String: [String]]
        /// Base64; nil: none.
        var body: String?
        var weight: Double
        /// Seconds for the whole request.
        var timeout: Double
    }

    var hosts: [Host]
    var targets: [Target]
    /// Certificates trusted besides Node's own list, each a PEM text.
    var authorities: [String]
    var insecure: Bool
    var certificate: String?
    var key: String?
    /// `address:port`; nil: the system's resolver.
    var dnsServer: String?
    var arrivals: String
    /// Requests in flight of a closed loop; nil: an open loop at `settings.rate`.
    var concurrency: Int?
    var seed: UInt32
    var settings: NodeSettings
}

/// Options of Node's http.Agent that can be changed while it runs, and the load's rate. nil leaves one as it is.
struct NodeSettings: Encodable {
    var keepAlive: Bool?
    var maxSockets: Int?
    var maxFreeSockets: Int?
    var maxTotalSockets: Int?
    var scheduling: String?
    var dnsCache: Bool?
    var rate: Double?

    init() {}

    /// A limit that was not given is as Node has it: with a limit its agent reuses connections for requests that wait, even
    /// where HTTP keep-alive is off.
    init(_ plan: SessionPlan) {
        let standard = SessionPlan(seed: 0).settings
        for setting in AgentSetting.allCases {
            let value = setting.value(in: plan.settings)
            if setting == .keepAlive || setting == .dnsCache || value != setting.value(in: standard) {
                set(setting, value)
            }
        }
        if case .rate(let perSecond, _) = plan.load.shape { rate = perSecond }
    }

    init(_ change: SettingChange) {
        switch change {
        case .set(let setting, let value): set(setting, value)
        case .rate(let perSecond): rate = perSecond
        case .toggleKeepAlive, .toggleDNSCache, .concurrency: break
        }
    }

    private mutating func set(_ setting: AgentSetting, _ value: SettingValue) {
        switch (setting.name, value) {
        case ("keepAlive", .keepAlive(let policy)): keepAlive = policy.isOn
        case ("dnsCache", .flag(let isOn)): dnsCache = isOn
        case ("scheduling", .scheduling(let order)): scheduling = order.rawValue
        // A limit that is above all numbers of connections stands for none.
        case ("maxSockets", .count(let count)): maxSockets = min(count ?? .max, Self.most)
        case ("maxFreeSockets", .count(let count)): maxFreeSockets = min(count ?? .max, Self.most)
        case ("maxTotalSockets", .count(let count)): maxTotalSockets = min(count ?? .max, Self.most)
        default: break
        }
    }

    private static let most = 1_000_000
}

/// The first line of `node-load.cjs`.
struct NodeGreeting: Decodable {
    /// `v20.19.2`
    var version: String
}

/// The answer to `report`: counts since the start, but for the latencies.
struct NodeReport: Decodable {
    struct DNS: Decodable {
        var lookups, hits, misses, failures, queries, entries: Int
    }
    struct Address: Decodable {
        var opened, open, exchanges: Int
    }
    struct Host: Decodable {
        var started, succeeded, failed, inFlight, queued, onNew, onReused: Int
        var dials, dialFailed, connecting, opened, closed, open, active: Int
        var handshakes, resumed, sent, received: Int
        var statuses: [String: Int]
        var errors: [String: Int]
        var addresses: [String: Address]
        /// Response times since the last report, in microseconds.
        var latencies: [Int64]
    }
    struct Target: Decodable {
        var planned, succeeded, failed: Int
    }

    var report: Int
    var uptime: Double
    var cpu: Double
    var maxResidentBytes: Int
    var planned: Int
    var dns: DNS
    var hosts: [Host]
    var targets: [Target]
}
