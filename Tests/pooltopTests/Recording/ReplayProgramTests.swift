import Foundation
import TestSupport
import Testing

/// Recording and replay as a shell has them.
@Suite struct ReplayProgramTests {
    /// Built beside the tests.
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("pooltop").path

    /// All that a script printed, in which `"$0"` is the program and `$1` a folder.
    private func shell(_ script: String) async throws -> String {
        let folder = try TemporaryFile("")
        return try await ChildProcess.output(of: "/bin/sh", ["-c", script, Self.program, folder.folder])
    }

    /// To the last digit, after a warm-up and with a check that is not met.
    @Test("The report of a replay equals that of the run", arguments: ["text", "json"]) func theReportIsThatOfTheRun(
        format: String
    ) async throws {
        let text = try await shell(
            """
            cd "$1"
            "$0" run --rate 500 --duration 1200ms --warm-up 300ms --check 'requests > 10M' --record r --hdr-log h \
                --format \(format) -o run.out; echo status $?
            "$0" replay r --format \(format) -o replay.out; echo status $?
            cmp run.out replay.out && grep -c '^Tag=host=catalog;phase=response,0.000,' h
            """)
        let unmet = "pooltop: check not met: requests > 10M: "
        let lines = text.split(separator: "\n").map { $0.hasPrefix(unmet) ? Substring(unmet) : $0 }
        #expect(lines == [Substring(unmet), "status 3", Substring(unmet), "status 3", "1"])
    }

    /// A snapshot is recorded every half second, and one where the warm-up ends.
    @Test("A warm-up that ends when a snapshot is due leaves a recording that can be replayed")
    func aWarmUpEndsWithASnapshot() async throws {
        let text = try await shell(
            """
            cd "$1"
            for loops in 1 2; do
                "$0" run --rate 200 --duration 300ms --warm-up 500ms --loops $loops --quiet --record r -o run.out
                "$0" replay r --format text -o replay.out && echo replayed
            done
            """)
        #expect(text == "replayed\nreplayed\n")
    }

    /// Killed in the middle of it: what was written is played, and nothing else is left behind.
    @Test("A killed session can be replayed as far as it was recorded")
    func aKilledSessionIsReplayedAsFarAsItGot() async throws {
        let text = try await shell(
            """
            cd "$1"
            "$0" run --rate 300 --duration 1h --quiet --record r &
            while [ "$(cat r 2>/dev/null | wc -l)" -lt 4 ]; do sleep 0.05; done
            kill -9 $!
            wait $! 2>/dev/null
            "$0" replay r --format json | grep -c '"schema": "pooltop.summary/1"'
            "$0" replay r --format json | grep -c '"endsEarly": true'
            "$0" replay r --format text | grep -c '^the recording ends early'
            "$0" replay r --format ndjson --interval 10ms | grep -c '"schema":"pooltop.snapshot/1"'
            ls
            """)
        let lines = text.split(separator: "\n")
        #expect(lines.prefix(3) == ["1", "1", "1"] && (Int(lines.dropFirst(3).first ?? "") ?? 0) >= 2)
        #expect(lines.suffix(2) == ["file", "r"])
    }

    @Test("Without a terminal the error is one line")
    func withoutATerminalThereIsOneLine() async throws {
        let text = try await shell(
            """
            "$0" run -n 5 --quiet --record "$1/r" >/dev/null && "$0" replay "$1/r" </dev/null; echo status $?
            """)
        let instead = "`pooltop replay --format text|json|ndjson FILE` needs no terminal"
        #expect(text == "pooltop: standard input is not a terminal; \(instead)\nstatus 1\n")
    }

    @Test(
        "Options that do not fit a replay are refused",
        arguments: [
            ("--at 1h --format text", "--at: the recording ends after "), ("--speed 0", "--speed: '0' is not a speed"),
            ("--speed 2 --format text", "--speed: has no meaning for a report"),
            ("--interval 1s", "--interval: is for a report: say which with --format; allowed: text, json, ndjson"),
            ("--at 5", "--at: '5' has no unit"),
        ]) func optionsThatDoNotFit(options: String, problem: String) async throws
    {
        let text = try await shell(
            #""$0" run -n 5 --quiet --record "$1/r" >/dev/null; "$0" replay "$1/r" \#(options); echo status $?"#)
        #expect(text.hasPrefix("pooltop: \(problem)"))
        #expect(text.hasSuffix("(see pooltop replay --help)\nstatus 64\n"))
    }

    /// The session goes on, and a script that asked for a recording learns that it has none.
    @Test("A full disk does not end the run")
    func aFullDiskDoesNotEndTheRun() async throws {
        let text = try await shell(#""$0" run -n 50 --rate 500 --quiet --record /dev/full; echo status $?"#)
        #expect(text.contains("50 planned"))
        let error = "pooltop: --record: cannot write to '/dev/full': No space left on device\n"
        #expect(text.components(separatedBy: error).count == 2, "said once: \(text)")
        #expect(text.hasSuffix("status 1\n"))
    }
}
