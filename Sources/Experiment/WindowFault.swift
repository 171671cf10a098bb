/// A reason to set aside a pair, found in one of its windows.
///
/// The limits are those of the guard rails over all windows, with some leeway for the variation of a single window.
package enum WindowFault: String, CaseIterable, Sendable {
    /// The window lasted more than a tenth longer or shorter than planned: the machine was held up.
    case length
    /// Finished requests differ from the planned ones by more than 1 %. Fewer: the load was not sustained. More: the
    /// window also has the backlog of the time before it.
    case achievedRate
    /// More than 1 % of finished requests failed.
    case errors
    /// The agent's threads were busy for more than 90 % of the time. More than the 80 % over all windows, so that no pair
    /// is set aside because its figure of CPU happens to be high.
    case agentCPU
    /// The pools were still changing when the window began.
    case atRest
    /// Requests per second differ by more than a quarter from those of the pair's other window, in traffic that somebody else
    /// makes: it is not the setting alone that differs.
    case unsteadyTraffic

    /// `window`: the planned length. `loops`: the event loops that share the load.
    package static func all(in sample: WindowSample, window: Duration, loops: Int) -> [WindowFault] {
        var faults: [WindowFault] = []
        let length = window / .seconds(1)
        if abs(sample.seconds - length) > 0.1 * length { faults.append(.length) }
        if let planned = sample.planned, !isSustained(planned, sample) { faults.append(.achievedRate) }
        let errors = 0.01 * Double(sample.finished)
        if Double(sample.failed) > errors + 1 + 3 * errors.squareRoot() { faults.append(.errors) }
        if sample.agentCPUSeconds > 0.9 * sample.seconds * Double(loops) { faults.append(.agentCPU) }
        if !sample.wasAtRest { faults.append(.atRest) }
        if let expected = sample.expectedPerSecond, !isSteady(expected, sample) { faults.append(.unsteadyTraffic) }
        return faults
    }

    /// Independent arrivals vary by the square root of their number.
    private static func isSteady(_ perSecond: Double, _ sample: WindowSample) -> Bool {
        let (expected, finished) = (perSecond * sample.seconds, Double(sample.finished))
        let leeway = 3 * (expected + finished).squareRoot()
        return abs(finished - expected) <= 0.25 * max(finished, expected) + leeway
    }

    /// Requests in flight at the window's ends are neither a shortfall nor a backlog. Their number is on average the rate
    /// times the response time and varies by its square root; at most another 1 % is allowed for it.
    private static func isSustained(_ planned: Int, _ sample: WindowSample) -> Bool {
        let (planned, finished) = (Double(planned), Double(sample.finished))
        let inFlight = sample.seconds > 0 ? finished / sample.seconds * (sample.responseMean ?? 0) : 0
        let leeway = 1 + min(3 * (2 * inFlight).squareRoot(), 0.01 * planned + 3)
        return abs(finished - planned) <= 0.01 * planned + leeway
    }
}
