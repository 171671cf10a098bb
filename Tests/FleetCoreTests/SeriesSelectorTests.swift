import PlainDocuments
import PoolModel
import Testing

@testable import FleetCore

@Suite("What --match says") struct SeriesSelectorTests {
    private static func texts(_ selector: String) throws -> [String] {
        try SeriesSelector(selector).matchers.map(\.text)
    }

    @Test("Conditions are taken as they are written, with braces or without")
    func valid() throws {
        #expect(try Self.texts("").isEmpty && Self.texts(" {} ").isEmpty)
        #expect(try Self.texts(#"job="api""#) == [#"job="api""#])
        #expect(
            try Self.texts(#"{ job = "api" , zone=~"eu-.*",a!='b', _c1 !~ `d"}`, }"#)
                == [#"job="api""#, #"zone=~"eu-.*""#, "a!='b'", "_c1!~`d\"}`"])
        #expect(try Self.texts(#"job="a\"} or up{x=\"""#) == [#"job="a\"} or up{x=\"""#])
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "job", "job=", "job=api", #"job="api"#, #"job="a"b"#, #"{job="a""#, #"job="a"}"#, #"="a""#, #"1a="b""#,
            #"a-b="c""#, #"up{job="a"}"#, #"job=="a""#, #"job="a" zone="b""#, #"__name__="up""#, #"job="a\"#,
            "job=\"a\nb\"", #"a="b"} or up{"#, "{", #"{{a="b"}}"#,
        ])
    func invalid(_ text: String) {
        #expect(throws: TextProblem.self) { try SeriesSelector(text) }
    }

    @Test("Long texts and many conditions are refused")
    func limits() {
        let long = String(repeating: "x", count: 5000)
        #expect(throws: TextProblem.self) { try SeriesSelector("a=\"\(long)\"") }
        let many = (0..<33).map { "a\($0)=\"b\"" }.joined(separator: ",")
        #expect(throws: TextProblem.self) { try SeriesSelector(many) }
    }

    @Test("No text leaves the braces of a query")
    func mutations() throws {
        var generator = SplitMix64(seed: 11)
        let letters = Array(#"{}ab_="'`\,!~ "#)
        var taken = 0
        for _ in 0..<2000 {
            var characters = Array(#"{a="b\"",b!='a',_a=~`\`}"#)
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let place = Int.random(in: 0..<characters.count, using: &generator)
                characters[place] = letters[Int.random(in: 0..<letters.count, using: &generator)]
            }
            let text = String(characters)
            guard let selector = try? SeriesSelector(text), !selector.matchers.isEmpty else { continue }
            taken += 1
            // Without the values, what is left is names, comparisons and commas.
            let query = PromQL.selector("up", selector.matchers)
                .replacing(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|`[^`]*`/, with: "")
            #expect(query.wholeMatch(of: /up\{[a-z_]+[=!~]+(,[a-z_]+[=!~]+)*\}/) != nil, "\(text)")
        }
        #expect(taken > 700 && taken < 1900, "\(taken)")
    }
}

@Suite("Parts of PromQL") struct PromQLTests {
    @Test("Durations have whole units")
    func durations() {
        #expect([60, 1.5, 0.25, 0].map { PromQL.duration($0) } == ["60s", "1500ms", "250ms", "1ms"])
    }

    @Test("Values from outside are quoted")
    func quotes() {
        #expect(LabelMatcher("job", .equals, "a\"b\\c\nd\u{1}é").text == #"job="a\"b\\c\nd\x01é""#)
    }

    @Test("Only names of labels are names of labels")
    func names() throws {
        #expect(["a", "_a", "A1_b"].allSatisfy { PromQL.isLabelName($0) })
        #expect(!["", "1a", "a-b", "a b", "é", "a)", "a:b"].contains { PromQL.isLabelName($0) })
        var settings = FleetSettings()
        #expect(throws: TextProblem.self) { try settings.setGroupLabel("a) or up") }
        try settings.setGroupLabel("zone")
        #expect(settings.groupLabel == "zone")
    }
}
