import PlainDocuments
import PoolModel

/// Formats figures with their certainty: `~` before an estimate, and a dash for unknown.
extension NumberFormat {
    static func count(_ figure: Figure<Int>) -> String { figure.text { $0.map { count($0) } ?? "-" } }
    static func count(_ figure: Figure<Double>) -> String { figure.text { $0.map { count($0) } ?? "-" } }
    static func rate(_ figure: Figure<Double>) -> String { figure.text { rate($0) } }
    static func percent(_ figure: Figure<Double>) -> String { figure.text { percent($0) } }
    static func duration(_ figure: Figure<Double>) -> String { figure.text { duration($0) } }
    static func bytes(_ figure: Figure<Int>) -> String { figure.text { $0.map { bytes($0) } ?? "-" } }
}

extension Figure<LatencyHistogram> {
    /// The duration that this percentage does not exceed; absent if nothing was recorded.
    func percentile(_ percent: Double) -> Figure<Double> { map { $0.seconds(atPercentile: percent) } }
}
