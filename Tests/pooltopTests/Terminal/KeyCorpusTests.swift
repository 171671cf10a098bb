import Foundation
import TestSupport
import Testing

/// Replays the inputs that coverage-guided fuzzing (`.ci/fuzz`) has found worth keeping, and variations of them.
@Suite("Keys and TLS flights: inputs kept from fuzzing") struct KeyCorpusTests {
    private func corpus(_ name: String) throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fuzz/Corpus/\(name)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
    }

    @Test("Terminal input is decoded the same however it is split, and never hides the next key")
    func keys() throws {
        let inputs = try corpus("keys")
        #expect((20...100).contains(inputs.count))
        for input in inputs { #expect(KeyFuzzInput(input).complaint() == nil) }
        for input in Mutations(of: inputs, seed: 9) {
            if let complaint = KeyFuzzInput(input).complaint() { Issue.record("\(complaint)") }
        }
    }

    @Test("A TLS flight is read the same however it is split and fragmented")
    func flights() throws {
        let inputs = try corpus("flights")
        #expect((20...100).contains(inputs.count))
        for input in inputs { #expect(FlightFuzzInput(input).complaint() == nil) }
        for input in Mutations(of: inputs, seed: 9) {
            if let complaint = FlightFuzzInput(input).complaint() { Issue.record("\(complaint)") }
        }
    }
}
