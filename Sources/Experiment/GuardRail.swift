/// A condition that must hold for the arms to be comparable.
package struct GuardRail: Sendable, Equatable {
    package enum Kind: String, CaseIterable, Sendable {
        /// The number of pairs that count: at least as many as the headline figures need for a verdict. With fewer, the
        /// arms are still comparable; figures for which the pairs are too few are undecided.
        case pairs
        /// The share of pairs that were set aside because of a fault in one of their windows. At most a quarter.
        case setAside
        /// The share of faulty windows that are in the arm which has more of them: a fault that an arm causes is part of its
        /// effect. At most four fifths; nil below three faulty windows.
        case faultsInOneArm
        /// Finished ÷ planned requests, the lower of the two arms: if the load was not sustained, another load was
        /// measured. At least 99 %; nil for a closed loop, which plans none.
        case achievedRate
        /// The share of finished requests that failed, the higher of the two arms. At most 1 %.
        case errors
        /// CPU time of an agent's thread ÷ elapsed time, the higher of the two arms: a saturated thread measures only
        /// itself. At most 80 %.
        case agentCPU
        /// The share of windows that began with the pools at rest. At least three quarters.
        case atRest
        /// The probability that the ratios of the pairs have no trend over time. At least 1 %; nil below four pairs.
        case noTrend
    }

    package var kind: Kind
    /// nil if unknown, which passes.
    package var value: Double?
    package var limit: Double
    /// True if the limit is a minimum, false if it is a maximum.
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

    /// The windows by which the arms are judged.
    struct Evidence {
        /// The windows of the pairs that the figures rest on, by arm.
        var arms: [[WindowSample]]
        /// The pairs that count, without those that were set aside.
        var pairs: Int
        var pairsNeeded: Int
        var setAside: Int
        /// Faulty windows by arm.
        var faulty: [Int]
        /// The event loops that share the load.
        var loops: Int
        /// The lowest probability of no trend over all sessions.
        var trend: Double?
    }

    static func all(_ evidence: Evidence) -> [GuardRail] {
        let windows = evidence.arms.flatMap { $0 }
        let atRest = windows.isEmpty ? nil : Double(windows.count { $0.wasAtRest }) / Double(windows.count)
        let measured = evidence.pairs + evidence.setAside
        let faulty = evidence.faulty.reduce(0, +)
        return [
            GuardRail(.pairs, Double(evidence.pairs), least: Double(evidence.pairsNeeded)),
            GuardRail(.setAside, measured == 0 ? nil : Double(evidence.setAside) / Double(measured), most: 0.25),
            GuardRail(
                .faultsInOneArm, faulty < 3 ? nil : Double(evidence.faulty.max() ?? 0) / Double(faulty), most: 0.8),
            achievedRate(evidence.arms),
            GuardRail(.errors, evidence.arms.compactMap(errorRate).max(), most: 0.01),
            GuardRail(.agentCPU, evidence.arms.compactMap { cpu($0, loops: evidence.loops) }.max(), most: 0.8),
            GuardRail(.atRest, atRest, least: 0.75), GuardRail(.noTrend, evidence.trend, least: 0.01),
        ]
    }

    /// Requests still in flight at a window's end are not a shortfall, so one per window is tolerated; it matters only
    /// at low rates.
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
