import Downstream
import Foundation
import Testing

@Suite("The README's example") struct ReadmeExampleTests {
    @Test("The README contains the example as compiled")
    func isTheSame() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let example = try String(contentsOf: here.appendingPathComponent("ReadmeExample.swift"), encoding: .utf8)
        let readme = try String(contentsOf: here.appendingPathComponent("../../../README.md"), encoding: .utf8)
        let code = example.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\n")
        #expect(readme.contains("```swift\n" + code + "```"))
    }

    @Test("The example works over one connection")
    func runs() async throws {
        try await APIWorld.run { world in
            try await fetchThreeTimes(from: world.fleet.endpoint("plain").address)
            let stats = try await world.fleet.stats("plain")
            #expect(stats.accepted == 1 && stats.requests == 3)
        }
    }
}
