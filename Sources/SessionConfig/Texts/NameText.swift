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

/// Names of themes. Whether there is one of a name that is not built in, is known to those who have the files.
package enum ThemeText {
    static func parse(_ text: String) throws(TextProblem) -> ScreenPlan.Theme { ScreenPlan.Theme(name: text) }

    package static func unknown(_ theme: ScreenPlan.Theme, own: [String]) -> TextProblem {
        NearestName.problem(
            kind: "theme", name: theme.name, among: ScreenPlan.Theme.builtIn.map(\.name) + own)
    }
}
