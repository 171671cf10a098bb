/// A figure on its way to a person or a report. Its number cannot be had without saying what becomes of an unknown one,
/// so that unknown is never shown as zero.
package enum Figure<Value: Sendable>: Sendable {
    case exact(Value)
    case estimate(Value)
    /// There is no value yet, such as a ratio of nothing to nothing.
    case absent
    /// The source cannot know it.
    case unknown

    package init(_ value: Value?, _ certainty: Certainty) {
        switch (value, certainty) {
        case (_, .unknown): self = .unknown
        case (nil, .exact), (nil, .estimate): self = .absent
        case (let value?, .exact): self = .exact(value)
        case (let value?, .estimate): self = .estimate(value)
        }
    }

    /// The number; nil where there is none or it is unknown.
    package var value: Value? {
        switch self {
        case .exact(let value), .estimate(let value): value
        case .absent, .unknown: nil
        }
    }

    package var certainty: Certainty {
        switch self {
        case .exact, .absent: .exact
        case .estimate: .estimate
        case .unknown: .unknown
        }
    }

    package var isUnknown: Bool { certainty == .unknown }

    /// The figure made of this one; nil: there is none.
    package func map<Other: Sendable>(_ make: (Value) -> Other?) -> Figure<Other> {
        Figure<Other>(value.flatMap(make), certainty)
    }

    /// The figure made of two: as certain as the less certain of them, and absent where one is.
    package func with<Second: Sendable, Other: Sendable>(
        _ second: Figure<Second>, _ make: (Value, Second) -> Other?
    ) -> Figure<Other> {
        let both = value.flatMap { first in second.value.flatMap { make(first, $0) } }
        return Figure<Other>(both, max(certainty, second.certainty))
    }

    /// For a person: what is unknown is a dash, and an estimate says that it is one.
    package func text(_ format: (Value?) -> String) -> String {
        switch self {
        case .exact(let value): format(value)
        case .estimate(let value): "~" + format(value)
        case .absent: format(nil)
        case .unknown: "\u{2013}"
        }
    }
}

extension Figure<Int> {
    /// This part of a whole; absent where the whole is zero.
    package func ratio(to whole: Figure<Int>) -> Figure<Double> {
        with(whole) { $1 > 0 ? Double($0) / Double($1) : nil }
    }

    /// This count as a rate; absent where no time has passed.
    package func perSecond(in seconds: Double) -> Figure<Double> {
        map { seconds > 0 ? Double($0) / seconds : nil }
    }
}

extension Figure: Equatable where Value: Equatable {}

extension Figure where Value: AdditiveArithmetic {
    /// The sum over hosts, unknown where one of them is: a sum of the others would be too low without a word.
    package static func + (left: Figure, right: Figure) -> Figure {
        let certainty = max(left.certainty, right.certainty)
        guard let first = left.value else { return Figure(right.value, certainty) }
        return Figure(right.value.map { first + $0 } ?? first, certainty)
    }

    package static func sum(_ figures: some Sequence<Figure>) -> Figure { figures.reduce(.absent, +) }
}
