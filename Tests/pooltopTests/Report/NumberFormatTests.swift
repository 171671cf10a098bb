import Testing

@testable import PlainDocuments

@Suite struct NumberFormatTests {
    @Test(
        "Counts are formatted with grouped thousands",
        arguments: [
            (0, "0"), (1, "1"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1234, "-1,234"),
            (4.25, "4.25"),
            (33.34, "33.3"), (0.5, "0.500"), (0.00002, "2.0e-05"), (1234.4, "1,234"), (.nan, "-"), (.infinity, "-"),
        ])
    func counts(value: Double, text: String) { #expect(NumberFormat.count(value) == text) }

    @Test(
        "Rates are formatted with fixed decimals",
        arguments: [
            (nil, "-"), (0, "0.0"), (0.1, "0.10"), (9.994, "9.99"), (26.44, "26.4"), (999.94, "999.9"),
            (3333.3, "3,333"),
        ]
            as [(Double?, String)])
    func rates(value: Double?, text: String) { #expect(NumberFormat.rate(value) == text) }

    @Test(
        "Percentages are never rounded to all or nothing",
        arguments: [
            (nil, "-"), (0, "0%"), (1, "100%"), (0.992, "99.2%"), (0.99996, "99.99%"), (0.9999, "99.99%"),
            (0.00001, "0.01%"), (0.5, "50.0%"),
        ] as [(Double?, String)])
    func percents(value: Double?, text: String) { #expect(NumberFormat.percent(value) == text) }

    @Test(
        "Durations are formatted with a suitable unit",
        arguments: [
            (nil, "-"), (0, "0"), (0.0000005, "0.50us"), (0.00005, "50.0us"), (0.000312, "312us"), (0.00123, "1.23ms"),
            (0.0456, "45.6ms"), (0.25, "250ms"), (0.9996, "1.00s"), (1.5, "1.50s"), (90, "90.0s"), (3600, "3600s"),
        ] as [(Double?, String)])
    func durations(value: Double?, text: String) { #expect(NumberFormat.duration(value) == text) }

    @Test(
        "Bytes are formatted with a suitable unit",
        arguments: [(0, "0 B"), (1023, "1023 B"), (33_554_432, "32.0 MiB"), (1 << 42, "4.0 TiB")])
    func bytes(value: Int, text: String) { #expect(NumberFormat.bytes(value) == text) }

    @Test(
        "Timestamps are formatted as RFC 3339",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_350_053.125, "2026-11-22T12:20:53.125Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"), (4_107_542_399.9999, "2100-03-01T00:00:00.000Z"),
            (-0.001, "1969-12-31T23:59:59.999Z"), (1_709_164_800, "2024-02-29T00:00:00.000Z"),
        ])
    func timestamps(seconds: Double, text: String) { #expect(Timestamp.text(seconds) == text) }

    @Test("No control character remains in text")
    func noControlCharacterSurvives() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let cleaned = PlainText.clean(String(scalar))
            guard cleaned.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }) else {
                Issue.record("U+\(String(value, radix: 16)) came through")
                return
            }
        }
        #expect(PlainText.clean("a\u{200D}b\u{202E}\u{E000}é") == "a?b??é")
        #expect(PlainText.clean(String(repeating: "x", count: 300)).count == 256)
    }

    @Test(
        "Text is truncated by columns",
        arguments: [
            ("abc", 3, "abc"), ("abcd", 3, "ab~"), ("日本語", 4, "日~"), ("日本", 4, "日本"), ("a\u{301}b", 2, "a\u{301}b"),
            ("x", 0, ""),
        ])
    func textIsCutByColumns(text: String, columns: Int, result: String) {
        #expect(PlainText.cut(text, to: columns) == result)
    }

    @Test("Doubles are formatted for JSON")
    func doublesOfJSON() {
        let values: [JSONValue] = [
            .number(0.1), .number(10), .number(.nan), .number(1e-5), .unsigned(.max), .integer(-1),
        ]
        #expect(JSONValue.array(values).line == "[0.1,10.0,null,1e-05,18446744073709551615,-1]")
    }
}
