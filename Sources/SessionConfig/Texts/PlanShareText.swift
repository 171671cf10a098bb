package import PlainDocuments
package import PoolModel

/// Parts of a plan: `2/4` is the second of four.
package enum PlanShareText {
    private static let example = "1/4 for the first of four parts, to 4/4 for the last"

    package static func parse(_ text: String) throws(TextProblem) -> PlanShare {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false)
        guard numbers.count == 2, let part = Int(numbers[0]), let count = Int(numbers[1]) else {
            throw TextProblem("'\(text)' is not K/N", allowed: example)
        }
        guard count >= 1 else { throw TextProblem("'\(text)' has no parts", allowed: example) }
        guard count <= PlanShare.most else { throw TextProblem("'\(text)' has more than \(PlanShare.most) parts") }
        guard (1...count).contains(part) else {
            throw TextProblem("'\(text)' is no part: they count from 1", allowed: "1/\(count) to \(count)/\(count)")
        }
        return PlanShare(part: part, of: count)
    }
}
