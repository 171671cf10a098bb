/// The bytes of one line, read from left to right. No byte is looked at more than a fixed number of times.
struct LineScanner {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int
    private let limits: ExpositionReader.Limits

    init(_ bytes: [UInt8], _ range: Range<Int>, _ limits: ExpositionReader.Limits) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
        self.limits = limits
    }

    var peek: UInt8? { position < end ? bytes[position] : nil }

    mutating func skip() { position = min(position + 1, end) }

    mutating func skipBlanks() {
        while position < end, Self.isBlank(bytes[position]) { position += 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == Ascii.space || byte == Ascii.tab }

    private func text(from start: Int) -> String { String(decoding: bytes[start..<position], as: UTF8.self) }

    /// Everything up to the next blank; empty at the end.
    mutating func word() -> String {
        let start = position
        while position < end, !Self.isBlank(bytes[position]) { position += 1 }
        return text(from: start)
    }

    mutating func rest() -> String {
        let start = position
        position = min(end, position + limits.valueBytes)
        return text(from: start)
    }

    /// The name of a metric. If it is `expected`, that string is returned and no other is made.
    mutating func name(like expected: String?) throws(LineError) -> String {
        let start = position
        try skipName(allowsColon: true)
        if let expected, expected.utf8.elementsEqual(bytes[start..<position]) { return expected }
        return text(from: start)
    }

    private mutating func skipName(allowsColon: Bool) throws(LineError) {
        let start = position
        while position < end {
            let byte = bytes[position]
            let isFirst = position == start
            guard
                Ascii.isLetter(byte) || byte == Ascii.underscore || (!isFirst && Ascii.isDigit(byte))
                    || (allowsColon && byte == Ascii.colon)
            else { break }
            position += 1
        }
        if position == start { throw .problem(allowsColon ? .name : .labels) }
        if position - start > limits.nameBytes { throw .problem(.tooLong) }
    }

    /// The labels, if there are any. A comma after the last one is allowed, as Micrometer used to write it.
    mutating func labels() throws(LineError) -> [MetricSample.Label] {
        skipBlanks()
        guard peek == Ascii.openBrace else { return [] }
        skip()
        var labels: [MetricSample.Label] = []
        while true {
            skipBlanks()
            if peek == Ascii.closeBrace { break }
            let start = position
            try skipName(allowsColon: false)
            let name = text(from: start)
            try expect(Ascii.equals)
            try expect(Ascii.quote)
            let value = try quoted()
            if labels.contains(where: { $0.name == name }) { throw .problem(.duplicateLabel) }
            if labels.count == limits.labels { throw .problem(.tooManyLabels) }
            labels.append(MetricSample.Label(name: name, value: value))
            skipBlanks()
            if peek == Ascii.comma { skip() } else if peek != Ascii.closeBrace { throw .problem(.labels) }
        }
        skip()
        return labels
    }

    private mutating func expect(_ byte: UInt8) throws(LineError) {
        skipBlanks()
        guard peek == byte else { throw .problem(.labels) }
        skip()
    }

    /// A value up to its closing quote. Unknown escapes stand for themselves, as in Prometheus.
    private mutating func quoted() throws(LineError) -> String {
        let start = position
        while position < end, bytes[position] != Ascii.quote, bytes[position] != Ascii.backslash { position += 1 }
        if peek == Ascii.quote {
            if position - start > limits.valueBytes { throw .problem(.tooLong) }
            defer { position += 1 }
            return text(from: start)
        }
        var value = Array(bytes[start..<position])
        while let byte = peek, byte != Ascii.quote {
            skip()
            guard byte == Ascii.backslash, let escaped = peek else {
                value.append(byte)
                continue
            }
            skip()
            switch escaped {
            case Ascii.lowerN: value.append(Ascii.newline)
            case Ascii.quote, Ascii.backslash: value.append(escaped)
            default: value += [byte, escaped]
            }
        }
        guard peek == Ascii.quote else { throw .problem(.labels) }
        if value.count > limits.valueBytes { throw .problem(.tooLong) }
        skip()
        return String(decoding: value, as: UTF8.self)
    }

    private static let maxNumberBytes = 64

    mutating func value() throws(LineError) -> Double {
        skipBlanks()
        guard let number = number() else { throw .problem(.value) }
        return number
    }

    /// A number up to the next blank; nil if there is none.
    private mutating func number() -> Double? {
        let start = position
        var whole = 0
        var isWhole = true
        while position < end, !Self.isBlank(bytes[position]) {
            if Ascii.isDigit(bytes[position]) {
                whole = whole &* 10 &+ Int(bytes[position] - Ascii.zero)
            } else {
                isWhole = false
            }
            position += 1
        }
        let count = position - start
        guard count > 0, count <= Self.maxNumberBytes else { return nil }
        // Fifteen digits are exact, and most values have no more.
        if isWhole, count <= 15 { return Double(whole) }
        return Double(text(from: start))
    }

    /// A value may be followed by a time, and in OpenMetrics by an exemplar, which is skipped without being read.
    mutating func skipTimestampAndExemplar() throws(LineError) {
        skipBlanks()
        if position < end, bytes[position] != Ascii.hash {
            guard number() != nil else { throw .problem(.timestamp) }
            skipBlanks()
        }
        if position < end, bytes[position] != Ascii.hash { throw .problem(.trailing) }
    }
}
