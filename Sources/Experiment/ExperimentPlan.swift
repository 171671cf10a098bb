/// One of the two settings being compared.
package enum Arm: String, CaseIterable, Sendable {
    case a, b

    package var other: Arm { self == .a ? .b : .a }
}

/// The schedule of an experiment.
///
/// The unit of the analysis is the pair: one window of each arm, next to each other, so that slow changes (the
/// machine's other work, its clock rate) affect both alike. The order alternates, AB BA AB …, so that a steady drift
/// cancels out. After every switch of arms there is a washout that belongs to no window, during which the state left by
/// the other arm (open connections, cached names) disappears.
package struct ExperimentPlan: Sendable, Equatable {
    /// The pairs that count, over all sessions. With nine, a two-sided signed-rank test can reach p = 0.004.
    package var pairs = 9
    /// The pairs at the beginning of each session that are not counted, because the first pair shows a smaller effect
    /// even after a warm-up.
    package var leadPairs = 1
    /// How many times everything is restarted, including the agent and the bundled downstreams. Pairs within a session
    /// are more alike than pairs from different sessions, so an interval from a single session is too narrow.
    package var sessions = 1
    /// The length of one window.
    package var window = Duration.seconds(2)
    /// The longest washout. It ends earlier once the pools are at rest.
    package var longestWashout = Duration.seconds(2)
    /// The shortest washout.
    package var shortestWashout = Duration.milliseconds(400)
    /// The tolerance within which ratios count as equal: from 1 − it to 1 ÷ (1 − it).
    package var equivalence = 0.05
    /// The fewest pairs for a verdict: with five, a signed-rank test cannot get below p = 0.06.
    package static let minimumPairs = 6

    package init() {}

    /// The number of pairs that a session counts; a remainder goes to the first sessions.
    package func pairs(ofSession session: Int) -> Int { (pairs + sessions - 1 - session) / sessions }

    /// The windows of a session in order.
    package func windows(ofSession session: Int) -> [PlannedWindow] {
        (0..<leadPairs + pairs(ofSession: session)).flatMap { pair in
            let first: Arm = pair.isMultiple(of: 2) ? .a : .b
            return [first, first.other].map {
                PlannedWindow(session: session, pair: pair, arm: $0, counts: pair >= leadPairs)
            }
        }
    }
}

/// One window of an experiment.
package struct PlannedWindow: Sendable, Equatable {
    package var session: Int
    /// The pair's number within the session, including the lead pairs.
    package var pair: Int
    package var arm: Arm
    /// False for lead pairs.
    package var counts: Bool
}
