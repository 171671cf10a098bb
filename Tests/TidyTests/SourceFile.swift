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
    let imports: [String]
    /// The lines without comments and with their numbers.
    let code: [(number: Int, text: String)]

    init(path: String, lines: [String]) {
        self.path = path
        self.lines = lines
        imports = Self.imports(in: lines)
        code = Self.code(in: lines)
    }

    static func imports(in lines: [String]) -> [String] {
        lines.compactMap { line in
            // The formatter indents no import, and a line that has none need not be matched.
            guard line.utf8.first != UInt8(ascii: " "), line.has("import "),
                let match = line.wholeMatch(of: /(?:@\w+ )*(?:\w+ )?import (?:\w+ )?(\w+)(?:\.\w+)*/)
            else { return nil }
            return String(match.1)
        }
    }

    private static func code(in lines: [String]) -> [(number: Int, text: String)] {
        lines.enumerated().compactMap { index, line in
            let text = line.has("//") ? line.firstRange(of: "//").map { String(line[..<$0.lowerBound]) } ?? line : line
            return text.utf8.allSatisfy { $0 == UInt8(ascii: " ") } ? nil : (index + 1, text)
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
            guard lines[start].has("func ") || lines[start].has("init"), !lines[start].has("import func"),
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

extension String {
    /// Whether these bytes are in it. The sources are read line by line and word by word, and the library's `contains`
    /// takes a minute for that in a debug build.
    func has(_ word: String) -> Bool {
        word.withCString { word in withCString { strstr($0, word) != nil } }
    }
}
