package import PoolModel

/// Everything that a diagnosis of one host may rest on: the host as it is, and what was counted in a window before.
package struct HostEvidence: Sendable {
    /// As the host is now, its texts made safe to show.
    package var host: HostSnapshot
    /// The counts gained in the window. Its distributions may be empty but for `response`.
    package var gained: HostMetrics
    /// How long the window is.
    package var seconds: Double
    /// The mean time on a connection of requests that were answered in the window; nil: there were none.
    package var meanServiceSeconds: Double?
    /// The mean time to the first byte of an answer in the window; nil: there was none.
    package var meanFirstByteSeconds: Double?
    /// Connections that the server closed within a second; nil: it did not lately.
    package var massClose: MassClose?
    /// Since HTTP keep-alive or a limit was changed; nil: it was not in the window.
    package var secondsSinceChange: Double?

    /// Many connections closed by the server within a second.
    package struct MassClose: Sendable, Equatable {
        package var connections: Int
        package var secondsAgo: Double
        /// None of them carried an exchange.
        package var areAllIdle: Bool

        package init(connections: Int, secondsAgo: Double, areAllIdle: Bool) {
            self.connections = connections
            self.secondsAgo = secondsAgo
            self.areAllIdle = areAllIdle
        }
    }

    package init(
        host: HostSnapshot, gained: HostMetrics, seconds: Double, meanServiceSeconds: Double? = nil,
        meanFirstByteSeconds: Double? = nil,
        massClose: MassClose? = nil, secondsSinceChange: Double? = nil
    ) {
        self.host = host
        self.gained = gained
        self.seconds = seconds
        self.meanServiceSeconds = meanServiceSeconds ?? gained.latency.service.meanSeconds
        self.meanFirstByteSeconds = meanFirstByteSeconds ?? gained.latency.firstByte.meanSeconds
        self.massClose = massClose
        self.secondsSinceChange = secondsSinceChange
    }

    /// The one diagnosis, and what else is worth saying.
    package func findings() -> HostFindings { HostFindings(ranking: hostRules.compactMap { $0.diagnosis(self) }) }

    // MARK: For rules

    /// The counts of the window with their certainty.
    var window: HostFigures { HostFigures(gained, host.certainty) }
    /// The counts since the agent began.
    var total: HostFigures { host.figures }

    func knows(_ group: FigureGroup) -> Bool { host.certainty[group] != .unknown }

    /// Connections that are open, zero where that is not known.
    var open: Int { total.open.value ?? 0 }
    var keepAlive: Bool? { knows(.limits) ? host.keepAlive : nil }
    var maxSockets: Int? { knows(.limits) ? host.maxSockets : nil }
    var maxFree: Int? { knows(.limits) ? host.maxFreeSockets : nil }
    var idleLimit: Double? { knows(.limits) ? host.idleLimitSeconds : nil }

    /// A complete response came, whatever its status.
    var answered: Int { window.succeeded.value ?? 0 }
    /// Requests that ended with a response or an error.
    var ended: Int { window.finished.value ?? 0 }
    var requestsPerSecond: Double? { seconds > 0 ? window.started.perSecond(in: seconds).value : nil }
    var service: Double? { knows(.latency) ? meanServiceSeconds : nil }
    var firstByte: Double? { knows(.latency) ? meanFirstByteSeconds : nil }
    /// Connections that the load keeps busy by Little's law.
    var busy: Double? { requestsPerSecond.flatMap { rate in service.map { rate * $0 } } }

    /// How long nearly all of the host's answers took so far, or all where they are few; nil: it gave none.
    var usualSeconds: Double? {
        guard knows(.latency) else { return nil }
        let durations = host.metrics.latency.service
        return durations.count >= 20 ? durations.seconds(atPercentile: 99) : durations.maxSeconds
    }

    /// The median of all answers so far; nil: it gave too few to tell.
    var medianEver: Double? {
        guard knows(.latency), host.metrics.latency.service.count >= 20 else { return nil }
        return host.metrics.latency.service.seconds(atPercentile: 50)
    }

    /// Nothing came for longer than its answers take.
    var silence: Double? {
        knows(.activity)
            ? host.silentSeconds.flatMap { beyondPatience($0, pause: isMostlyInBody ? longestPause : 0) } : nil
    }

    /// No response was completed and no byte of a body came, and bodies are what most of those that wait wait for.
    var bodySilence: Double? {
        guard knows(.activity), isMostlyInBody else { return nil }
        return host.bodySilentSeconds.flatMap { beyondPatience($0, pause: longestPause) }
    }

    /// Most of what is in flight has its response's head.
    private var isMostlyInBody: Bool {
        guard let ages = host.inFlightAges else { return false }
        return ages.reduce(0) { $0 + $1.inBody } * 2 > ages.requests
    }

    private var longestPause: Double { host.longestBodyPauseSeconds ?? 0 }

    /// Connections were made in the window, whatever became of them.
    var answeredDials: Bool { window.opened.value ?? 0 > 0 }

    /// A source that does not count requests sees connections that carry one.
    var inFlight: Int { max(total.inFlight.value ?? 0, total.active.value ?? 0) }

    var isSilent: Bool { silence != nil || bodySilence != nil }

    /// `pause`: bodies paused for so long before and went on, as streams of events do.
    private func beyondPatience(_ seconds: Double, pause: Double) -> Double? {
        guard inFlight > 0 else { return nil }
        return seconds >= max(min(30, max(2, 2 * (usualSeconds ?? 0))), 2 * pause) ? seconds : nil
    }
}
