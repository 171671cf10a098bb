/// Everything that `pooltop watch` was asked for.
package struct WatchPlan: Sendable, Equatable {
    /// A process as a person names it.
    package enum Process: Sendable, Equatable {
        case pid(Int)
        case name(String)
    }

    /// Empty: every process of the network namespace.
    package var processes: [Process] = []
    /// The screen begins with a list of processes.
    package var listsProcesses = false
    /// Descendants count with the process that began them, so that the workers of a cluster are one service.
    package var includesChildren = true
    /// Only connections to this port; nil: all.
    package var port: Int?
    /// Only connections to this host: a name in lower case, or an address; nil: all.
    package var host: String?
    /// Names to look for, each with its port.
    package var names: [WatchedName] = []
    /// Names of addresses are asked for in the DNS.
    package var reverseDNS = false
    /// The kernel's trace events are used where this is allowed.
    package var usesTracefs = true
    /// A process in whose network namespace to look; nil: our own.
    package var namespace: Int?
    /// How long to watch; nil: until stopped. Only a report ends by itself.
    package var duration: Duration?
    package var checks: [CheckExpression] = []
    /// The report; nil: the screen is wanted.
    package var report: ReportPlan?
    package var screen = ScreenPlan()
    /// nil: no recording.
    package var recording: String?
    /// nil: no metrics are served.
    package var metrics: MetricsAddress?

    package init() {}
}

/// A name to look for, and the port that belongs to it.
package struct WatchedName: Sendable, Hashable {
    /// In lower case.
    package var name: String
    package var port: Int

    package init(name: String, port: Int) {
        self.name = name
        self.port = port
    }

    package var text: String { "\(name):\(port)" }
}
