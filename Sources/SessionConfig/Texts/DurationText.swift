package import PlainDocuments
import Wording

/// Durations as options and config files have them; `DurationNotation` reads them.
package enum DurationText {
    package static let examples = "250us, 20ms, 1.5s, 2m, 1h"

    package static func parse(_ text: String) throws(TextProblem) -> Duration {
        do throws(DurationNotation.Problem) {
            return try DurationNotation.parse(text)
        } catch {
            switch error {
            case .negative: throw TextProblem("'\(text)' is negative", allowed: examples)
            case .notADuration: throw TextProblem("'\(text)' is not a duration", allowed: examples)
            case .noUnit: throw TextProblem("'\(text)' has no unit", allowed: examples)
            case .tooLong: throw TextProblem("'\(text)' is too long")
            }
        }
    }

    /// The shortest exact form: the largest unit that leaves a whole number. `parse` reads it back to the same value.
    package static func format(_ duration: Duration) -> String {
        let nanoseconds =
            Int128(duration.components.seconds) * 1_000_000_000
            + Int128(duration.components.attoseconds / 1_000_000_000)
        if nanoseconds == 0 { return "0s" }
        let unit = DurationNotation.units.last {
            $0.name != "μs" && $0.name != "µs" && nanoseconds % $0.nanoseconds == 0
        }
        guard let unit else { return "\(nanoseconds)ns" }
        return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
    }
}
