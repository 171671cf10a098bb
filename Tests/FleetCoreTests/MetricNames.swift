import MetricsText

/// The names of metrics in a text of PromQL, found in the simplest way.
enum MetricNames {
    /// Names of samples that the writer may write.
    static let written: Set<String> = Set(
        MetricsWriter.families.flatMap { family in
            family.type == "histogram"
                ? ["_bucket", "_sum", "_count"].map { family.sample + $0 } : [family.sample]
        })

    private static let words: Set<String> = [
        "sum", "max", "min", "count", "avg", "group", "quantile", "rate", "increase", "delta", "abs", "clamp_min",
        "histogram_quantile", "timestamp", "time", "label_values", "max_over_time", "last_over_time",
        "count_over_time", "by", "without", "and", "or", "unless", "on", "ignoring", "offset", "bool",
    ]

    static func names(in expression: String) -> Set<String> {
        let bare = expression.replacing(/"(\\.|[^"\\])*"/, with: "")
            .replacing(/\{[^}]*\}/, with: " ").replacing(/\[[^\]]*\]/, with: " ")
            .replacing(/(by|without|on|ignoring) \([^)]*\)/, with: " ").replacing(/offset [0-9a-z]+/, with: " ")
        let found = bare.matches(of: /[A-Za-z_:][A-Za-z0-9_:]*/).map { String($0.0) }
        return Set(found).subtracting(words)
    }
}
