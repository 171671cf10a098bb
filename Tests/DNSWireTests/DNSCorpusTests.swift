import Foundation
import Testing

/// Replays the inputs that coverage-guided fuzzing (`.ci/fuzz`) has found worth keeping.
@Suite("DNS: inputs kept from fuzzing") struct DNSCorpusTests {
    private static func files(_ name: String) throws -> [URL] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fuzz/Corpus/\(name)")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }

    @Test("Every kept resolv.conf and hosts file is read within limits and leaks no special-use name")
    func resolverFiles() throws {
        let files = try Self.files("resolver")
        #expect(files.count > 10)
        for file in files {
            let complaint = ResolverFuzzInput(try Data(contentsOf: file)).complaint()
            #expect(complaint == nil, "\(file.lastPathComponent)")
        }
    }

    @Test("Every kept message is read or refused")
    func everyMessageOfTheCorpusIsReadOrRefused() throws {
        let files = try Self.files("dns")
        #expect(files.count > 50)
        for file in files {
            let complaint = DNSFuzzInput(try Data(contentsOf: file)).complaint()
            #expect(complaint == nil, "\(file.lastPathComponent)")
        }
    }
}
