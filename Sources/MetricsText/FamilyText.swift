internal import PoolModel

/// Families of samples as text. A family is declared with its first sample, so one without samples leaves no trace.
struct FamilyText {
    private var text: TextBuffer
    private let isOpenMetrics: Bool
    /// The family whose samples are written now, and whether it is declared.
    private var family: Family?
    private var isDeclared = false

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

    /// The buckets, the sum in seconds and the count of one distribution, of which the last bucket has all.
    mutating func samples(_ counts: [Int], sum: Double, _ labels: Labels, _ certainty: Certainty) {
        guard certainty != .unknown, let family else { return }
        declare()
        var list = TextBuffer(capacity: labels.bytes.count + 32)
        list.append(labels, Labels(), certainty)
        let isAlone = list.bytes.isEmpty
        for (bound, count) in zip(DurationBuckets.labels, counts) {
            text.append(family.sample)
            text.append("_bucket{")
            text.append(list.bytes)
            if !isAlone { text.append(byte: Ascii.comma) }
            text.append(bound)
            text.append("} ")
            text.append(count)
            text.append(byte: Ascii.newline)
        }
        text.append(family.sample)
        text.append("_sum{")
        text.append(list.bytes)
        text.append("} ")
        text.append(seconds: sum)
        text.append(byte: Ascii.newline)
        text.append(family.sample)
        text.append("_count{")
        text.append(list.bytes)
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
        text.append(first, second, certainty)
        text.append("} ")
    }

    private mutating func declare() {
        guard !isDeclared, let family else { return }
        isDeclared = true
        // In the text format, metadata have the name of the samples; it knows no units and no infos.
        let name = isOpenMetrics ? Array(family.name.utf8) : family.sample
        line("# HELP ", name, family.help)
        line("# TYPE ", name, isOpenMetrics || family.kind != .info ? family.kind.rawValue : Family.Kind.gauge.rawValue)
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

    fileprivate static let estimate = Labels("certainty", "estimate")
}

extension TextBuffer {
    /// Labels with commas between them.
    fileprivate mutating func append(_ first: Labels, _ second: Labels, _ certainty: Certainty) {
        append(first.bytes)
        if !second.bytes.isEmpty {
            if !first.bytes.isEmpty { append(byte: Ascii.comma) }
            append(second.bytes)
        }
        guard certainty == .estimate else { return }
        if !first.bytes.isEmpty || !second.bytes.isEmpty { append(byte: Ascii.comma) }
        append(FamilyText.estimate.bytes)
    }
}
