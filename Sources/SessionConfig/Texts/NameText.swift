package import PlainDocuments
package import PoolModel

/// Names of arrival processes.
package enum ArrivalsText {
    package static func parse(_ text: String) throws(TextProblem) -> Arrivals {
        if let arrivals = Arrivals(rawValue: text) { return arrivals }
        throw TextProblem(
            "unknown arrivals '\(text)'", allowed: Arrivals.allCases.map(\.rawValue).joined(separator: ", "))
    }
}

/// Names of themes.
package enum ThemeText {
    package static func parse(_ text: String) throws(TextProblem) -> ScreenPlan.Theme {
        if let theme = ScreenPlan.Theme(rawValue: text) { return theme }
        throw TextProblem(
            "unknown theme '\(text)'", allowed: ScreenPlan.Theme.allCases.map(\.rawValue).joined(separator: ", "))
    }
}
