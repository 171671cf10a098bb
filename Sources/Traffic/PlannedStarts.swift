package import PoolModel

/// The starts of an open loop with their targets; of a plan that is shared, those of one part.
///
/// Every part goes through the whole plan, so that all agree on the time and the target of each start. It wakes up only for
/// its own: `ahead` stands at the next of them. `passed` stays where the plan really is, because a change of the rate
/// applies to the starts of others too that are between the two.
package struct PlannedStarts: Sendable {
    private var passed: PlanPosition
    /// nil: the plan is not shared, and the next of all is the next of its own.
    private var ahead: PlanPosition?
    private let parts: Double
    /// The number of the first start that is beyond the limit of requests.
    private var limit = Int.max
    /// The next start; `never` if there is none.
    package private(set) var next = Moment.never

    /// - Parameters:
    ///   - plan: the whole plan.
    ///   - requests: the targets of its starts.
    ///   - share: the part that `requests` tells apart; nil for all.
    package init(_ plan: ArrivalPlan, _ requests: RequestSequence, share: PlanShare?) {
        passed = PlanPosition(plan: plan, requests: requests)
        parts = Double(share?.of ?? 1)
        if requests.isShared {
            passed.look()
            ahead = passed
        }
        seek()
    }

    /// True if the limit leaves no start of this part. Without a share the sender counts for itself.
    package var isOver: Bool { ahead.map { $0.number >= limit } ?? false }

    /// This part's rate at a moment, in requests per second.
    package func rate(at moment: Moment) -> Double { passed.plan.rate(at: moment) / parts }

    /// Moves `next` to the following start; returns the target of the one that it was at.
    package mutating func take() -> Int {
        guard ahead != nil else {
            passed.plan.advance()
            next = passed.plan.next
            return passed.requests.next().target
        }
        return takeShared()
    }

    private mutating func takeShared() -> Int {
        guard var position = ahead else { return 0 }
        let target = position.target
        position.step()
        passed = position
        seek()
        return target
    }

    /// Limits a plan that is shared: only this many more requests of all parts are to come, of which this part has its own. Starts
    /// before `now` do not count.
    package mutating func limit(to requests: Int, now: Moment) {
        guard ahead != nil else { return }
        passOthers { $0 < now }
        limit = passed.number.addingReportingOverflow(requests).overflow ? .max : passed.number + requests
        seek()
    }

    /// Moves `next` to the first start that is not before a moment; returns how many were skipped, by target.
    package mutating func skip(before moment: Moment) -> [Int] {
        let count = passed.plan.skip(before: moment)
        guard ahead != nil else {
            next = passed.plan.next
            return passed.requests.pass(count)
        }
        let missed = passed.skipTargets(count, limit: limit)
        seek()
        return missed
    }

    /// A new factor applies to the rates from now on, as in `ArrivalPlan`.
    package mutating func setFactor(_ factor: Double, now: Moment) {
        if ahead != nil { passOthers { $0 <= now } }
        passed.plan.setFactor(factor, now: now)
        seek()
    }

    /// Postpones the rest of the plan by a gap during which the plan did not run.
    package mutating func passOver(_ gap: Nanoseconds) {
        passed.plan.passOver(gap)
        seek()
    }

    /// Passes the starts of other parts that are over.
    private mutating func passOthers(where isOver: (Moment) -> Bool) {
        while !passed.isOwn, passed.plan.next != .never, isOver(passed.plan.next) { passed.step() }
    }

    /// Finds the next start from where the plan is.
    private mutating func seek() {
        guard ahead != nil else { return next = passed.plan.next }
        var position = passed
        while !position.isOwn, position.number < limit, position.plan.next != .never { position.step() }
        next = position.number < limit ? position.plan.next : .never
        ahead = position
    }
}

/// A place in a plan that is shared: the start that comes next, whoever's it is.
private struct PlanPosition: Sendable {
    var plan: ArrivalPlan
    var requests: RequestSequence
    /// How many starts came before it.
    var number = 0
    var target = 0
    var isOwn = true

    init(plan: ArrivalPlan, requests: RequestSequence) {
        self.plan = plan
        self.requests = requests
    }

    mutating func look() { (target, isOwn) = requests.next() }

    mutating func step() {
        plan.advance()
        number += 1
        look()
    }

    /// The targets of starts that the plan has skipped already; returns how many of them are this part's own. Those beyond the
    /// limit are nobody's.
    mutating func skipTargets(_ count: Int, limit: Int) -> [Int] {
        let counted = max(0, min(count, limit - number))
        guard counted > 0 else { return requests.pass(0) }
        let (first, isFirstOwn) = (target, isOwn)
        var own = requests.pass(counted - 1)
        if isFirstOwn { own[first] += 1 }
        number += count
        look()
        return own
    }
}
