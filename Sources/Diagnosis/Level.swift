/// How much a diagnosis matters.
package enum Level: Int, Sendable, Comparable, CaseIterable {
    /// Users of this host get errors, or wait in vain.
    case bad
    /// It works, and something will hurt or already costs more than it should.
    case warn
    /// Worth knowing; nothing has to be done.
    case hint
    /// It is as it should be.
    case good

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

    /// It is said in a word as well: colour never carries meaning alone.
    package var word: String {
        switch self {
        case .bad: "BAD"
        case .warn: "WARN"
        case .hint: "HINT"
        case .good: "GOOD"
        }
    }
}
