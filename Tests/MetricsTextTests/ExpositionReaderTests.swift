import PoolModel
import TestSupport
import Testing

@testable import MetricsText

@Suite("Reading metrics") struct ExpositionReaderTests {
    private static func read(
        _ text: String, _ change: (inout ExpositionReader.Limits) -> Void = { _ in }
    ) -> Exposition {
        var limits = ExpositionReader.Limits()
        change(&limits)
        return ExpositionReader.read(Array(text.utf8), limits: limits)
    }

    private static func samples(_ text: String) -> [MetricSample] { read(text).families.flatMap(\.samples) }

    @Test("OpenMetrics is read with its declarations, exemplars, times and end")
    func openMetrics() throws {
        let read = Self.read(
            """
            # TYPE requests counter
            # UNIT requests seconds
            # HELP requests All of them.
            requests_total{code="200"} 17.5 1520879607.789 # {trace="a } b"} 0.67
            requests_created{code="200"} 1520430000.123
            # TYPE wait histogram
            wait_bucket{le="0.1"} 8 # {} 0.05
            wait_bucket{le="+Inf"} 9
            wait_count 9
            wait_sum 1.5e-3
            # EOF
            beyond 1
            """)
        #expect(read.isComplete && read.skippedLines == 0 && !read.isTruncated)
        #expect(read.families.map(\.name) == ["requests", "wait"])
        let requests = try #require(read.family("requests"))
        #expect(requests.type == "counter" && requests.unit == "seconds" && requests.help == "All of them.")
        #expect(requests.samples.map(\.name) == ["requests_total", "requests_created"])
        #expect(requests.samples[0].value == 17.5 && requests.samples[0][label: "code"] == "200")
        #expect(read.family("wait")?.samples.map(\.value) == [8, 9, 9, 0.0015])
    }

    @Test("The text format is read with blanks, trailing commas, special values, CRLF and no end")
    func plainText() {
        let read = Self.read(
            "# a comment\r\n#TYPE odd gauge\r\n \t \r\n# TYPE http_total counter\r\nhttp_total{a=\"b\",} 1\r\n"
                + "http_total { c = \"d\" , e=\"\" }\t2 1395066363000\r\nup NaN\nup +Inf\nup -Inf\nup 0x10\nno_newline 3"
        )
        #expect(read.skippedLines == 0 && !read.isComplete, "\(read.problems)")
        let all = read.families.flatMap(\.samples)
        #expect(all.map(\.name) == ["http_total", "http_total", "up", "up", "up", "up", "no_newline"])
        #expect(all[1][label: "c"] == "d" && all[1][label: "e"] == nil && all[1].labels.count == 2)
        #expect(all[2].value.isNaN && all[3].value == .infinity && all[4].value == -.infinity && all[6].value == 3)
        #expect(read.family("odd")?.type == "gauge" && read.family("http_total")?.type == "counter")
    }

    @Test("Escapes in label values are undone, and other bytes are as they are")
    func escapes() {
        let samples = Self.samples(#"a{b="x\\y\"z\n{},=\q é",c="\\"} 1"#)
        #expect(samples.first?[label: "b"] == "x\\y\"z\n{},=\\q é" && samples.first?[label: "c"] == "\\")
    }

    @Test(
        "A line that cannot be read is skipped and counted with its number and reason",
        arguments: [
            ("1a 1", .name), ("{a=\"b\"} 1", .name), ("é 1", .name), ("a{b=c} 1", .labels), ("a{b} 1", .labels),
            ("a{b=\"c\" 1", .labels), ("a{b=\"c} 1", .labels), ("a{b=\"c\\", .labels), ("a{b=\"c\"d=\"e\"} 1", .labels),
            ("a{b=\"c\",b=\"d\"} 1", .duplicateLabel), ("a", .value), ("a ", .value), ("a x", .value),
            ("a 1_000", .value),
            ("a{} 1 soon", .timestamp), ("a 1 2 3", .trailing), ("a{b=\"c\"}", .value),
            ("a 1" + String(repeating: " ", count: 70_000), .tooLong),
            (String(repeating: "a", count: 300) + " 1", .tooLong),
            ("# TYPE a nonsense", .declaration), ("# TYPE", .declaration),
            ("a \(String(repeating: "1", count: 99))", .value),
        ] as [(String, LineProblem.Reason)])
    func malformed(_ line: String, _ reason: LineProblem.Reason) {
        let read = Self.read("before 1\n\(line)\nafter 2\n")
        #expect(read.problems == [LineProblem(line: 2, reason: reason)] && read.skippedLines == 1)
        #expect(read.family("before")?.samples.count == 1 && read.family("after")?.samples.count == 1)
    }

    @Test("Every limit holds, and the result says so")
    func limits() {
        let text = (0..<100).map { "m\($0){l=\"\($0)\"} \($0)\n" }.joined()
        #expect(Self.read(text) { $0.samples = 10 }.sampleCount == 10)
        #expect(Self.read(text) { $0.families = 7 }.families.count == 7)
        let cut = Self.read(text) { $0.bytes = 40 }
        #expect(cut.sampleCount == 3 && cut.isTruncated && cut.skippedLines == 0)
        #expect(Self.read(text) { $0.samples = 10 }.isTruncated && !Self.read(text).isTruncated)
        let labels = (0..<65).map { "l\($0)=\"\"" }.joined(separator: ",")
        #expect(Self.read("a{\(labels)} 1").problems.map(\.reason) == [.tooManyLabels])
        let long = String(repeating: "v", count: 5000)
        #expect(Self.read("a{b=\"\(long)\"} 1\nc{d=\"\\n\(long)\"} 1").problems.map(\.reason) == [.tooLong, .tooLong])
        let bad = Self.read(String(repeating: "?\n", count: 1000))
        #expect(bad.skippedLines == 1000 && bad.problems.count == 20 && bad.problems.last?.line == 20)
    }

    @Test("Time grows with the bytes and not with their square", .ordinarySpeed("it measures time"))
    func linear() {
        func seconds(_ text: String) -> Double {
            let bytes = Array(text.utf8)
            let clock = ContinuousClock()
            return (0..<3).map { _ in clock.measure { _ = ExpositionReader.read(bytes) }.asSeconds }.min() ?? 0
        }
        let hostile = [
            "a{b=\"\\\\", "a{", "\n", "#", "a{b=\"c\",", "a 1\n", "# TYPE a counter\n", "\"", " ", "a_bucket_total 1\n",
        ]
        for part in hostile {
            let (few, many) = (String(repeating: part, count: 2_000), String(repeating: part, count: 32_000))
            // Sixteen times as much; its square would be 256 times.
            #expect(seconds(many) < max(seconds(few), 0.0005) * 80, "\(part)")
        }
    }

    @Test("No bytes make it trap, and memory stays within the limits")
    func random() {
        var generator = SplitMix64(seed: 15)
        var limits = ExpositionReader.Limits()
        limits.samples = 50
        let alphabet = Array("ab_:{}=\",\\\n\r #0.1e+-NaInf\tTYPEHLUNIOF\u{0}\u{FF}".utf8)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...200, using: &generator)
            let bytes = (0..<count).map { _ in
                Bool.random(using: &generator)
                    ? alphabet.randomElement(using: &generator) ?? 0 : UInt8.random(in: 0...255, using: &generator)
            }
            let read = ExpositionReader.read(bytes, limits: limits)
            #expect(read.sampleCount <= 50 && read.problems.count <= min(20, read.skippedLines))
        }
    }

    @Test("What the writer writes is read without a complaint, in both formats", arguments: ExpositionFormat.allCases)
    func ownText(_ format: ExpositionFormat) {
        var writer = MetricsWriter()
        let bytes = writer.write(SampleSnapshots.watched, as: format)
        let read = ExpositionReader.read(bytes)
        #expect(read.skippedLines == 0 && read.isComplete == format.isOpenMetrics)
        #expect(read.sampleCount == Lines(bytes).samples.count)
        #expect(read.families.allSatisfy { $0.type != nil && $0.help != nil && !$0.samples.isEmpty })
        for mutated in Mutations(of: [bytes], seed: 15) { _ = ExpositionReader.read(mutated) }
    }
}
