import PoolModel

/// Figures as text with their certainty: `~` before an estimate, a dash for unknown.
extension Numbers {
    static func rate(_ figure: Figure<Double>) -> String { figure.text { rate($0) } }
    static func short(_ figure: Figure<Double>) -> String { figure.text { short($0) } }
    static func milliseconds(_ figure: Figure<Double>) -> String { figure.text { milliseconds($0) } }
    static func duration(_ figure: Figure<Double>) -> String { figure.text { duration($0) } }
    static func containers(_ figure: Figure<Double>) -> String { figure.text { containers($0) } }
    static func count(_ figure: Figure<Int>) -> String { figure.text { $0.map { count($0) } ?? "-" } }
    static func shortCount(_ figure: Figure<Int>) -> String { figure.text { $0.map { shortCount($0) } ?? "-" } }
    static func plain(_ figure: Figure<Int>) -> String { figure.text { $0.map { String($0) } ?? "-" } }

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

/// True for the texts of figures that are shown without a unit.
func isWithoutUnit(_ text: String) -> Bool { text == "-" || text == "\u{2013}" }
