import Foundation
import Glibc
import PoolModel
import TestSupport
import Testing

@testable import Reporting
@testable import SessionConfig
@testable import pooltop

/// How files are created, and which obstacles are refused.
@Suite struct ReportFileTests {
    private let place: TemporaryFile

    init() throws { place = try TemporaryFile("before") }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("A new file and its temporary are private under any umask")
    func newFilesArePrivate() throws {
        let path = place.folder + "/new"
        let file = try ReportFile(path: path)
        try file.write("after")
        let parts = try FileManager.default.contentsOfDirectory(atPath: place.folder).filter { $0.contains(".part-") }
        #expect(parts.count == 1)
        #expect(try mode(place.folder + "/" + #require(parts.first)) == 0o600)
        try file.finish()
        #expect(try mode(path) == 0o600 && text(path) == "after")
    }

    @Test("Two temporary names of one file differ")
    func namesAreDrawn() throws {
        let files = try (0..<2).map { _ in try ReportFile(path: place.path) }
        let parts = try FileManager.default.contentsOfDirectory(atPath: place.folder).filter { $0.contains(".part-") }
        #expect(parts.count == 2)
        for file in files { file.abandon() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder) == ["file"])
        #expect(try text(place.path) == "before")
    }

    @Test("A link to a link is followed, and a dangling link creates its target")
    func linksAreFollowed() throws {
        for (name, target) in [("a", "b"), ("b", "file"), ("c", "not-yet")] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(place.folder)/\(name)", withDestinationPath: target)
        }
        for name in ["a", "c"] {
            let file = try ReportFile(path: "\(place.folder)/\(name)")
            try file.write("after")
            try file.finish()
        }
        #expect(try text(place.path) == "after" && text(place.folder + "/not-yet") == "after")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place.folder + "/a") == "b")
    }

    @Test("Links in a circle are an error")
    func circlesEnd() throws {
        for (name, target) in [("a", "b"), ("b", "a")] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(place.folder)/\(name)", withDestinationPath: target)
        }
        let error = #expect(throws: CommandLineError.self) { try ReportFile(path: place.folder + "/a") }
        #expect(error?.message.hasSuffix("too many links") == true)
    }

    @Test("Another user's link is refused", .enabled(if: geteuid() == 0))
    func linksOfOthersAreRefused() throws {
        let link = place.folder + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.path)
        #expect(lchown(link, 12_345, 12_345) == 0)
        let error = #expect(throws: CommandLineError.self) { try ReportFile(path: link) }
        #expect(
            error?.message
                == "--output: '\(link)' is a link that another user made; name the file that it leads to")
        #expect(try text(place.path) == "before")
    }

    @Test("A pipe is written to directly and stays")
    func pipesAreWrittenTo() async throws {
        let path = place.folder + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        // A reader that does not wait for a writer, so that the writer does not wait either.
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let file = try ReportFile(path: path)
        try file.write("through")
        try file.finish()
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(reader, &bytes, bytes.count) == 7)
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }

    @Test("Standard output by its name in /dev appends if the shell redirected it so")
    func standardOutputByName() async throws {
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("pooltop").path
        let script = #""$0" run -n 1 --quiet -o /dev/stdout >> "$1"; "$0" run -n 1 --quiet -o /dev/stdout | wc -l"#
        let output = try await ChildProcess.output(of: "/bin/sh", ["-c", script, program, place.path])
        #expect(try text(place.path).hasPrefix("beforeopen loop"))
        #expect(Int(output.trimmed) ?? 0 > 5)
    }

    @Test("A saved screen and its figures are private, and secrets of a foreign recording are hidden")
    func savedScreens() throws {
        var snapshot = try #require(RecordedStory.told(seconds: 1).last)
        snapshot.load?.targets[0].url = "http://user:S3CR3T@a/?t=S3CR3T"
        let answer = SavedPicture.save("picture", snapshot, in: place.folder)
        #expect(answer.hasPrefix("saved pooltop-"))
        let saved = try FileManager.default.contentsOfDirectory(atPath: place.folder).filter { $0 != "file" }
        #expect(saved.count == 2)
        for name in saved {
            #expect(try mode("\(place.folder)/\(name)") == 0o600)
            #expect(try !text("\(place.folder)/\(name)").contains("S3CR3T"))
        }
    }
}
