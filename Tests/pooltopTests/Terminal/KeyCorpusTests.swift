import Foundation
import Testing

/// What coverage-guided fuzzing (`.ci/fuzz`) has found worth keeping, played again in every run.
@Suite("Keys and TLS flights: kept inputs of the fuzzers") struct KeyCorpusTests {
    private func corpus(_ name: String) throws -> [URL] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fuzz/Corpus/\(name)")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }

    @Test("What a terminal sends means the same however it is cut, and never hides the key after it")
    func keys() throws {
        let files = try corpus("keys")
        #expect(files.count > 20)
        for file in files {
            #expect(KeyFuzzInput(try Data(contentsOf: file)).complaint() == nil, "\(file.lastPathComponent)")
        }
    }

    @Test("What a TLS server sends means the same however it is cut and fragmented")
    func flights() throws {
        let files = try corpus("flights")
        #expect(files.count > 20)
        for file in files {
            #expect(FlightFuzzInput(try Data(contentsOf: file)).complaint() == nil, "\(file.lastPathComponent)")
        }
    }
}
