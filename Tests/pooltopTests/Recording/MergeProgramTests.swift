import Foundation
import TestSupport
import Testing

@testable import PlainDocuments
@testable import PoolModel
@testable import Recordings

/// One load from several programs, and their sum, as a shell has them.
@Suite struct MergeProgramTests {
    /// Built beside the tests.
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("pooltop").path

    private let folder = try? TemporaryFile("")

    /// All that a script printed, in which `"$0"` is the program; the current folder is the test's own.
    private func shell(_ script: String) async throws -> String {
        let path = try #require(folder).folder
        return try await ChildProcess.output(of: "/bin/sh", ["-c", "cd \"$1\"\n" + script, Self.program, path])
    }

    private func document(_ name: String) throws -> JSONValue {
        let text = try String(contentsOfFile: try #require(folder).folder + "/" + name, encoding: .utf8)
        return try JSONReader.value(of: Array(text.utf8)[...])
    }

    private func requests(_ document: JSONValue, _ count: Substring) throws -> [String: Int] {
        guard case .array(let hosts)? = document["hosts"] else { return [:] }
        return Dictionary(
            try hosts.map { host in
                guard case .string(let name)? = host["name"], case .integer(let value)? = host.at(["requests", count])
                else { throw TextProblem("a host without \(count)") }
                return (name, value)
            }, uniquingKeysWith: +)
    }

    /// The closed loop is divided too. On a busy machine an open one may miss requests, which it says, but plans the same.
    @Test(
        "Four programs with a quarter of the load each make the requests of one, host by host",
        arguments: [("-c 9 -n 600", "started"), ("--rate 600 -n 300 --loops 2", "planned"), ("-c 8 -n 3", "started")])
    func fourQuartersAreOneRun(load: String, count: String) async throws {
        let output = try await shell(
            """
            "$0" run \(load) --seed 1 --quiet --format json -o whole.json
            for k in 1 2 3 4; do
                "$0" run \(load) --seed 1 --share $k/4 --quiet --format json --record $k.rec -o $k.json &
            done
            wait
            "$0" merge 1.rec 2.rec 3.rec 4.rec --format json -o sum.json --record sum.rec --hdr-log sum.hlog
            echo status $?
            "$0" replay sum.rec --format json -o again.json
            cmp sum.json again.json; grep -c 'phase=response' sum.hlog | grep -c '^[1-9]'
            """)
        #expect(output == "status 0\n1\n")
        let (whole, sum) = (try document("whole.json"), try document("sum.json"))
        let expected = try requests(whole, Substring(count))
        #expect(try requests(sum, Substring(count)) == expected)
        let limit = load.split(separator: "-n ").last.flatMap { Int($0.prefix { $0.isNumber }) }
        #expect(expected.values.reduce(0, +) == limit && sum["share"]?.line == "null")
        // On a busy machine a part may be done when another begins.
        let notes = try #require(sum["merge"]?["notes"]?.line)
        #expect(notes == "[]" || notes.contains("overlap in time") && !notes.contains("\",\""))
        for part in 1...4 { #expect(try document("\(part).json")["share"]?.line == "{\"part\":\(part),\"of\":4}") }
        try comparePercentiles(sum)
    }

    /// The quantiles of the sum are those of all durations in the four files.
    private func comparePercentiles(_ sum: JSONValue) throws {
        var all = LatencyHistogram()
        for part in 1...4 {
            var last: AgentSnapshot?
            _ = try Recording(path: try #require(folder).folder + "/\(part).rec") { snapshot, _ in last = snapshot }
            for host in try #require(last).hosts { all.merge(host.metrics.latency.response) }
        }
        for (name, percent) in [("p50", 50.0), ("p99", 99)] {
            guard let expected = all.seconds(atPercentile: percent),
                let value = sum.at(["totals", "latency", "response", name[...]])?.asDouble
            else {
                Issue.record("no \(name)")
                continue
            }
            let buckets = [value, expected].map { HistogramBuckets.index(of: UInt64($0 * 1e9)) }
            #expect(abs(buckets[0] - buckets[1]) <= 1, "\(name): \(value), \(expected)")
        }
    }

    @Test("A part that was killed is counted as far as it was recorded, and the report says so")
    func aKilledPart() async throws {
        let text = try await shell(
            """
            "$0" run --rate 200 --duration 1h --seed 1 --share 1/2 --quiet --record 1.rec &
            while [ "$(cat 1.rec 2>/dev/null | wc -l)" -lt 4 ]; do sleep 0.05; done
            kill -9 $!
            wait $! 2>/dev/null
            "$0" merge 1.rec; echo status $?
            """)
        #expect(text.contains("\nnote    1.rec ends early, after ") && text.hasSuffix("status 0\n"))
        #expect(text.contains("\nnote    2/2 is missing: the load is not whole\n"))
    }

    @Test(
        "Files and options that do not fit are one line",
        arguments: [
            ("", "missing expected argument '<FILE> ...' (see pooltop merge --help)\nstatus 64"),
            ("a.rec a.rec", "FILE: 'a.rec' is given twice (see pooltop merge --help)\nstatus 64"),
            ("a.rec ./a.rec", "FILE: './a.rec' and 'a.rec' are one file (see pooltop merge --help)\nstatus 64"),
            ("a.rec b.rec", "FILE: 'b.rec' and 'a.rec' are one file (see pooltop merge --help)\nstatus 64"),
            ("a.rec gone.rec", "cannot read 'gone.rec': No such file or directory\nstatus 1"),
            (
                "a.rec text",
                "'text', line 1: not a recording of pooltop: not JSON: a value is missing at column 1\nstatus 1"
            ),
            (
                "a.rec --record a.rec",
                "--record: 'a.rec' is 'a.rec', which is read (see pooltop merge --help)\nstatus 64"
            ),
            (
                "a.rec --hdr-log -",
                "--hdr-log: has to be a file, not standard output (see pooltop merge --help)\nstatus 64"
            ),
            (
                "a.rec --record x --hdr-log x",
                "--hdr-log: is the same file as that of --record (see pooltop merge --help)\nstatus 64"
            ),
            (
                "a.rec --check 'p99 < 1s @catalgo'",
                "--check: unknown host 'catalgo'; did you mean 'catalog'? (see pooltop merge --help)\nstatus 64"
            ),
            (
                "a.rec --share 1/2",
                "unknown option '--share': only pooltop run has it (see pooltop merge --help)\nstatus 64"
            ),
            ("a.rec --record /dev/full", "--record: cannot write to '/dev/full': No space left on device\nstatus 1"),
        ])
    func badInput(arguments: String, line: String) async throws {
        let text = try await shell(
            """
            "$0" run -n 5 --quiet --record a.rec -o /dev/null; ln -s a.rec b.rec; echo hello > text
            "$0" merge \(arguments); echo status $?
            """)
        #expect(text == "pooltop: \(line)\n")
    }

    @Test("A check on the sum decides the exit status")
    func checksOfTheSum() async throws {
        let text = try await shell(
            """
            "$0" run -n 5 --quiet --record 1.rec -o /dev/null; "$0" run -n 6 --quiet --record 2.rec -o /dev/null
            "$0" merge 1.rec 2.rec --check 'requests == 11' -o /dev/null; echo status $?
            "$0" merge 1.rec 2.rec --check 'requests > 11' -o /dev/null; echo status $?
            "$0" merge 1.rec 2.rec --format ndjson --interval 10ms | tail -n 1 | grep -c '"schema":"pooltop.summary/1"'
            """)
        #expect(text == "status 0\npooltop: check not met: requests > 11: 11\nstatus 3\n1\n")
    }
}
