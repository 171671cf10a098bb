// The values of the three standard fields that determine where a response ends and whether the connection persists.

/// The combined Content-Length fields: absent, one value, or an error that matters only if the length is needed.
enum ContentLength: Sendable, Equatable {
    case absent
    case exact(Int)
    case fault(FramingError)

    /// Reads one field. Repeated fields and comma lists are accepted if all values are equal (RFC 9110 §8.6). The first
    /// error is kept.
    mutating func read(_ span: RawSpan, _ range: Range<Int>) {
        if let number = Self.number(span, span.trimmingBlanks(range)) { return add(number) }
        var lower = range.lowerBound
        while true {
            var upper = lower
            while upper < range.upperBound, span[upper] != .comma { upper += 1 }
            add(Self.number(span, span.trimmingBlanks(lower..<upper)))
            guard upper < range.upperBound else { return }
            lower = upper + 1
        }
    }

    private mutating func add(_ number: Int?) {
        switch self {
        case .absent:
            self = number.map { .exact($0) } ?? .fault(.badContentLength)
        case .exact(let known):
            guard let number else {
                self = .fault(.badContentLength)
                return
            }
            if number != known { self = .fault(.conflictingContentLength) }
        case .fault:
            break
        }
    }

    /// At least one digit and nothing else: no sign, no blank, no `0x`.
    private static func number(_ span: RawSpan, _ range: Range<Int>) -> Int? {
        guard !range.isEmpty else { return nil }
        var value = 0
        for index in range {
            guard span[index].isDigit else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowToo) = product.addingReportingOverflow(Int(span[index] &- .zero))
            guard !overflow, !overflowToo else { return nil }
            value = sum
        }
        return value
    }
}

/// The combined Transfer-Encoding fields; only the name of the last coding matters for framing.
struct TransferCodings: Sendable {
    var isPresent = false
    /// The last coding is `chunked`.
    var endsInChunked = false
    private var hasChunked = false
    /// `chunked` occurs more than once, which RFC 9112 §6.1 forbids.
    var repeatsChunked = false
    /// `chunked` has parameters, which RFC 9112 §7.1 requires to be treated as an error.
    var hasChunkedParameters = false
    /// The list contains an empty element, a tab or a quoted string. RFC 9110 §5.6 defines how to read these, but
    /// llhttp reads them differently: it takes `chunked,` and `chunked` followed by a tab for unknown codings, and
    /// splits at commas inside quotes. The two would find different ends of the response.
    var isOddlyWritten = false

    mutating func read(_ span: RawSpan, _ range: Range<Int>) {
        isPresent = true
        for index in range where span[index] == .tab || span[index] == .quote { isOddlyWritten = true }
        var lower = range.lowerBound
        while true {
            let upper = Self.elementEnd(span, lower..<range.upperBound)
            let element = span.trimmingBlanks(lower..<upper)
            // A blank value is not a list.
            if element.isEmpty, lower > range.lowerBound || upper < range.upperBound { isOddlyWritten = true }
            add(span, element)
            guard upper < range.upperBound else { return }
            lower = upper + 1
        }
    }

    private mutating func add(_ span: RawSpan, _ element: Range<Int>) {
        guard !element.isEmpty else { return }
        var nameEnd = element.lowerBound
        while nameEnd < element.upperBound, span[nameEnd].isToken { nameEnd += 1 }
        guard span.matches(element.lowerBound..<nameEnd, "chunked") else {
            endsInChunked = false
            return
        }
        let rest = span.trimmingBlanks(nameEnd..<element.upperBound)
        if !rest.isEmpty, span[rest.lowerBound] == .semicolon { hasChunkedParameters = true }
        repeatsChunked = hasChunked
        hasChunked = true
        endsInChunked = rest.isEmpty
    }

    /// The next comma outside a quoted string. An unterminated string extends to the end of the field.
    private static func elementEnd(_ span: RawSpan, _ range: Range<Int>) -> Int {
        var isQuoted = false
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = span[index]
            if byte == .quote {
                isQuoted.toggle()
            } else if isQuoted, byte == .backslash {
                index += 1
            } else if !isQuoted, byte == .comma {
                return index
            }
            index += 1
        }
        return range.upperBound
    }
}

/// The connection options that matter for reuse, from all Connection fields (RFC 9110 §7.6.1).
struct ConnectionOptions: Sendable {
    var hasClose = false
    var hasKeepAlive = false

    mutating func read(_ span: RawSpan, _ range: Range<Int>) {
        // Nearly always there is only one option.
        if take(span, span.trimmingBlanks(range)) { return }
        var lower = range.lowerBound
        while lower < range.upperBound {
            var upper = lower
            while upper < range.upperBound, span[upper] != .comma { upper += 1 }
            _ = take(span, span.trimmingBlanks(lower..<upper))
            lower = upper + 1
        }
    }

    /// False if the option is neither of the two.
    @inline(__always)
    private mutating func take(_ span: RawSpan, _ option: Range<Int>) -> Bool {
        if span.matches(option, "keep-alive") {
            hasKeepAlive = true
        } else if span.matches(option, "close") {
            hasClose = true
        } else {
            return false
        }
        return true
    }
}
