import PoolModel

/// One of the two settings being compared.
package enum Arm: String, CaseIterable, Sendable {
    case a, b

    package var other: Arm { self == .a ? .b : .a }
}

/// The schedule of an experiment.
///
/// The unit of the analysis is the pair: one window of each arm, next to each other, so that slow changes (the
/// machine's other work, its clock rate) affect both alike. Which arm comes first is drawn at random, because a fixed
/// order such as AB BA AB BA has a period: what recurs with the same period, such as the expiry of a DNS record, then
/// falls on the same arm every time. In blocks of ten pairs both orders are equally frequent, so that a steady drift
/// cancels out. After every switch of arms there is a washout that belongs to no window, during which the state left by
/// the other arm (open connections, cached names) disappears.
package struct ExperimentPlan: Sendable, Equatable {
    /// The pairs that count, over all sessions. With ten, a two-sided signed-rank test can reach p = 0.002.
    package var pairs = 10
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
    /// The longest time that all sessions may take together; nil: as long as it takes. Pairs are only measured
    /// again if there is time for them.
    package var total: Duration?
    /// The tolerance within which ratios count as equal: from 1 − it to 1 ÷ (1 − it).
    package var equivalence = 0.05
    /// Decides the order of the arms in each pair.
    package var seed: UInt64 = 0
    /// The fewest pairs for a verdict: with five, a signed-rank test cannot get below p = 0.06.
    package static let minimumPairs = Holm.pairsNeeded(figures: 1)
    /// The fewest sessions, if there are several, for verdicts that hold for a next session. With two or three, nobody can
    /// tell how much sessions vary, and the interval is only right if they vary normally.
    package static let minimumSessions = 4
    /// Both orders are equally frequent in each block of this many pairs.
    private static let block = 10

    package init() {}

    /// The number of pairs that a session counts; a remainder goes to the first sessions.
    package func pairs(ofSession session: Int) -> Int { (pairs + sessions - 1 - session) / sessions }

    /// How many pairs a session may measure again because they were set aside: a third of its pairs.
    package func replacements(ofSession session: Int) -> Int { pairs(ofSession: session) / 3 }

    /// The longest time that a session may take; nil: as long as it takes.
    package var sessionTotal: Duration? { total.map { $0 / sessions } }

    /// The longest time that one window with its washout takes.
    package var longestTurn: Duration { window + longestWashout }

    /// The number of windows, without replacements.
    package var windowCount: Int { 2 * (pairs + sessions * leadPairs) }

    /// The windows of a session in order, without replacements.
    package func windows(ofSession session: Int) -> [PlannedWindow] {
        var generator = SplitMix64(seed: seed &+ UInt64(session) &* 0x9E37_79B9_7F4A_7C15)
        let lead = (0..<leadPairs).map { _ in Bool.random(using: &generator) ? Arm.a : .b }
        let firsts = lead + Self.firsts(pairs(ofSession: session), &generator)
        return firsts.enumerated().flatMap { pair, first in
            [first, first.other].map {
                PlannedWindow(session: session, pair: pair, arm: $0, counts: pair >= leadPairs)
            }
        }
    }

    /// The arm that comes first in each of so many pairs.
    private static func firsts(_ count: Int, _ generator: inout SplitMix64) -> [Arm] {
        stride(from: 0, to: count, by: block).flatMap { start in
            let size = min(block, count - start)
            // One pair of an odd number gets its order by the toss of a coin.
            let more = size.isMultiple(of: 2) || Bool.random(using: &generator) ? 0 : 1
            let ofA = size / 2 + more
            return ([Arm](repeating: .a, count: ofA) + [Arm](repeating: .b, count: size - ofA))
                .shuffled(using: &generator)
        }
    }
}

/// One window of an experiment.
package struct PlannedWindow: Sendable, Equatable {
    package var session: Int
    /// The pair's number within the session, including the lead pairs. Replacements come after all others.
    package var pair: Int
    package var arm: Arm
    /// False for lead pairs.
    package var counts: Bool
}
