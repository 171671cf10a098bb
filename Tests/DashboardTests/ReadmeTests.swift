import Foundation
import TestSupport
import Testing

@testable import Dashboard

/// The documents say what the program says.
@Suite("README and the article on keys")
struct ReadmeTests {
    private static func expect(_ table: String, in path: String) throws {
        let text = try PackageText.of(path)
        let isThere = text.contains("\n\n" + table) && !text.contains(table + "|")
        #expect(isThere, "put this into \(path):\n\(table)")
    }

    @Test("Keys.md has the key table")
    func keys() throws { try Self.expect(keyTableMarkdown(), in: "Sources/pooltop/Pooltop.docc/Keys.md") }

    @Test("README has the columns of the table")
    func columns() throws { try Self.expect(columnTableMarkdown(), in: "README.md") }

    @Test("README stays short: details have an article")
    func isShort() throws {
        let lines = try PackageText.of("README.md").split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(lines <= 221)
    }
}
