/// One of the two settings that are compared.
package enum Arm: String, CaseIterable, Sendable {
    case a, b

    package var other: Arm { self == .a ? .b : .a }
}

/// How an experiment is laid out in time.
///
/// The unit of the analysis is the pair: one window of each arm, next to each other, so that what changes slowly (the
/// machine's other work, its clock rate) is the same for both. The order alternates, AB BA AB …, so that even a steady
/// drift cancels. After every switch of arms there is a washout that is in no window: the state that the other arm left
/// behind (open connections, cached names) has to go first.
package struct ExperimentPlan: Sendable, Equatable {
    /// Pairs that count, over all sessions. Nine bring a two-sided signed-rank test down to p = 0.004.
    package var pairs = 9
    /// Pairs at the beginning of each session that are not counted: the first is an outlier towards no effect even after
    /// a warm-up.
    package var leadPairs = 1
    /// Times that everything is started afresh, the agent and the bundled downstreams. Pairs of one session are more alike
    /// than sessions are, so an interval that rests on one session is too narrow.
    package var sessions = 1
    /// Length of one window.
    package var window = Duration.seconds(2)
    /// The longest washout. It ends sooner when the pools have come to rest.
    package var longestWashout = Duration.seconds(2)
    /// A washout lasts at least this long.
    package var shortestWashout = Duration.milliseconds(400)
    /// Ratios within 1 ± this are no difference: from 1 − it to 1 ÷ (1 − it).
    package var equivalence = 0.05
    /// A verdict needs at least so many pairs: with five, a signed-rank test cannot get below p = 0.06.
    package static let leastPairs = 6

    package init() {}

    /// Pairs that a session counts; those that do not divide evenly fall to the first sessions.
    package func pairs(ofSession session: Int) -> Int { (pairs + sessions - 1 - session) / sessions }

    /// The windows of a session in their order.
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
    /// Within the session, the lead pairs included.
    package var pair: Int
    package var arm: Arm
    /// False for lead pairs.
    package var counts: Bool
}
