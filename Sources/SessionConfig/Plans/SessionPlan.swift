package import PoolModel

/// Everything that a command line and a config file together ask for: the engine's whole input.
package struct SessionPlan: Sendable, Equatable {
    /// For all hosts; a target's own are in `TargetPlan.overrides`.
    package var settings = AgentSetting.defaults
    /// Empty: the bundled downstreams.
    package var targets: [TargetPlan] = []
    /// The downstreams that are started if there are no targets.
    package var bundled = BundledFleet.healthy
    package var load = LoadPlan()
    package var dns = DNSPlan()
    package var tls = TLSPlan()
    /// Event loops, each with an agent of its own that has its share of the limits.
    package var loops = 1
    /// The seed of every random choice. Drawn if none was given; always reported.
    package var seed: UInt64
    /// The part of the load that is sent; nil: all of it. Everything else in the plan is of the whole.
    package var share: PlanShare?
    /// Changes while running, in the order in which they were given.
    package var changes: [TimedChange] = []
    package var checks: [CheckExpression] = []
    package var screen = ScreenPlan()
    /// Where the session is written to while it goes on.
    package var files = FilesPlan()

    package init(seed: UInt64) { self.seed = seed }

    package var usesBundledDownstreams: Bool { targets.isEmpty }

    /// The name of the pool that `@host` means. Targets of one origin share a pool, which has the name of the first.
    package func poolName(of host: String) -> String {
        guard let named = targets.first(where: { $0.isNamed(host) }) else { return host }
        let first = targets.first { $0.url.origin == named.url.origin && $0.unixSocket == named.unixSocket }
        return first?.name ?? host
    }
}

/// How names become addresses. Limits and the cache's switch are in `AgentSettings`.
package struct DNSPlan: Sendable, Equatable {
    /// nil: the system's servers; for the bundled downstreams their own.
    package var server: SocketEndpoint?
    /// Asked before any server; the first that fits wins.
    package var overrides: [ResolveOverride] = []
}

/// An address and a port.
package struct SocketEndpoint: Sendable, Equatable {
    /// IPv4, or IPv6 without brackets.
    package var address: String
    package var port: Int

    package var text: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

/// `--resolve HOST:PORT:ADDR[:PORT]`: these addresses in place of a lookup.
package struct ResolveOverride: Sendable, Equatable {
    package struct Address: Sendable, Equatable {
        /// IPv4, or IPv6 without brackets.
        package var address: String
        /// nil: the port of the request.
        package var port: Int?
    }
    /// In lower case; nil: any host (`*`).
    package var host: String?
    /// nil: any port (`*`).
    package var port: Int?
    /// Never empty.
    package var addresses: [Address]

    package func matches(host: String, port: Int) -> Bool {
        (self.host ?? host.lowercased()) == host.lowercased() && (self.port ?? port) == port
    }
}

/// TLS for all https targets.
package struct TLSPlan: Sendable, Equatable {
    /// PEM; certificates trusted besides the system's.
    package var caFile: String?
    /// PEM; the client's certificate chain. Given with `keyFile` or not at all.
    package var certFile: String?
    /// PEM; the client's private key.
    package var keyFile: String?
    /// True: no certificate is verified. Every view says so.
    package var insecure = false
    /// No earlier version is spoken.
    package var least = TLSLeast.v1_2
}

/// Where a session is written to while it goes on, as `--record` and `--hdr-log` say.
package struct FilesPlan: Sendable, Equatable {
    /// nil: no recording.
    package var recording: String?
    /// nil: no interval log of durations.
    package var hdrLog: String?
    /// nil: no metrics are served.
    package var metrics: MetricsAddress?

    package init(recording: String? = nil, hdrLog: String? = nil, metrics: MetricsAddress? = nil) {
        self.recording = recording
        self.hdrLog = hdrLog
        self.metrics = metrics
    }
}

/// The look of the terminal interface.
package struct ScreenPlan: Sendable, Equatable {
    package struct Theme: Sendable, Equatable {
        package let name: String

        package static let auto = Theme(name: "auto")
        package static let dark = Theme(name: "dark")
        package static let light = Theme(name: "light")
        package static let mono = Theme(name: "mono")
        /// Any other name is that of a file of the person's own.
        package static let builtIn = [auto, dark, light, mono]

        package var isBuiltIn: Bool { Self.builtIn.contains(self) }
    }
    package var theme = Theme.auto
    /// One was asked for: `auto` leaves it to what was chosen in the screen the last time.
    package var isThemeGiven: Bool { theme != .auto }
    /// Choices made in the screen are kept from one run to the next.
    package var keepsPreferences = true
    /// The terminal may be handed text for its clipboard.
    package var usesClipboard = true
    /// No glyph outside of ASCII.
    package var ascii = false
    package var color = true

    package init(theme: Theme = Theme.auto, ascii: Bool = false, color: Bool = true) {
        self.theme = theme
        self.ascii = ascii
        self.color = color
    }
}

extension ScreenPlan {
    package init(_ draft: PlanDraft) {
        self.init(
            theme: draft.theme?.value ?? .auto, ascii: draft.ascii?.value ?? false, color: draft.color?.value ?? true)
    }
}

extension SessionPlan {
    /// A loop that would have no request of its own is not started: every loop has at least one of what is shared, so
    /// two loops would make two requests of `--requests 1`.
    package var usefulLoops: Int {
        var most = load.requests ?? .max
        if case .concurrency(let count) = load.shape { most = min(most, count) }
        return min(loops, max(1, most))
    }
}
