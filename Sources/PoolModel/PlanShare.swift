/// One of several parts of a plan of requests, as `--share 2/4` names it. The parts together send exactly the requests of
/// the plan.
package struct PlanShare: Sendable, Hashable, Codable {
    /// 1 to `of`.
    package var part: Int
    /// The number of parts.
    package var of: Int

    /// Every part goes through the whole plan and passes over the requests of the others. With a thousand parts that takes
    /// about as long as sending its own requests; with more, passing over would be what limits a part.
    package static let most = 1000

    package init(part: Int, of count: Int) {
        self.part = part
        of = count
    }

    /// `2/4`.
    package var text: String { "\(part)/\(of)" }

    /// This part of a number; those of all parts add up to it.
    package func part(of whole: Int) -> Int { whole / of + (part <= whole % of ? 1 : 0) }
}
