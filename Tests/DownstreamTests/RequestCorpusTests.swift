import Foundation
import TestSupport
import Testing

/// Replays the inputs that coverage-guided fuzzing (`.ci/fuzz`) has found worth keeping, and variations of them.
@Suite("Bundled servers: inputs kept from fuzzing") struct RequestCorpusTests {
    private func corpus(_ name: String) throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fuzz/Corpus/\(name)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
    }

    @Test("Every stream of requests is parsed the same however it is split, on a stack of 512 KiB")
    func requests() async throws {
        let inputs = try corpus("requests")
        #expect((20...100).contains(inputs.count))
        let complaints = await onSmallStack {
            inputs.compactMap { RequestFuzzInput($0).complaint() }
                + Mutations(of: inputs, seed: 9).lazy.compactMap { RequestFuzzInput($0).complaint() }.prefix(10)
        }
        #expect(complaints == [])
    }

    @Test("Every first flight of a TLS server is read to its end")
    func sessions() throws {
        let inputs = try corpus("sessions")
        #expect((10...100).contains(inputs.count))
        for input in inputs { #expect(SessionFuzzInput(input).complaint() == nil) }
        for input in Mutations(of: inputs, seed: 9) { #expect(SessionFuzzInput(input).complaint() == nil) }
    }
}
