import Foundation
import Testing

/// Readers follow links: each one in a document of the repository leads to a file that is there.
@Suite("Links in the documents")
struct LinkTests {
    private static let root = SourceFile.root.resolvingSymlinksInPath()

    private static let documents: [String] = {
        let fixed = ["README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md"]
        let found =
            FileManager.default.enumerator(atPath: root.appendingPathComponent("Sources").path)?
            .compactMap { $0 as? String } ?? []
        return fixed + found.filter { $0.hasSuffix(".md") }.sorted().map { "Sources/\($0)" }
    }()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("Every link to a file leads to one", arguments: documents)
    func linksLeadSomewhere(path: String) throws {
        let text = try Self.text(path)
        let folder = Self.root.appendingPathComponent(path).deletingLastPathComponent()
        let inline = text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }
        let named = text.matches(of: #/(?m)^\[[^\]]+\]: (\S+)$/#).map { String($0.1) }
        for link in inline + named where !link.contains("://") && !link.hasPrefix("#") && !link.hasPrefix("mailto:") {
            let file = link.prefix { $0 != "#" }
            let exists = FileManager.default.fileExists(atPath: folder.appendingPathComponent(String(file)).path)
            #expect(exists, "\(path): \(link)")
        }
    }

    @Test("Every article that an article names is there", arguments: documents)
    func articlesAreThere(path: String) throws {
        guard path.contains(".docc/") else { return }
        let catalog = path.components(separatedBy: ".docc/")[0] + ".docc/"
        let articles = Set(
            Self.documents.filter { $0.hasPrefix(catalog) }
                .map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent })
        for link in try Self.text(path).matches(of: /<doc:([\w-]+)>/) {
            #expect(articles.contains(String(link.1)), "\(path): \(link.1)")
        }
    }

    @Test("Every name of a link is given an address", arguments: documents)
    func namesAreKnown(path: String) throws {
        let text = try Self.text(path)
        let names = Set(text.matches(of: #/(?m)^\[([^\]]+)\]: /#).map { String($0.1) })
        for use in text.matches(of: /\]\[([A-Za-z]+)\]/) { #expect(names.contains(String(use.1)), "\(path): \(use.1)") }
    }
}
