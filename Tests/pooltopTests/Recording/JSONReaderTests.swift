import Foundation
import Testing

@testable import PlainDocuments
@testable import Recordings
@testable import pooltop

/// JSON in, whoever wrote it.
@Suite struct JSONReaderTests {
    private func read(_ text: String) throws -> JSONValue { try JSONReader.value(of: ArraySlice(text.utf8)) }

    private static let samples: [(String, JSONValue)] = [
        ("0", .integer(0)), ("-7", .integer(-7)), ("18446744073709551615", .unsigned(.max)), ("1.5", .number(1.5)),
        ("1e3", .number(1000)), ("0.1", .number(0.1)), ("5e-300", .number(5e-300)),
        ("99999999999999999999", .number(1e20)), ("true", .bool(true)), (" [ ] ", .array([])), ("{}", .object([:])),
        (#""a\u00e9\ud83d\ude00\n\/""#, .string("aé😀\n/")), (#""\ud83d x""#, .string("\u{FFFD} x")),
        (#""\udc00""#, .string("\u{FFFD}")), (#""\ud800\u0041""#, .string("\u{FFFD}")),
        ("\"\u{202E}\"", .string("\u{202E}")),
        (#"{"a":[1,{"b":null}]}"#, .object(["a": .array([.integer(1), .object(["b": .null])])])),
    ]

    @Test("Valid JSON values are read", arguments: samples) func values(text: String, value: JSONValue) throws {
        #expect(try read(text) == value)
    }

    @Test(
        "Invalid JSON is refused",
        arguments: [
            "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "tru",
            "nul",
            "+1", "-",
            "1.2.3", "1e999", "0x1", "\"", "\"\\", "\"\\u12", "\"\\x\"", "\"\u{1}\"", "1 2", "[]]", "NaN", "Infinity",
            String(repeating: "[", count: 100_000),
        ]) func whatIsNotJSON(text: String)
    {
        let error = #expect(throws: TextProblem.self) { try read(text) }
        #expect(error?.problem.hasPrefix("not JSON: ") == true)
    }

    @Test("Written documents can be read back")
    func whatIsWrittenIsReadTheSame() throws {
        let value = JSONValue.object([
            "seconds": .number(1.6114085949999999), "text": .string("\u{1B}[31m \"q\" \\ é"), "all": .unsigned(.max),
            "list": .array([.bool(false), .null, .object([:])]),
        ])
        #expect(try read(value.line) == value)
        #expect(try read(value.pretty) == value)
    }
}

/// RFC 7386.
@Suite struct MergePatchTests {
    private func read(_ text: String) throws -> JSONValue { try JSONReader.value(of: ArraySlice(text.utf8)) }

    /// The RFC's appendix, where both are without nulls of their own; order of members as ours.
    @Test(
        "The examples in the RFC's appendix hold",
        arguments: [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
            (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
            (#"["a","b"]"#, #"["c"]"#, #"["c"]"#),
            (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
            ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
            ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ]) func appendix(target: String, patch: String, result: String) throws
    {
        #expect(try read(target).patched(with: read(patch)).line == result)
    }

    @Test(
        "A patch turns one document into the other",
        arguments: [
            ("{}", #"{"a":1,"b":{"c":2}}"#), (#"{"a":1,"b":{"c":2,"d":[1]}}"#, #"{"a":1,"b":{"c":2,"d":[2]}}"#),
            (#"{"a":1,"b":2,"c":3}"#, #"{"c":3}"#), (#"{"a":[]}"#, #"{"a":{"b":1}}"#),
            (#"{"a":{"b":1}}"#, #"{"a":[]}"#),
            (#"{"a":{"b":1}}"#, #"{"a":{}}"#),
        ]) func aPatchMakesTheOneOfTheOther(before: String, after: String) throws
    {
        let (before, after) = (try read(before), try read(after))
        let patch = try #require(after.patch(from: before))
        #expect(before.patched(with: patch) == after)
        #expect(after.patch(from: after) == nil)
    }
}

extension JSONValue {
    fileprivate func patched(with patch: JSONValue) -> JSONValue {
        var copy = self
        _ = copy.apply(patch)
        return copy
    }
}

@Suite struct ZigZagTests {
    static let numbers = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 1_000_000, -4096, .max, .min, .max - 1]

    @Test("Numbers survive encoding and decoding")
    func numbersComeBack() {
        #expect(ZigZag.numbers(of: ZigZag.bytes(of: Self.numbers)) == Self.numbers)
        for number in Self.numbers { #expect(ZigZag.numbers(of: ZigZag.bytes(of: [number])) == [number]) }
    }

    @Test("Numbers have the expected bytes")
    func bytes() {
        #expect(ZigZag.bytes(of: [0, -1, 1, -64, 64]) == [0, 1, 2, 0x7F, 0x80, 1])
        #expect(ZigZag.bytes(of: [.min]) == [UInt8](repeating: 0xFF, count: 9))
    }

    @Test("A number that does not end is refused")
    func aNumberThatDoesNotEndIsNone() {
        #expect(ZigZag.numbers(of: [0x80]) == nil)
        #expect(ZigZag.numbers(of: [2, 0xFF]) == nil)
    }
}
