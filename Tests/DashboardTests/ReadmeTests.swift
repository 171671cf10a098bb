import Foundation
import TestSupport
import Testing

@testable import Dashboard

/// The documents say what the program says.
@Suite struct ReadmeTests {
    @Test("The README lists the keys of the key table")
    func keysAreThoseOfTheKeyTable() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let isThere = readme.contains(keyTableMarkdown())
        #expect(isThere, "put this into the README under \"Keys\":\n\(keyTableMarkdown())")
    }
}
