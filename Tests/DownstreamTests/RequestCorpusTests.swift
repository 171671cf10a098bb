import Foundation
import Testing

/// What coverage-guided fuzzing (`.ci/fuzz`) has found worth keeping, played again in every run.
@Suite("Bundled servers: kept inputs of the fuzzers") struct RequestCorpusTests {
    private func corpus(_ name: String) throws -> [(name: String, bytes: Data)] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fuzz/Corpus/\(name)")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).map {
            ($0.lastPathComponent, try Data(contentsOf: $0))
        }
    }

    @Test("Every stream of requests means the same however it is cut, on a stack of 512 KiB")
    func requests() async throws {
        let inputs = try corpus("requests")
        #expect(inputs.count > 20)
        for (name, complaint) in await onSmallStack({ inputs.map { ($0.name, RequestFuzzInput($0.bytes).complaint()) } }
        ) {
            #expect(complaint == nil, "\(name)")
        }
    }

    @Test("Every first flight of a TLS server is read to its end")
    func sessions() throws {
        let inputs = try corpus("sessions")
        #expect(inputs.count > 10)
        for input in inputs { #expect(SessionFuzzInput(input.bytes).complaint() == nil, "\(input.name)") }
    }
}
