/// A figure on its way to a person or a report. Callers must handle the unknown case to get at the number, so that
/// unknown is never shown as zero.
package enum Figure<Value: Sendable>: Sendable {
    case exact(Value)
    case estimate(Value)
    /// There is no value yet, such as the ratio of zero to zero.
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

    /// The number; nil if it is absent or unknown.
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

    /// Transforms the number; a nil result makes the figure absent.
    package func map<Other: Sendable>(_ make: (Value) -> Other?) -> Figure<Other> {
        Figure<Other>(value.flatMap(make), certainty)
    }

    /// Combines two figures. The result is as certain as the less certain one, and absent if either is.
    package func with<Second: Sendable, Other: Sendable>(
        _ second: Figure<Second>, _ make: (Value, Second) -> Other?
    ) -> Figure<Other> {
        let both = value.flatMap { first in second.value.flatMap { make(first, $0) } }
        return Figure<Other>(both, max(certainty, second.certainty))
    }

    /// The text to show: a dash for unknown, and a mark for an estimate.
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
    /// This figure divided by a whole; absent if the whole is zero.
    package func ratio(to whole: Figure<Int>) -> Figure<Double> {
        with(whole) { $1 > 0 ? Double($0) / Double($1) : nil }
    }

    /// This count as a rate; absent if no time has passed.
    package func perSecond(in seconds: Double) -> Figure<Double> {
        map { seconds > 0 ? Double($0) / seconds : nil }
    }
}

extension Figure: Equatable where Value: Equatable {}

extension Figure where Value: AdditiveArithmetic {
    /// The sum over hosts. It is unknown if either is, because the sum of the known ones would silently be too low.
    package static func + (left: Figure, right: Figure) -> Figure {
        let certainty = max(left.certainty, right.certainty)
        guard let first = left.value else { return Figure(right.value, certainty) }
        return Figure(right.value.map { first + $0 } ?? first, certainty)
    }

    package static func sum(_ figures: some Sequence<Figure>) -> Figure { figures.reduce(.absent, +) }
}
