import Foundation
import Testing

/// One Swift file of the package, as text.
struct SourceFile: Sendable {
    /// Below the package's folder: `Sources/AgentCore/Connection.swift`.
    let path: String
    let lines: [String]

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every Swift file below a folder of the package, in the order of the paths.
    static func all(below folder: String) -> [SourceFile] {
        let base = root.appendingPathComponent(folder)
        let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            guard let text = try? String(contentsOf: base.appendingPathComponent(path), encoding: .utf8) else {
                return nil
            }
            return SourceFile(path: "\(folder)/\(path)", lines: text.components(separatedBy: "\n"))
        }
    }

    /// The name of the module's folder: `Sources/AgentCore/…` is in `AgentCore`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// The modules that it imports, whatever their access.
    var imports: [String] {
        lines.compactMap { line in
            guard let match = line.wholeMatch(of: /(?:@\w+ )*(?:\w+ )?import (?:\w+ )?(\w+)(?:\.\w+)*/) else {
                return nil
            }
            return String(match.1)
        }
    }

    /// The lines without comments and with their numbers.
    var code: [(number: Int, text: String)] {
        lines.enumerated().compactMap { index, line in
            let text = line.firstRange(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
            return text.allSatisfy(\.isWhitespace) ? nil : (index + 1, text)
        }
    }

    /// The folder within the module's: `Sources/KeepAliveAgent/Loop/Endpoint.swift` is in `Loop`; empty: it is in none.
    var folder: String {
        let parts = path.split(separator: "/")
        return parts.count > 3 ? String(parts[2]) : ""
    }

    /// The types that it declares for other files. Nested ones are left out: nobody can name them without their outer
    /// type.
    var declaredTypes: [String] {
        code.compactMap { line in
            guard
                let match = line.text.prefixMatch(
                    of: /((?:@\w+(?:\([^)]*\))? )*(?:[a-z]+ )*?)(?:class|struct|enum|protocol|actor|typealias) (\w+)/),
                !match.1.contains("private "), !match.1.contains("import ")
            else { return nil }
            return String(match.2)
        }
    }

    /// Functions and initialisers, by the line that they begin on and how many lines they have. It relies on the
    /// formatter: a body ends at a closing brace that is indented as its declaration is.
    var functions: [(name: String, line: Int, length: Int)] {
        lines.indices.compactMap { start in
            guard
                let match = lines[start].firstMatch(of: /^( *)(?:[a-z@][\w()]* )*(func [\w+<>=*\/-]+|init[?(<]|deinit)/)
            else { return nil }
            // The whole body stands on this line.
            if lines[start].hasSuffix("}") { return nil }
            let close = String(match.1) + "}"
            guard let end = lines[start...].firstIndex(where: { $0 == close }) else { return nil }
            return (String(match.2), start + 1, end - start + 1)
        }
    }
}
