import Foundation

/// A file that is gone when the value is.
final class TemporaryFile {
    let path: String

    init(_ text: String, name: String = "file") throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pooltop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent(name).path
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    var folder: String { String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
