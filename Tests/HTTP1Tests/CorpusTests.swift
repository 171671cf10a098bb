import Foundation
import Testing

/// Replays the inputs that coverage-guided fuzzing (`.ci/fuzz`) has found worth keeping.
@Suite struct CorpusTests {
    @Test("Every kept input is parsed the same however it is split")
    func everyInputOfTheCorpusIsReadTheSameHoweverItIsCut() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fuzz/Corpus/responses")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 50)
        for file in files {
            let complaint = FuzzInput(try Data(contentsOf: file)).complaint()
            #expect(complaint == nil, "\(file.lastPathComponent)")
        }
    }
}
