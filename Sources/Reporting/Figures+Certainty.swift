import PlainDocuments
import PoolModel
import Wording

/// Formats figures with their certainty: `~` before an estimate, and a dash for unknown.
extension NumberFormat {
    static func count(_ figure: Figure<Int>) -> String { figure.text { $0.map { count($0) } ?? "-" } }
    static func count(_ figure: Figure<Double>) -> String { figure.text { $0.map { count($0) } ?? "-" } }
    static func rate(_ figure: Figure<Double>) -> String { figure.text { rate($0) } }
    static func percent(_ figure: Figure<Double>) -> String { figure.text { percent($0) } }
    static func duration(_ figure: Figure<Double>) -> String { figure.text { duration($0) } }
    /// A quantile that is known only to be longer: `>12.0s`.
    static func duration(_ figure: Figure<Quantile>) -> String {
        figure.text { $0.map { ($0.isAtLeast ? ">" : "") + duration($0.seconds) } ?? "-" }
    }
    /// `98.2%`, and of few events how many: `5/7`.
    static func share(_ part: Figure<Int>, of whole: Figure<Int>) -> String {
        guard let count = part.value, let all = whole.value, all > 0, all < Amount.leastEvents else {
            return percent(part.ratio(to: whole))
        }
        return part.with(whole) { $0 + $1 }.text { _ in "\(max(0, count))/\(all)" }
    }
    static func bytes(_ figure: Figure<Int>) -> String { figure.text { $0.map { bytes($0) } ?? "-" } }
}

extension HostFigures {
    /// Fewer requests were answered than made, by more than a few percent.
    var isBehind: Bool {
        guard let started = started.value, let answered = succeeded.value else { return false }
        return Double(answered) < Double(started) * 0.95 && started - answered >= 2
    }
}

extension Figure<LatencyHistogram> {
    /// The duration that this percentage does not exceed; absent if nothing was recorded.
    func percentile(_ percent: Double) -> Figure<Double> { map { $0.seconds(atPercentile: percent) } }
}
