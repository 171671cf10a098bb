import Foundation

/// A condition without which the arms cannot be compared.
package struct GuardRail: Sendable, Equatable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Pairs that count: at least `ExperimentPlan.leastPairs`.
        case pairs
        /// Finished ÷ planned requests, the smaller of the arms': a load that was not carried is another load. At least
        /// 99 %; nil for a closed loop, which plans none.
        case achievedRate
        /// The part of the finished requests that failed, the larger of the arms'. At most 1 %.
        case errors
        /// CPU time of an agent's thread ÷ time, the larger of the arms': one that is always busy measures itself. At most
        /// 80 %.
        case agentCPU
        /// Windows that began with the pools at rest. At least three quarters.
        case atRest
        /// The probability that the ratios of the pairs show no trend in time. At least 1 %; nil below four pairs.
        case noTrend
    }

    package var kind: Kind
    /// nil: not known, which passes.
    package var value: Double?
    package var limit: Double
    /// True: the limit is the least that passes; false: the most.
    package var isLeast: Bool
    package var passed: Bool

    private init(_ kind: Kind, _ value: Double?, least limit: Double, leeway: Double = 0) {
        (self.kind, self.value, self.limit, isLeast) = (kind, value, limit, true)
        passed = value.map { $0 + leeway >= limit } ?? true
    }

    private init(_ kind: Kind, _ value: Double?, most limit: Double) {
        (self.kind, self.value, self.limit, isLeast) = (kind, value, limit, false)
        passed = value.map { $0 <= limit } ?? true
    }

    /// Of the windows that count, by arm. `loops`: event loops that the load is spread over. `trend`: the probability of
    /// no trend, the least of all sessions'.
    static func all(arms: [[WindowSample]], pairs: Int, loops: Int, trend: Double?) -> [GuardRail] {
        let windows = arms.flatMap { $0 }
        let atRest = windows.isEmpty ? nil : Double(windows.count { $0.wasAtRest }) / Double(windows.count)
        return [
            GuardRail(.pairs, Double(pairs), least: Double(ExperimentPlan.leastPairs)), achievedRate(arms),
            GuardRail(.errors, arms.compactMap(errorRate).max(), most: 0.01),
            GuardRail(.agentCPU, arms.compactMap { cpu($0, loops: loops) }.max(), most: 0.8),
            GuardRail(.atRest, atRest, least: 0.75), GuardRail(.noTrend, trend, least: 0.01),
        ]
    }

    /// Requests on their way at a window's end are not behind: one a window is forgiven, which matters at low rates only.
    private static func achievedRate(_ arms: [[WindowSample]]) -> GuardRail {
        let shares = arms.compactMap { windows -> (share: Double, leeway: Double)? in
            let planned = windows.reduce(0) { $0 + ($1.planned ?? 0) }
            guard planned > 0 else { return nil }
            let finished = windows.reduce(0) { $0 + $1.finished }
            return (Double(finished) / Double(planned), Double(windows.count) / Double(planned))
        }
        let worst = shares.min { $0.share < $1.share }
        return GuardRail(.achievedRate, worst?.share, least: 0.99, leeway: worst?.leeway ?? 0)
    }

    private static func errorRate(_ windows: [WindowSample]) -> Double? {
        let finished = windows.reduce(0) { $0 + $1.finished }
        return finished == 0 ? nil : Double(windows.reduce(0) { $0 + $1.failed }) / Double(finished)
    }

    private static func cpu(_ windows: [WindowSample], loops: Int) -> Double? {
        let seconds = windows.reduce(0) { $0 + $1.seconds }
        guard seconds > 0 else { return nil }
        return windows.reduce(0) { $0 + $1.agentCPUSeconds } / seconds / Double(loops)
    }
}
