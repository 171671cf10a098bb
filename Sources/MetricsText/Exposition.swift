/// Samples that were read from a text, by family.
package struct Exposition: Sendable {
    /// The families in the order in which they appear.
    package internal(set) var families: [MetricFamily] = []
    /// True if the text ends with `# EOF`, so that nothing of it is missing.
    package internal(set) var isComplete = false
    /// True if the text had more bytes, samples or families than the limits allow; the rest was not read.
    package internal(set) var isTruncated = false
    /// Lines that could not be read.
    package internal(set) var skippedLines = 0
    /// The first of them.
    package internal(set) var problems: [LineProblem] = []

    /// Families from another source than a text.
    package init(families: [MetricFamily] = []) { self.families = families }

    /// The number of samples.
    package var sampleCount: Int { families.reduce(0) { $0 + $1.samples.count } }

    /// The names of all samples.
    package var sampleNames: Set<String> {
        var names: Set<String> = []
        for family in families {
            var last: String?
            for sample in family.samples where sample.name != last {
                names.insert(sample.name)
                last = sample.name
            }
        }
        return names
    }

    package func family(_ name: String) -> MetricFamily? { families.first { $0.name == name } }
}

/// Samples that are declared together.
package struct MetricFamily: Sendable {
    /// As it was declared: without `_total` in OpenMetrics and with it in the text format. The name of the sample if it
    /// was not declared.
    package var name: String
    /// `counter`, `gauge` and so on, as it was written; nil: not declared.
    package var type: String?
    package var unit: String?
    package var help: String?
    package var samples: [MetricSample]

    package init(name: String, samples: [MetricSample] = []) {
        self.name = name
        self.samples = samples
    }
}

/// One value with its labels.
package struct MetricSample: Sendable {
    package struct Label: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The whole name, with `_bucket`, `_total` and the like.
    package var name: String
    package var labels: [Label]
    package var value: Double

    package init(name: String, labels: [Label], value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }

    /// The value of a label; nil if it is absent. An empty value means the same as none, as in Prometheus.
    package subscript(label label: String) -> String? {
        labels.first { $0.name == label }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }
}

/// A line that could not be read.
package struct LineProblem: Sendable, Equatable {
    /// Raw values are labels.
    package enum Reason: String, Sendable {
        /// It does not begin with the name of a metric.
        case name
        /// The labels are not a list of `name="value"` that ends with a brace.
        case labels
        /// A label appears twice.
        case duplicateLabel
        case tooManyLabels
        /// A name, a value or the line is longer than allowed.
        case tooLong
        /// The value is not a number.
        case value
        case timestamp
        /// Something follows the sample.
        case trailing
        /// A declaration lacks its name, or its type is none.
        case declaration
    }

    /// The first line is 1.
    package var line: Int
    package var reason: Reason

    package init(line: Int, reason: Reason) {
        self.line = line
        self.reason = reason
    }
}
