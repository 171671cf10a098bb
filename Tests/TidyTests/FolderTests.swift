import Foundation
import Testing

/// The folders of the library are layers: a connection knows nothing of the agent that it reports to, and the agent on the
/// loop nothing of the async surface.
@Suite("Folders of KeepAliveAgent")
struct FolderTests {
    /// The folders whose types the files of a folder may name, besides their own, as in the architecture article's map.
    private static let edges: [String: Set<String>] = [
        "System": [], "TLS": [], "DNS": ["System"], "Transport": ["System", "TLS"],
        "Loop": ["System", "TLS", "DNS", "Transport"], "API": ["System", "TLS", "DNS", "Transport", "Loop"],
        "Monitor": ["System", "TLS", "DNS", "Transport", "Loop", "API"],
    ]

    /// Each place in which a file names a type of a folder that its own folder may not know.
    private static func breaches(in files: [SourceFile]) -> [String] {
        var folders: [Substring: String] = [:]
        for file in files {
            for type in file.declaredTypes { folders[type[...]] = file.folder }
        }
        return files.flatMap { file -> [String] in
            let known = (edges[file.folder] ?? []).union([file.folder])
            return file.code.flatMap { line in
                line.text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.compactMap { word in
                    guard let folder = folders[word], !known.contains(folder) else { return nil }
                    return "\(file.path):\(line.number): \(word) is \(folder)'s"
                }
            }
        }
    }

    @Test("A folder names types of the folders below it only")
    func foldersAreLayers() {
        let files = SourceFile.all(below: "Sources/KeepAliveAgent")
        #expect(Set(files.map(\.folder)) == Set(Self.edges.keys))
        #expect(Set(files.flatMap(\.declaredTypes)).isSuperset(of: ["Dialer", "LoopAgent", "HTTPAgent", "Exchange"]))
        #expect(Self.breaches(in: files) == [])
    }

    @Test("No folder is below itself")
    func edgesHaveNoCycle() {
        for (folder, below) in Self.edges {
            // A lower folder is below everything above it, so one step shows every cycle.
            for lower in below {
                #expect(Self.edges[lower]?.isStrictSubset(of: below) == true, "\(folder) → \(lower)")
            }
        }
    }

    @Test("A type of a higher folder is found wherever it is named, and a comment does not name it")
    func breachesAreFound() {
        func file(_ path: String, _ text: String) -> SourceFile {
            SourceFile(path: "Sources/KeepAliveAgent/\(path)", lines: text.components(separatedBy: "\n"))
        }
        let files = [
            file("Transport/Line.swift", "final class Line {\n    /// A Worker.\n    weak var worker: Worker?\n}"),
            file("Loop/Worker.swift", "package final class Worker: Sink {\n    struct State {}\n    let line: Line\n}"),
            file("Loop/Sink.swift", "protocol Sink: AnyObject {}\nenum End { case call(Surface) }"),
            file("API/Surface.swift", "public import struct M.Line\npublic struct Surface {}\nprivate enum End {}"),
        ]
        #expect(files.map(\.declaredTypes) == [["Line"], ["Worker"], ["Sink", "End"], ["Surface"]])
        #expect(
            Self.breaches(in: files) == [
                "Sources/KeepAliveAgent/Transport/Line.swift:3: Worker is Loop's",
                "Sources/KeepAliveAgent/Loop/Sink.swift:2: Surface is API's",
            ])
    }
}
