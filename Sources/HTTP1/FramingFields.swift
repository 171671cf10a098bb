// The values of the three standard fields that decide where a response ends and whether the connection lives on.

/// Content-Length over all its fields: absent, one value, or a fault that counts only if the length is needed.
enum ContentLength: Sendable, Equatable {
    case absent
    case exact(Int)
    case fault(FramingError)

    /// Reads one field. Repeats and comma lists are accepted where all values are equal (RFC 9110 §8.6). The first
    /// fault stays.
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

    /// Digits only, and at least one: no sign, no blank, no `0x`.
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

/// Transfer-Encoding over all its fields, of which only the last coding's name matters to framing.
struct TransferCodings: Sendable {
    var isPresent = false
    /// The last coding is `chunked`.
    var endsInChunked = false
    private var hasChunked = false
    /// `chunked` came more than once, which RFC 9112 §6.1 forbids.
    var repeatsChunked = false
    /// `chunked` came with parameters, which RFC 9112 §7.1 tells to treat as an error.
    var hasChunkedParameters = false
    /// The list has an empty element, a tab or a quoted string. RFC 9110 §5.6 says how to read these; llhttp takes `chunked,`
    /// and a tab behind `chunked` for a coding that it does not know, and splits at a comma inside quotes: it finds another
    /// end of the response.
    var isOddlyWritten = false

    mutating func read(_ span: RawSpan, _ range: Range<Int>) {
        isPresent = true
        for index in range where span[index] == .tab || span[index] == .quote { isOddlyWritten = true }
        var lower = range.lowerBound
        while true {
            let upper = Self.elementEnd(span, lower..<range.upperBound)
            let element = span.trimmingBlanks(lower..<upper)
            // A value that is all blank is no list.
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

    /// The next comma outside a quoted string. A string that never ends reaches to the end of the field.
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

/// The connection options that matter to reuse, over all Connection fields (RFC 9110 §7.6.1).
struct ConnectionOptions: Sendable {
    var hasClose = false
    var hasKeepAlive = false

    mutating func read(_ span: RawSpan, _ range: Range<Int>) {
        // Nearly always there is but one.
        if take(span, span.trimmingBlanks(range)) { return }
        var lower = range.lowerBound
        while lower < range.upperBound {
            var upper = lower
            while upper < range.upperBound, span[upper] != .comma { upper += 1 }
            _ = take(span, span.trimmingBlanks(lower..<upper))
            lower = upper + 1
        }
    }

    /// False where the option is neither of the two.
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
