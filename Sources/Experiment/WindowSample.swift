/// The counts of one window of one arm.
package struct WindowSample: Sendable, Equatable {
    package var window: PlannedWindow
    /// The length of the window on the monotonic clock.
    package var seconds = 0.0
    /// Requests with a planned time in the window; nil for a closed loop.
    package var planned: Int?
    /// Requests per second in the other window of the pair, which came before, where the traffic is not planned by this program;
    /// nil otherwise, and in the first window of a pair.
    package var expectedPerSecond: Double?
    /// Requests that ended with a response or an error.
    package var finished = 0
    /// Finished requests that ended with an error.
    package var failed = 0
    /// Requests assigned to a connection.
    package var exchanges = 0
    package var connectionsOpened = 0
    /// Connections open at the end of the window.
    package var open = 0
    /// DNS messages sent.
    package var dnsQueries = 0
    package var tlsHandshakes = 0
    /// Bytes of HTTP, sent and received.
    package var bytes = 0
    /// CPU time of the agent's and the generator's threads.
    package var agentCPUSeconds = 0.0
    /// TCP segments that the kernel sent for the whole machine; nil if the kernel does not report them.
    package var tcpSegments: Int?
    /// Response times in seconds; nil if no request succeeded.
    package var responseMean: Double?
    package var responseP50: Double?
    package var responseP90: Double?
    package var responseP99: Double?
    package var hosts: [HostSample] = []
    /// False if the pools were still changing when the window began.
    package var wasAtRest = true

    package init(window: PlannedWindow) { self.window = window }
}

/// One downstream in a window.
package struct HostSample: Sendable, Equatable {
    package var name: String
    package var exchanges: Int
    package var connectionsOpened: Int
    /// Connections to the peer address that received the most.
    package var openedToBusiestAddress: Int

    package init(name: String, exchanges: Int, connectionsOpened: Int, openedToBusiestAddress: Int) {
        self.name = name
        self.exchanges = exchanges
        self.connectionsOpened = connectionsOpened
        self.openedToBusiestAddress = openedToBusiestAddress
    }
}

/// A figure as numerator and denominator, which can be summed over several windows while the figure cannot.
package struct Quotient: Sendable, Equatable {
    package var over: Double
    package var under: Double

    package init(_ over: Double, per under: Double) {
        self.over = over
        self.under = under
    }

    /// nil if undefined.
    package var value: Double? { under > 0 ? over / under : nil }
    var reciprocal: Quotient { Quotient(under, per: over) }

    static func + (lhs: Quotient, rhs: Quotient) -> Quotient {
        Quotient(lhs.over + rhs.over, per: lhs.under + rhs.under)
    }
}
