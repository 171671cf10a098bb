import TestSupport
import Testing

@testable import AgentCore

@Suite("The article on settings")
struct SettingsArticleTests {
    @Test("Every setting has a row in Settings.md")
    func everySetting() throws {
        let article = try PackageText.of("Sources/KeepAliveAgent/KeepAliveAgent.docc/Settings.md")
        let settings = Mirror(reflecting: AgentSettings()).children.compactMap(\.label)
        let missing = settings.filter { !article.contains("\n| `\($0)` ") }
        #expect(!settings.isEmpty && missing.isEmpty, "Settings.md has no row for \(missing)")
    }
}
