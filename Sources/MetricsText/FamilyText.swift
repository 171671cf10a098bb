internal import PoolModel

/// Families of samples as text. A family is declared with its first sample, so one without samples leaves no trace.
struct FamilyText {
    private var text: TextBuffer
    private let isOpenMetrics: Bool
    /// The family whose samples are written now, and whether it is declared.
    private var family: Family?
    private var isDeclared = false

    private static let estimate = Labels("certainty", "estimate")

    init(isOpenMetrics: Bool, capacity: Int) {
        self.isOpenMetrics = isOpenMetrics
        text = TextBuffer(capacity: capacity)
    }

    /// All samples up to the next call belong to this family. A family must not be begun twice.
    mutating func begin(_ family: Family) {
        self.family = family
        isDeclared = false
    }

    /// The whole text; nothing can be added to it.
    func end() -> [UInt8] {
        var text = text
        if isOpenMetrics { text.append("# EOF\n") }
        return text.bytes
    }

    mutating func sample(_ count: Int, _ first: Labels, _ second: Labels = Labels(), _ certainty: Certainty = .exact) {
        guard certainty != .unknown else { return }
        head(first, second, certainty)
        text.append(count)
        text.append(byte: Ascii.newline)
    }

    mutating func sample(
        seconds: Double, _ first: Labels, _ second: Labels = Labels(), _ certainty: Certainty = .exact
    ) {
        guard certainty != .unknown, seconds.isFinite else { return }
        head(first, second, certainty)
        text.append(seconds: seconds)
        text.append(byte: Ascii.newline)
    }

    /// The buckets, the sum and the count of one distribution.
    mutating func samples(_ histogram: LatencyHistogram, _ labels: Labels, _ certainty: Certainty) {
        guard certainty != .unknown, let edges = histogram.edges, let family else { return }
        declare()
        let counts = DurationBuckets.cumulative(histogram)
        for (bound, count) in zip(DurationBuckets.labels, counts) {
            name(family.sample, "_bucket{")
            list(labels, Labels(), certainty)
            if !labels.bytes.isEmpty || certainty == .estimate { text.append(byte: Ascii.comma) }
            text.append(bound)
            text.append("} ")
            text.append(count)
            text.append(byte: Ascii.newline)
        }
        name(family.sample, "_sum{")
        list(labels, Labels(), certainty)
        text.append("} ")
        text.append(billionths: Int(min(edges.sumNanoseconds, 9e18)))
        text.append(byte: Ascii.newline)
        name(family.sample, "_count{")
        list(labels, Labels(), certainty)
        text.append("} ")
        text.append(counts.last ?? 0)
        text.append(byte: Ascii.newline)
    }

    private mutating func head(_ first: Labels, _ second: Labels, _ certainty: Certainty) {
        guard let family else { return }
        declare()
        text.append(family.sample)
        if first.bytes.isEmpty, second.bytes.isEmpty, certainty == .exact { return text.append(byte: Ascii.space) }
        text.append(byte: Ascii.openBrace)
        list(first, second, certainty)
        text.append("} ")
    }

    private mutating func name(_ family: [UInt8], _ suffix: String) {
        text.append(family)
        text.append(suffix)
    }

    private mutating func list(_ first: Labels, _ second: Labels, _ certainty: Certainty) {
        var isFirst = true
        func add(_ labels: Labels, to text: inout TextBuffer) {
            guard !labels.bytes.isEmpty else { return }
            if !isFirst { text.append(byte: Ascii.comma) }
            isFirst = false
            text.append(labels.bytes)
        }
        add(first, to: &text)
        add(second, to: &text)
        if certainty == .estimate { add(Self.estimate, to: &text) }
    }

    private mutating func declare() {
        guard !isDeclared, let family else { return }
        isDeclared = true
        // In the text format, metadata have the name of the samples; it knows no units and no infos.
        let name = isOpenMetrics ? Array(family.name.utf8) : family.sample
        line("# HELP ", name, family.help)
        line("# TYPE ", name, Self.word(of: family.kind, isOpenMetrics: isOpenMetrics))
        if isOpenMetrics, let unit = family.unit { line("# UNIT ", name, unit) }
    }

    /// Helps are ours and have nothing to escape.
    private mutating func line(_ keyword: String, _ name: [UInt8], _ value: String) {
        text.append(keyword)
        text.append(name)
        text.append(byte: Ascii.space)
        text.append(value)
        text.append(byte: Ascii.newline)
    }

    private static func word(of kind: Family.Kind, isOpenMetrics: Bool) -> String {
        switch kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        case .info: isOpenMetrics ? "info" : "gauge"
        }
    }
}
