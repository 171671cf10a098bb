import MetricsText
import PoolModel

/// Makes the figures of one row of what its dialect says, as `MetricsSource` does for one process, but of rates.
struct FiguresOfReadings {
    private typealias Reading = FleetReadings.Reading

    private(set) var figures = FleetFigures()
    private let readings: FleetReadings
    private let questions: FleetQuestions
    private let windowSeconds: Double
    private var traits: Dialect.Traits { questions.dialect.traits }

    init(_ readings: FleetReadings, _ questions: FleetQuestions, windowSeconds: Double) {
        self.readings = readings
        self.questions = questions
        self.windowSeconds = windowSeconds
        setActivity()
        setConnections()
        setRequests()
        setReuse()
        setDetails()
        for percentile in FleetMeasure.Percentile.allCases {
            figures.responseTimes[percentile] = readings.values[.responseTime(percentile)]?.value
        }
    }

    private subscript(fact: Fact) -> Reading? { questions.reading(fact, readings) }

    private static func figure(_ reading: Reading?) -> Figure<Double> { reading?.figure ?? .unknown }

    private static func estimate(_ value: Double?) -> Figure<Double> { value.map { .estimate(max(0, $0)) } ?? .unknown }

    private mutating func setActivity() {
        let (open, idle, inFlight) = (self[.open], self[.idle], self[.inFlight])
        figures.open = Self.figure(open)
        figures.active = Self.figure(self[.active])
        figures.idle = Self.figure(idle)
        figures.inFlight = Self.figure(inFlight)
        figures.queued = Self.figure(self[.queued])
        if open == nil { figures.open = figures.active + figures.idle }
        if figures.active.isUnknown, let open {
            if let idle {
                figures.active = .exact(max(0, open.value - idle.value))
            } else if let inFlight {
                // A connection may carry several requests.
                figures.active = .estimate(min(open.value, inFlight.value))
            }
        }
        if figures.idle.isUnknown {
            figures.idle = figures.open.with(figures.active) { max(0, $0 - $1) }
        }
        guard traits.countsQueuedInFlight, let all = inFlight?.value, let active = figures.active.value else { return }
        if (readings.values[.multiplexed]?.value ?? 0) > 0 {
            // In flight and queued cannot be told apart.
            figures.inFlight = .unknown
        } else {
            figures.inFlight = .estimate(min(all, active))
            if figures.queued.isUnknown { figures.queued = .estimate(max(0, all - active)) }
        }
    }

    /// The growth of open connections per second.
    private var openChange: Double? {
        func change(_ fact: Fact) -> Double? { readings.values[.change(fact)]?.value }
        if let open = change(.open) { return open / windowSeconds }
        let (active, idle) = (change(.active), change(.idle))
        guard active != nil || idle != nil else { return nil }
        return ((active ?? 0) + (idle ?? 0)) / windowSeconds
    }

    private mutating func setConnections() {
        let (opened, closed) = (self[.opened], self[.closed])
        figures.openedPerSecond = Self.figure(opened)
        figures.closedPerSecond = Self.figure(closed)
        if opened == nil {
            if traits.opensAreClosesAndOpen, let closed, let openChange {
                figures.openedPerSecond = Self.estimate(closed.value + openChange)
            } else if traits.opensAreAttempts, let attempts = self[.attempts] {
                figures.openedPerSecond = Self.estimate(attempts.value - (self[.connectFailed]?.value ?? 0))
            }
        }
        if closed == nil, let opened = figures.openedPerSecond.value, let openChange {
            figures.closedPerSecond = Self.estimate(opened - openChange)
        }
        guard let local = self[.closedLocal], let remote = self[.closedRemote] else { return }
        figures.closedLocalPerSecond = Self.figure(local)
        figures.closedRemotePerSecond = Self.figure(remote)
        guard traits.closesIncludeFailedConnects else { return }
        let timedOut = self[.connectTimedOut]?.value ?? 0
        let refused = max(0, (self[.connectFailed]?.value ?? 0) - timedOut)
        figures.closedLocalPerSecond = Self.estimate(local.value - timedOut)
        figures.closedRemotePerSecond = Self.estimate(remote.value - refused)
    }

    private mutating func setRequests() {
        figures.failedPerSecond = Self.figure(self[.failed])
        guard let answered = self[.answered] ?? self[.ended] else { return }
        if figures.failedPerSecond.isUnknown, let sent = self[.sent] {
            figures.failedPerSecond = Self.estimate(sent.value - answered.value)
        }
        // A source that cannot see errors counts every ended request as answered.
        let failed = figures.failedPerSecond.isUnknown ? .exact(0) : figures.failedPerSecond
        figures.requestsPerSecond = answered.figure + failed
    }

    private mutating func setDetails() {
        figures.succeededPerSecond = Self.figure(self[.answered] ?? self[.ended])
        figures.cancelledPerSecond = Self.figure(self[.cancelled])
        figures.retriedPerSecond = Self.figure(self[.retried])
        figures.handshakesPerSecond = Self.figure(self[.handshakes])
        figures.resumedPerSecond = Self.figure(self[.resumed])
        figures.handshakesFailedPerSecond = Self.figure(self[.handshakesFailed])
        figures.sentBytesPerSecond = Self.figure(self[.bytesSent])
        figures.receivedBytesPerSecond = Self.figure(self[.bytesReceived])
        figures.sets = readings.sets
        // The series of a label begins with the first thing that it counts. Without any, there is nothing to count.
        guard questions.dialect == .pooltop, questions.isDetailed else { return }
        let whole: [(set: CountSet, count: Figure<Double>)] = [
            (.statuses, figures.succeededPerSecond), (.errors, figures.failedPerSecond),
            (.closeReasons, figures.closedPerSecond),
        ]
        for (set, count) in whole where figures.sets[set] == nil && count.value == 0 { figures.sets[set] = [:] }
    }

    /// Each connection carried one request first, if it carried any; the rest used an open one.
    private mutating func setReuse() {
        if let new = self[.onNew], let reused = self[.onReused] {
            figures.newPerSecond = new.figure
            figures.reusedPerSecond = reused.figure
            return
        }
        guard let requests = figures.requestsPerSecond.value else { return }
        let reused: Double
        if let counted = self[.onReused]?.value {
            reused = min(requests, counted)
        } else if let opened = figures.openedPerSecond.value {
            reused = max(0, requests - opened)
        } else {
            return
        }
        figures.newPerSecond = .estimate(requests - reused)
        figures.reusedPerSecond = .estimate(reused)
    }
}
