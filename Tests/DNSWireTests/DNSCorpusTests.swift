import Foundation
import Testing

/// What coverage-guided fuzzing (`.ci/fuzz`) has found worth keeping, played again in every run.
@Suite("DNS: kept inputs of the fuzzer") struct DNSCorpusTests {
    @Test func everyMessageOfTheCorpusIsReadOrRefused() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fuzz/Corpus/dns")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 50)
        for file in files {
            let complaint = DNSFuzzInput(try Data(contentsOf: file)).complaint()
            #expect(complaint == nil, "\(file.lastPathComponent)")
        }
    }
}
