import ArgumentParser
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Dashboard
@testable import PlainDocuments
@testable import PoolModel
@testable import Recordings
@testable import SessionConfig
@testable import pooltop

/// Secrets go to the server that they are for, and nowhere else.
@Suite(.busyCore) struct SecretTests {
    /// Built beside the tests.
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("pooltop").path

    /// All that the commands leave behind: `$0` is the program, `$1` a folder for it, `$2` one with the secrets.
    private static let script = #"""
        cd "$1"
        in="--config $2/c.yaml -H @$2/headers --seed 7"
        "$0" run $in --print-config > print.yaml
        "$0" run $in --body @$2/body --print-config > print2.yaml
        "$0" run $in --rate 1000 --duration 400ms --record r --hdr-log h --check 'p99 < 1ns' -o run.txt 2> run.err
        for format in json ndjson; do
            "$0" run $in --body @$2/body --rate 500 --duration 200ms --interval 50ms --format $format \
                --check 'p99 < 1ns @t0' > run.$format 2> $format.err
        done
        "$0" compare $in --rate 300 --pairs 1 --window 150ms --washout 100ms --report page.html --record rc \
            --format ndjson -o compare.ndjson 2> compare.err
        "$0" compare $in --rate 300 --pairs 1 --window 150ms --washout 100ms -o compare.txt 2> compare2.err
        for format in text json ndjson; do "$0" replay r --format $format > replay.$format 2> replay.err; done
        for format in text json; do
            "$0" probe "http://$3/x?token=S3CR3Tp" -H @$2/headers -n 2 --max-wait 0 --format $format -o probe.$format
        done
        """#

    @Test("None of two hundred secrets appears in the output of any command", .timeLimit(.minutes(10)))
    func noneComesOut() async throws {
        #expect(SecretSamples.count >= 200)
        let announcement = try TemporaryFile("")
        let output = open(announcement.path, O_WRONLY | O_CLOEXEC)
        let downstreams = try ChildProcess(
            Self.program, ["downstreams", "--format", "json", "--seed", "1"], output: output)
        close(output)
        do {
            try await leaveNothing(at: try await address(in: announcement.path))
        } catch {
            await downstreams.end()
            throw error
        }
        await downstreams.end()
    }

    private func leaveNothing(at address: String) async throws {
        let secrets = try TemporaryFile(SecretSamples.config(for: address), name: "c.yaml")
        try SecretSamples.headers.prefix(60).joined(separator: "\r\n").write(
            toFile: secrets.folder + "/headers", atomically: false, encoding: .utf8)
        try SecretSamples.bodies[1].write(toFile: secrets.folder + "/body", atomically: false, encoding: .utf8)
        let left = try TemporaryFile("", name: "nothing")
        let variables = SecretSamples.environment.map { "export \($0)=\(SecretSamples.mark)\n" }.joined()
        let said = try await ChildProcess.output(
            of: "/bin/sh",
            ["-c", variables + Self.script, Self.program, left.folder, secrets.folder, address])
        #expect(said.isEmpty)
        let names = try FileManager.default.contentsOfDirectory(atPath: left.folder)
        #expect(names.count >= 20)
        for name in names {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: left.folder + "/" + name))
            #expect(!name.hasSuffix(".json") || bytes.count > 100, "\(name) is there")
            expectNoSecret(String(decoding: bytes, as: UTF8.self), name)
        }
        // Hidden parts are marked as hidden, and the rest stays.
        let printed = try String(contentsOfFile: left.folder + "/print.yaml", encoding: .utf8)
        #expect(printed.contains("access_token=***") && printed.contains("page=***") && printed.contains("(not shown)"))
        let report = try String(contentsOfFile: left.folder + "/run.json", encoding: .utf8)
        #expect(report.contains("access_token=***") && report.contains("Authorization: (not shown)"))
        try expectNothingOnTheScreen(left.folder)
    }

    private func address(in path: String) async throws -> String {
        while true {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            guard text.hasSuffix("\n") else {
                try await Task.sleep(for: .milliseconds(2))
                continue
            }
            let line = try JSONReader.value(of: ArraySlice(text.dropLast().utf8))
            guard case .array(let all)? = line["downstreams"],
                case .string(let address)? = all.first(where: { $0["name"] == .string("catalog") })?["address"]
            else { throw CommandLineError(.cannotRun, "no address in \(text)") }
            return address
        }
    }

    private func expectNoSecret(_ text: String, _ name: String) {
        let lines = text.split(separator: "\n").filter { $0.contains(SecretSamples.mark) }
        #expect(lines.isEmpty, "\(name): \(lines.first?.prefix(2000) ?? "")")
        #expect(!text.contains(Data(SecretSamples.mark.utf8).base64EncodedString()), "\(name), in base64")
    }

    /// Every view of the recorded session, and what `w` writes of it.
    private func expectNothingOnTheScreen(_ folder: String) throws {
        let player = Player(try Recording(path: folder + "/r"), position: 10)
        var configuration = Configuration()
        configuration.isReplay = true
        var model = Model(configuration: configuration)
        _ = update(&model, .picture(player.picture, player.playback))
        for key in [Key.character("1"), .character("2"), .character("3"), .character("4"), .character("i"), .escape] {
            _ = update(&model, .key(key))
            let frame = render(model, width: 200, height: 80)
            expectNoSecret(String(String.UnicodeScalarView(frame.cells.map(\.scalar))), "screen after \(key)")
        }
        let snapshot = try #require(player.picture.source)
        _ = SavedPicture.save("x", snapshot, in: folder)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("pooltop-") {
            expectNoSecret(try String(contentsOfFile: folder + "/" + name, encoding: .utf8), name)
        }
    }

    @Test("Errors are reported without repeating a secret")
    func errorsAreSilent() throws {
        for arguments in SecretSamples.wrongArguments {
            let failure = try #require(printedQuickly(arguments), "\(arguments)")
            #expect(!failure.standardError.contains(SecretSamples.mark), "\(arguments)")
            guard !arguments.contains("-H"), let probe = try? ProbeOptions.parse([arguments.last ?? ""]) else {
                continue
            }
            do {
                _ = try probe.plan()
            } catch {
                let failure = CommandFailure.of(error, root: TestRoot.self, arguments: [])
                #expect(!failure.standardError.contains(SecretSamples.mark), "probe \(arguments)")
            }
        }
        for text in SecretSamples.wrongFiles {
            let error = #expect(throws: CommandLineError.self, "\(text)") {
                try PlanAssembly(draft: try ConfigFile.draft(text: text, file: "a.yaml")).plan(randomSeed: 1)
            }
            let failure = CommandFailure.of(try #require(error), root: TestRoot.self, arguments: [])
            #expect(!failure.standardError.contains(SecretSamples.mark), "\(text)")
        }
    }

    @Test("A file of headers is read line by line, and an error names the line")
    func filesOfHeaders() throws {
        let file = try TemporaryFile("A: 1\r\n\r\nb:2\nC:   x y \n")
        let headers = try plan(["http://a", "-H", "@" + file.path, "-H", "D: 4"]).targets[0].headers
        #expect(headers.map(\.name) == ["A", "b", "C", "D"] && headers.map(\.value).prefix(2) == ["1", "2"])
        let bad = try TemporaryFile("A: 1\nS3CR3T\n")
        let failure = try #require(printedQuickly(["http://a", "-H", "@" + bad.path]))
        #expect(failure.standardError.hasPrefix("pooltop: --header: '\(bad.path)', line 2: has no colon "))
        #expect(!failure.standardError.contains("S3CR3T"))
        #expect(try plan(["http://a", "-d", "@" + bad.path]).targets[0].body == Array("A: 1\nS3CR3T\n".utf8))
    }
}
