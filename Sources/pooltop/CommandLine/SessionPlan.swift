import PoolModel

/// Everything that a command line and a config file together ask for: the engine's whole input.
struct SessionPlan: Sendable, Equatable {
    /// For all hosts; a target's own are in `TargetPlan.overrides`.
    var settings = AgentSetting.defaults
    /// Empty: the bundled downstreams.
    var targets: [TargetPlan] = []
    var load = LoadPlan()
    var dns = DNSPlan()
    var tls = TLSPlan()
    /// Event loops, each with an agent of its own that has its share of the limits.
    var loops = 1
    /// Of every random choice. Drawn where none was given; always reported.
    var seed: UInt64
    /// Changes while running, in the order in which they were given.
    var changes: [TimedChange] = []
    var checks: [CheckExpression] = []
    var screen = ScreenPlan()
    /// Where the session is written to while it goes on.
    var files = FilesPlan()

    init(seed: UInt64) { self.seed = seed }

    var usesBundledDownstreams: Bool { targets.isEmpty }

    /// The name of the pool that `@host` means. Targets of one origin share a pool, which has the name of the first.
    func poolName(of host: String) -> String {
        guard let named = targets.first(where: { $0.isNamed(host) }) else { return host }
        let first = targets.first { $0.url.origin == named.url.origin && $0.unixSocket == named.unixSocket }
        return first?.name ?? host
    }
}

/// How names become addresses. Limits and the cache's switch are in `AgentSettings`.
struct DNSPlan: Sendable, Equatable {
    /// nil: the system's servers; for the bundled downstreams their own.
    var server: SocketEndpoint?
    /// Asked before any server; the first that fits wins.
    var overrides: [ResolveOverride] = []
}

/// An address and a port.
struct SocketEndpoint: Sendable, Equatable {
    /// IPv4, or IPv6 without brackets.
    var address: String
    var port: Int

    var text: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

/// `--resolve HOST:PORT:ADDR[:PORT]`: these addresses in place of a lookup.
struct ResolveOverride: Sendable, Equatable {
    struct Address: Sendable, Equatable {
        /// IPv4, or IPv6 without brackets.
        var address: String
        /// nil: the port of the request.
        var port: Int?
    }
    /// In lower case; nil: any host (`*`).
    var host: String?
    /// nil: any port (`*`).
    var port: Int?
    /// Never empty.
    var addresses: [Address]

    func matches(host: String, port: Int) -> Bool {
        (self.host ?? host.lowercased()) == host.lowercased() && (self.port ?? port) == port
    }
}

/// TLS for all https targets.
struct TLSPlan: Sendable, Equatable {
    /// PEM; certificates trusted besides the system's.
    var caFile: String?
    /// PEM; the client's certificate chain. Given with `keyFile` or not at all.
    var certFile: String?
    /// PEM; the client's private key.
    var keyFile: String?
    /// True: no certificate is verified. Every view says so.
    var insecure = false
    /// No earlier version is spoken.
    var least = TLSLeast.v1_2
}

/// Where a session is written to while it goes on, as `--record` and `--hdr-log` say.
struct FilesPlan: Sendable, Equatable {
    /// nil: no recording.
    var recording: String?
    /// nil: no interval log of durations.
    var hdrLog: String?
}

/// What the terminal interface looks like.
struct ScreenPlan: Sendable, Equatable {
    enum Theme: String, CaseIterable, Sendable {
        case auto, dark, light, mono
    }
    var theme = Theme.auto
    /// No glyph outside of ASCII.
    var ascii = false
    var color = true
}

extension ScreenPlan {
    init(_ draft: PlanDraft) {
        self.init(
            theme: draft.theme?.value ?? .auto, ascii: draft.ascii?.value ?? false, color: draft.color?.value ?? true)
    }
}
