/// What was counted in one window of one arm.
package struct WindowSample: Sendable, Equatable {
    package var window: PlannedWindow
    /// On the monotonic clock.
    package var seconds = 0.0
    /// Requests whose planned time came in the window; nil for a closed loop.
    package var planned: Int?
    /// Requests that ended with a response or an error.
    package var finished = 0
    /// Of those, with an error.
    package var failed = 0
    /// Requests put on a connection.
    package var exchanges = 0
    package var connectionsOpened = 0
    /// Connections open at the window's end.
    package var open = 0
    /// DNS messages sent.
    package var dnsQueries = 0
    package var tlsHandshakes = 0
    /// Of HTTP, sent and received.
    package var bytes = 0
    /// CPU time of the agent's and the generator's threads.
    package var agentCPUSeconds = 0.0
    /// TCP segments that the kernel sent for everything on this machine; nil where it does not say.
    package var tcpSegments: Int?
    /// Response times in seconds; nil where no request succeeded.
    package var responseMean: Double?
    package var responseP50: Double?
    package var responseP90: Double?
    package var responseP99: Double?
    package var hosts: [HostSample] = []
    /// False: the pools were still changing when the window began.
    package var wasAtRest = true

    package init(window: PlannedWindow) { self.window = window }
}

/// One downstream in a window.
package struct HostSample: Sendable, Equatable {
    package var name: String
    package var exchanges: Int
    package var connectionsOpened: Int
    /// Connections to the peer address that got most of them.
    package var openedToBusiestAddress: Int

    package init(name: String, exchanges: Int, connectionsOpened: Int, openedToBusiestAddress: Int) {
        self.name = name
        self.exchanges = exchanges
        self.connectionsOpened = connectionsOpened
        self.openedToBusiestAddress = openedToBusiestAddress
    }
}

/// A figure as what it is made of: of several windows, the parts add up and the figure does not.
package struct Quotient: Sendable, Equatable {
    package var over: Double
    package var under: Double

    package init(_ over: Double, per under: Double) {
        self.over = over
        self.under = under
    }

    /// nil where it is not defined.
    package var value: Double? { under > 0 ? over / under : nil }
    var reciprocal: Quotient { Quotient(under, per: over) }

    static func + (lhs: Quotient, rhs: Quotient) -> Quotient {
        Quotient(lhs.over + rhs.over, per: lhs.under + rhs.under)
    }
}
