import PoolModel
import Wording

/// Figures as text with their certainty: `~` before an estimate, a dash for unknown.
extension Numbers {
    static func rate(_ figure: Figure<Double>) -> String { figure.text { rate($0) } }
    static func short(_ figure: Figure<Double>) -> String { figure.text { short($0) } }
    static func milliseconds(_ figure: Figure<Double>) -> String { figure.text { milliseconds($0) } }
    static func duration(_ figure: Figure<Double>) -> String { figure.text { duration($0) } }
    /// A quantile that is known only to be longer has its unit with it: `>12 s`.
    static func milliseconds(_ figure: Figure<Quantile>) -> String {
        figure.text { $0.map { $0.isAtLeast ? ">" + duration($0.seconds) : milliseconds($0.seconds) } ?? "-" }
    }
    static func duration(_ figure: Figure<Quantile>) -> String {
        figure.text { $0.map { ($0.isAtLeast ? ">" : "") + duration($0.seconds) } ?? "-" }
    }
    static func containers(_ figure: Figure<Double>) -> String { figure.text { containers($0) } }
    static func count(_ figure: Figure<Int>) -> String { figure.text { $0.map { count($0) } ?? "-" } }
    static func shortCount(_ figure: Figure<Int>) -> String { figure.text { $0.map { shortCount($0) } ?? "-" } }
    static func plain(_ figure: Figure<Int>) -> String { count(figure) }

    /// A rate in at most 5 columns: where the sign of an estimate takes one of them, there is one digit less.
    static func tail(_ figure: Figure<Double>) -> String {
        let text = rate(figure)
        return text.count <= 5 ? text : short(figure)
    }

    /// An estimate has no decimals, which would claim too much precision, and so takes no more columns than an exact
    /// figure.
    static func percent(_ figure: Figure<Double>) -> String {
        switch figure {
        case .estimate(let share) where share > 0 && share < 1:
            "~" + fixed(min(99, max(1, share * 100)), 0) + "%"
        case .estimate, .exact, .absent, .unknown: figure.text { percent($0) }
        }
    }
}

extension Numbers {
    /// Fewer events than this make no percentage: it would be chance.
    static let leastEvents = Amount.leastEvents

    /// `98.2%`, and of few events how many: `5/7`.
    static func share(_ part: Figure<Int>, of whole: Figure<Int>) -> String {
        guard let count = part.value, let all = whole.value, all > 0, all < leastEvents else {
            return percent(part.ratio(to: whole))
        }
        return part.with(whole) { $0 + $1 }.text { _ in "\(max(0, count))/\(all)" }
    }
}

/// True for the texts of figures that have no unit behind them.
func isWithoutUnit(_ text: String) -> Bool { text == "-" || text == "\u{2013}" }
