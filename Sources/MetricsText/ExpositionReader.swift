/// Reads OpenMetrics and the text format of Prometheus, whatever mixture of them an endpoint sends.
///
/// A line that cannot be read is counted and skipped, so one bad series does not hide the others. Time is linear in the
/// bytes, memory is bounded by the limits. Exemplars and timestamps are skipped.
package struct ExpositionReader {
    /// Limits on what one text may contain; see `Exposition.isTruncated`.
    package struct Limits: Sendable {
        /// Longer texts are cut at the last whole line.
        package var bytes = 16 << 20
        package var lineBytes = 64 << 10
        package var samples = 200_000
        package var families = 20_000
        package var labels = 64
        package var nameBytes = 256
        package var valueBytes = 4096
        /// Problems that are kept; all are counted.
        package var problems = 20

        package init() {}
    }

    private let limits: Limits
    private var result = Exposition()
    private var indices: [String: Int] = [:]
    /// The name and family of the last sample, which the next one mostly shares.
    private var last: (name: String, family: Int)?
    private var sampleCount = 0

    /// The samples of a text.
    package static func read(_ bytes: [UInt8], limits: Limits = Limits()) -> Exposition {
        var reader = ExpositionReader(limits: limits)
        reader.read(bytes)
        return reader.result
    }

    private init(limits: Limits) { self.limits = limits }

    private mutating func read(_ bytes: [UInt8]) {
        var start = 0
        var line = 0
        let end = min(bytes.count, limits.bytes)
        result.isTruncated = end < bytes.count
        while start < end {
            line += 1
            let newline = bytes[start..<end].firstIndex(of: Ascii.newline)
            // A line that was cut by the limit could have another value.
            if newline == nil, result.isTruncated { return }
            let next = newline ?? end
            var stop = next
            if stop > start, bytes[stop - 1] == Ascii.carriageReturn { stop -= 1 }
            do throws(LineError) {
                guard stop - start <= limits.lineBytes else { throw .problem(.tooLong) }
                try read(LineScanner(bytes, start..<stop, limits))
            } catch {
                switch error {
                case .problem(let reason): skip(line, reason)
                case .full:
                    result.isTruncated = true
                    return
                case .end:
                    result.isComplete = true
                    return
                }
            }
            start = next + 1
        }
    }

    private mutating func skip(_ line: Int, _ reason: LineProblem.Reason) {
        result.skippedLines += 1
        if result.problems.count < limits.problems { result.problems.append(LineProblem(line: line, reason: reason)) }
    }

    private mutating func read(_ line: LineScanner) throws(LineError) {
        var line = line
        line.skipBlanks()
        guard let first = line.peek else { return }
        if first == Ascii.hash { return try readComment(&line) }
        let name = try line.name(like: last?.name)
        let labels = try line.labels()
        let value = try line.value()
        try line.skipTimestampAndExemplar()
        guard sampleCount < limits.samples else { throw .full }
        let family = try family(ofSample: name)
        result.families[family].samples.append(MetricSample(name: name, labels: labels, value: value))
        sampleCount += 1
    }

    /// Comments other than declarations are for people.
    private mutating func readComment(_ line: inout LineScanner) throws(LineError) {
        line.skip()
        line.skipBlanks()
        switch line.word() {
        case "EOF":
            line.skipBlanks()
            if line.peek == nil { throw .end }
        case "TYPE":
            let index = try family(try declaredName(&line))
            let type = line.word()
            guard Self.types.contains(type) else { throw .problem(.declaration) }
            result.families[index].type = type
        case "UNIT":
            let index = try family(try declaredName(&line))
            result.families[index].unit = line.word()
        case "HELP":
            let index = try family(try declaredName(&line))
            result.families[index].help = line.rest()
        default: break
        }
    }

    private static let types: Set<String> = [
        "counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram",
    ]

    private func declaredName(_ line: inout LineScanner) throws(LineError) -> String {
        line.skipBlanks()
        do throws(LineError) {
            let name = try line.name(like: nil)
            line.skipBlanks()
            return name
        } catch { throw .problem(.declaration) }
    }

    private mutating func family(_ name: String) throws(LineError) -> Int {
        if let known = indices[name] { return known }
        guard result.families.count < limits.families else { throw .full }
        indices[name] = result.families.count
        result.families.append(MetricFamily(name: name))
        return result.families.count - 1
    }

    private static let suffixes = ["_bucket", "_count", "_sum", "_total", "_info", "_created", "_gcount", "_gsum"]

    /// The family that was declared for a sample, or one of its own.
    private mutating func family(ofSample name: String) throws(LineError) -> Int {
        if let last, last.name == name { return last.family }
        var index = indices[name]
        if index == nil, let suffix = Self.suffixes.first(where: { name.hasSuffix($0) }) {
            index = indices[String(name.dropLast(suffix.count))]
        }
        if index == nil { index = try family(name) }
        let family = index ?? 0
        last = (name, family)
        return family
    }
}

/// Why a line gave no sample.
enum LineError: Error {
    case problem(LineProblem.Reason)
    /// A limit on all lines was reached.
    case full
    /// The line says that the text ends.
    case end
}
