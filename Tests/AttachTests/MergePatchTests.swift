import AttachProtocol
import PlainDocuments
import Testing

@testable import Attach

@Suite struct MergePatchTests {
    private func json(_ text: String) throws -> JSONValue { try JSONReader.value(of: Array(text.utf8)[...]) }

    /// The cases of RFC 7396, appendix A.
    @Test(
        "A merge patch does what the examples of the standard say",
        arguments: [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
            (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
            (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
            (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"),
            (#"{"a":"foo"}"#, #""bar""#, #""bar""#), (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
            ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
            ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ])
    func examples(document: String, patch: String, result: String) throws {
        #expect(try json(document).merged(with: json(patch)).line == result)
    }

    @Test("Many members are changed, added and removed at once")
    func manyMembers() throws {
        let document = JSONValue.object((0..<500).map { .init(key: "\($0)", value: .integer($0)) })
        let patch = JSONValue.object(
            (250..<750).map { .init(key: "\($0)", value: $0 % 2 == 0 ? .null : .integer(-$0)) })
        let merged = document.merged(with: patch)
        #expect(merged.members.count == 250 + 250)
        #expect(merged["249"] == .integer(249) && merged["251"] == .integer(-251) && merged["749"] == .integer(-749))
        #expect(merged["250"] == nil && merged["748"] == nil)
    }
}
