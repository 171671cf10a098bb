import Foundation
import Testing

/// Replays the inputs that coverage-guided fuzzing (`.ci/fuzz`) has found worth keeping.
@Suite struct FuzzCorpusTests {
    private func inputs(_ name: String) throws -> [URL] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fuzz/Corpus/\(name)")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }

    @Test("Every kept recording ends in an error or in figures that can be read back")
    func recordings() throws {
        let files = try inputs("recordings")
        #expect((50...100).contains(files.count))
        for file in files {
            let complaint = RecordingFuzzInput(try Data(contentsOf: file)).complaint()
            #expect(complaint == nil, "\(file.lastPathComponent)")
        }
    }

    @Test("Every kept config file ends in an error or in a plan that can be printed and read back")
    func configs() throws {
        let files = try inputs("config")
        #expect((50...100).contains(files.count))
        for file in files {
            let complaint = ConfigFuzzInput(try Data(contentsOf: file)).complaint()
            #expect(complaint == nil, "\(file.lastPathComponent)")
        }
    }
}
