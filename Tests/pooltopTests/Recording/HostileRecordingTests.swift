import Foundation
import NIOConcurrencyHelpers
import Testing
import Wording

@testable import Dashboard
@testable import PlainDocuments
@testable import PoolModel
@testable import Recordings
@testable import Reporting
@testable import SessionConfig

/// Recordings that somebody has tampered with: each is either an error of one line, or it is played and reported to its
/// end. Nothing traps, and nothing but plain characters gets to the screen. `POOLTOP_HOSTILE_RECORDINGS=N` tries N of
/// them, `POOLTOP_HOSTILE_SEED=S` begins with seed S.
@Suite struct HostileRecordingTests {
    private static let lines = Result {
        try RecordedStory.recording(RecordedStory.told(seconds: 14).suffix(14)).split(separator: "\n").map(String.init)
    }

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap(Int.init) }

    @Test("A hostile recording ends in an error or in a valid screen")
    func errorsOrPictures() throws {
        let first = Self.number("POOLTOP_HOSTILE_SEED") ?? 1
        var played = 0
        for seed in first..<first + (Self.number("POOLTOP_HOSTILE_RECORDINGS") ?? 40) {
            var noise = SplitMix64(seed: UInt64(seed))
            let text = mutated(try Self.lines.get(), &noise).joined(separator: "\n") + "\n"
            let file = try TemporaryFile(text)
            do throws(CommandLineError) {
                let recording = try Recording(path: file.path)
                play(recording, seed)
                try report(recording)
                played += 1
            } catch {
                let isOneLine = error.status == .cannotRun && !error.message.contains("\n")
                #expect(isOneLine, "seed \(seed): \(error.message)")
            }
        }
        // Else it would be the reader alone that is tested.
        #expect(played >= 5 || Self.number("POOLTOP_HOSTILE_RECORDINGS") != nil)
    }

    private func play(_ recording: Recording, _ seed: Int) {
        var player = Player(recording)
        var configuration = Configuration()
        configuration.isReplay = true
        var model = Model(configuration: configuration)
        for acts in [[], [PlayerCommand.end], [.seek(seconds: -3)], [.window(seconds: 3600)], [.previousMark]] {
            _ = player.go(acts, elapsed: 0.7)
            _ = update(&model, .picture(player.picture, player.playback))
            for keys in [
                [Key.character("1")], [.character("2")], [.right], [.character("3")], [.character("4")],
                [.character("i")], [.escape],
            ] {
                for key in keys { _ = update(&model, .key(key)) }
                for (width, height) in [(120, 36), (60, 20), (30, 5)] {
                    let frame = render(model, width: width, height: height)
                    let isPlain = frame.cells.allSatisfy { $0.scalar == visibleScalar($0.scalar) }
                    #expect(isPlain, "seed \(seed)")
                }
            }
        }
    }

    private func report(_ recording: Recording) throws(CommandLineError) {
        let text = NIOLockedValueBox("")
        let channels = ReportChannels(
            writeOutput: { part throws(CommandLineError) in text.withLockedValue { $0 += part } }, writeError: { _ in },
            outputIsTerminal: false, errorIsTerminal: false, columns: { 80 })
        for format in ReportFormat.allCases {
            let plan = ReportPlan(format: format, interval: .seconds(1))
            for position in [nil, 3.0] {
                _ = try ReplayReport(recording: recording, report: plan, position: position, channels: channels).write()
            }
        }
        let isPlain = text.withLockedValue { $0.unicodeScalars.allSatisfy { $0 == "\n" || !PlainText.isUnsafe($0) } }
        #expect(isPlain)
    }

    // MARK: Tampering

    private static let allowed = ["0", "1", "1000", "1000000000000", "999999999999999", "1000000000000000"]
    private static let hostile = [
        "0", "-1", "1000000000000000", "999999999999999", "9223372036854775807", "-9223372036854775808", "1e12",
        "-1e12",
        "1e308", "1e999", "0.000000001", "null", "true", "\"\\u001b[2J\\u202e\"", "[]", "{}", "[[]]", "{\"#0\":{}}",
        "1000",
        "18446744073709551615",
    ]

    private func mutated(_ lines: [String], _ noise: inout SplitMix64) -> [String] {
        var lines = lines
        for _ in 0...Int(noise.next() % 3) {
            let line = Int(noise.next() % UInt64(lines.count))
            switch noise.next() % 24 {
            case 0: lines.remove(at: line)
            case 1: lines.insert(lines[line], at: Int(noise.next() % UInt64(lines.count)))
            case 2: lines.swapAt(line, Int(noise.next() % UInt64(lines.count)))
            case 3: lines[line] = String(lines[line].prefix(Int(noise.next() % UInt64(lines[line].count + 1))))
            default: lines[line] = withAnotherValue(lines[line], &noise)
            }
            if lines.isEmpty { return [] }
        }
        return lines
    }

    /// Puts something else in the place of a number, a text or a word.
    private func withAnotherValue(_ line: String, _ noise: inout SplitMix64) -> String {
        let bytes = Array(line.utf8)
        let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") && $0 + 1 < bytes.count }
        guard !colons.isEmpty else { return line }
        let start = colons[Int(noise.next() % UInt64(colons.count))] + 1
        let stops = [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")]
        let end = bytes[start...].firstIndex { stops.contains($0) } ?? bytes.count
        // Where there is a number, most often another one that there may be.
        let isNumber = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[start])
        let values = isNumber && noise.next() % 16 > 0 ? Self.allowed : Self.hostile
        let value = values[Int(noise.next() % UInt64(values.count))]
        return String(decoding: bytes[..<start], as: UTF8.self) + value + String(decoding: bytes[end...], as: UTF8.self)
    }
}
