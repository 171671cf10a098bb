import Foundation
import PlainDocuments
import Testing

@testable import PoolModel
@testable import Recordings
@testable import Reporting
@testable import SessionConfig
@testable import pooltop

/// Snapshots written and read again, and files that are no recording.
@Suite struct RecordingTests {
    private static let story = RecordedStory.told()
    private static let text = Result { try RecordedStory.recording(story) }

    private func read(_ text: String) throws -> (recording: Recording, snapshots: [AgentSnapshot]) {
        let file = try TemporaryFile(text)
        var snapshots: [AgentSnapshot] = []
        let recording = try Recording(path: file.path) { snapshot, _ in snapshots.append(snapshot) }
        return (recording, snapshots)
    }

    /// As text in which every member has its place.
    private func json(_ snapshot: AgentSnapshot) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(snapshot), as: UTF8.self)
    }

    @Test("Every snapshot survives recording")
    func everySnapshotComesBackAsItWas() throws {
        let (recording, snapshots) = try read(Self.text.get())
        #expect(snapshots.count == Self.story.count)
        for (one, other) in zip(snapshots, Self.story) {
            let (read, written) = (try json(one), try json(other))
            #expect(read == written)
        }
        #expect(recording.length == 30 && recording.isComplete)
        #expect(recording.marks == [RecordedStory.markAt - 0.125])
        let description = RunDescription(try SnapshotFixture.plan(checks: ["reuse > 0.1"]))
        #expect(recording.header.run.settings.line == description.settings.line)
        #expect(recording.header.run.checks == description.checks)
        #expect(recording.header.run.load == description.load && recording.header.run.seed == 42)
    }

    /// An idle socket, a limit or a name costs nothing while nothing happens to it.
    @Test("A line contains only changes")
    func aLineSaysOnlyWhatChanged() throws {
        var encoder = RecordingEncoder()
        _ = try encoder.line(of: Self.story[40], startsMeasuring: false)
        var later = Self.story[40]
        later.uptimeSeconds += 0.5
        for host in later.hosts.indices {
            for socket in later.hosts[host].sockets?.indices ?? 0..<0 {
                later.hosts[host].sockets?[socket].ageSeconds += 0.5
                if let running = later.hosts[host].sockets?[socket].exchangeSeconds {
                    later.hosts[host].sockets?[socket].exchangeSeconds = running + 0.5
                }
                if let idle = later.hosts[host].sockets?[socket].idleSeconds {
                    later.hosts[host].sockets?[socket].idleSeconds = idle + 0.5
                    later.hosts[host].sockets?[socket].expiresInSeconds = 60 - idle - 0.5
                }
            }
        }
        for index in later.dnsRecords.indices { later.dnsRecords[index].remainingSeconds -= 0.5 }
        let line = try encoder.line(of: later, startsMeasuring: false)
        #expect(line == "{\"number\":2,\"patch\":{\"uptimeSeconds\":20.5}}\n")
    }

    @Test("Long lists of sockets are truncated")
    func longListsOfSocketsAreCut() throws {
        var snapshot = Self.story[40]
        let socket = try #require(snapshot.hosts[0].sockets?.first)
        snapshot.hosts[0].sockets = (0..<200).map { id in
            var copy = socket
            copy.id = id
            return copy
        }
        let (_, snapshots) = try read(RecordedStory.recording([snapshot]))
        #expect(snapshots[0].hosts[0].sockets?.map(\.id) == Array(0..<RecordingEncoder.mostSockets))
    }

    @Test("An interrupted recording ends with its last complete line")
    func oneThatWasCutShortEndsWithItsLastWholeLine() throws {
        let text = try Self.text.get()
        let lines = text.split(separator: "\n")
        let (recording, snapshots) = try read(lines[..<20].joined(separator: "\n") + "\n" + lines[20].prefix(100))
        #expect(snapshots.count == 19 && !recording.isComplete)
        // Cut exactly between two lines, and in the middle of a character.
        #expect(try read(lines[..<20].joined(separator: "\n") + "\n").snapshots.count == 19)
    }

    @Test("A missing line and a doubled one are told of in every report")
    func missingAndDoubledLines() throws {
        let text = try Self.text.get()
        var lines = text.split(separator: "\n")
        #expect(try read(text).recording.faults == RecordingFaults())
        let whole = try read(text).snapshots
        lines.insert(lines[10], at: 11)
        let doubled = try read(lines.joined(separator: "\n") + "\n")
        #expect(doubled.recording.faults.doubledLines == 1 && doubled.recording.faults.missingLines == 0)
        #expect(try doubled.snapshots.map(json) == whole.map(json))
        lines.removeSubrange(10...12)
        let missing = try read(lines.joined(separator: "\n") + "\n")
        #expect(missing.recording.faults.missingLines == 2 && missing.recording.isComplete)
        var run = missing.recording.header.run
        run.faults = missing.recording.faults
        run.faults.endsEarly = true
        let (first, last) = (try #require(missing.snapshots.first), try #require(missing.snapshots.last))
        let summary = Summary(run, first: first, last: last)
        #expect(summary.document["recording"]?["missingLines"] == .integer(2))
        #expect(summary.document["recording"]?["endsEarly"] == .bool(true))
        let report = TextSummary(summary: summary).text
        #expect(
            report.contains("2 lines are missing from the recording")
                && report.contains("the recording ends early"))
    }

    /// Recordings of earlier versions have no numbers.
    @Test("Lines without numbers are read as they come")
    func linesWithoutNumbers() throws {
        let text = try Self.text.get().replacing(/"number":\d+,/, with: "")
        #expect(try read(text).recording.faults == RecordingFaults())
    }

    @Test("Hosts may appear later and agents may restart")
    func hostsMayComeLaterAndAgentsMayBeginAgain() throws {
        var few = Self.story[4]
        few.hosts.removeLast(2)
        few.dnsRecords.removeLast(2)
        few.load?.targets.removeLast(1)
        let (_, snapshots) = try read(RecordedStory.recording([few, Self.story[6], Self.story[7]]))
        #expect(snapshots.map(\.hosts.count) == [1, 3, 3])
        let last = (try json(snapshots[2]), try json(Self.story[7]))
        #expect(last.0 == last.1)
    }

    @Test(
        "A file that is not a recording is refused in one line",
        arguments: [
            ("", "is empty, and no recording"),
            ("\n", "line 1: not a recording of pooltop: not JSON: a value is missing at column 1"),
            ("hello\n", "line 1: not a recording of pooltop: not JSON: a value is missing at column 1"),
            ("{\"a\":1}\n", "line 1: not a recording of pooltop: it has no schema pooltop.recording/1"),
            (
                "{\"schema\":\"pooltop.summary/1\"}",
                "line 1: not a recording of pooltop: it has no schema pooltop.recording/1"
            ),
            (
                "{\"schema\":\"pooltop.recording/2\"}\n",
                "line 1: the recording has schema pooltop.recording/2, and pooltop 0.1.0 reads pooltop.recording/1"
            ), ("{\"schema\":\"pooltop.recording/1\"}\n", "line 1: 'version' is missing"),
        ]) func whatIsNoRecordingIsSaidInALine(text: String, problem: String) throws
    {
        let error = #expect(throws: CommandLineError.self) { try read(text) }
        #expect(error?.status == .cannotRun)
        #expect(error?.message.hasSuffix(problem) == true, "\(error?.message ?? "")")
    }

    @Test(
        "An error names the line",
        arguments: [
            ("{}", "line 12: neither a snapshot nor the end of a recording"), ("", "line 12: not JSON"),
            ("{\"patch\":7}", "line 12: "),
            ("{\"patch\":{\"uptimeSeconds\":0}}", "line 12: its uptime is less than that"),
            ("{\"patch\":{\"uptimeSeconds\":1e300}}", "line 12: 'uptimeSeconds' is out of range: 1e+300"),
            ("{\"patch\":{\"uptimeSeconds\":1e999}}", "line 12: not JSON: a number that cannot be held"),
            ("{\"patch\":{\"keepAlive\":null}}", "line 12: 'keepAlive' is missing"),
            ("{\"patch\":{\"hosts\":{\"#1\":{\"id\":0}}}}", "line 12: 'hosts' are not numbered in their order"),
            (
                "{\"patch\":{\"hosts\":{\"#0\":{\"metrics\":{\"requests\":{\"started\":-1}}}}}}",
                "line 12: 'hosts.0.metrics.requests.started' is out of range: -1"
            ),
            (
                "{\"patch\":{\"hosts\":{\"#0\":{\"metrics\":{\"requests\":{\"started\":9223372036854775807}}}}}}",
                "line 12: 'hosts.0.metrics.requests.started' is out of range"
            ), ("{\"patch\":{\"sockets\":{\"9\":{}}}}", "line 12: 'sockets.9' is of no host"),
            (
                "{\"patch\":{},\"latency\":{\"0\":{\"response\":{\"counts\":\"!\",\"min\":0,\"max\":0,\"sum\":0}}}}",
                "line 12: 'latency.0.response' has no counts of durations"
            ),
        ]) func aBadLineIsNamed(line: String, problem: String) throws
    {
        var lines = try Self.text.get().split(separator: "\n").map(String.init)
        lines.insert(line, at: 11)
        let error = #expect(throws: CommandLineError.self) { try read(lines.joined(separator: "\n") + "\n") }
        #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
    }

    @Test("Nothing may follow the end")
    func nothingFollowsTheEnd() throws {
        let text = try Self.text.get() + "{}\n"
        let error = #expect(throws: CommandLineError.self) { try read(text) }
        #expect(error?.message.hasSuffix("line 64: something follows the end of the recording") == true)
    }

    @Test("Paths that cannot be read are errors")
    func placesThatAreNoFile() {
        #expect(throws: CommandLineError(.cannotRun, "cannot read '/nowhere': No such file or directory")) {
            try Recording(path: "/nowhere")
        }
        #expect(throws: CommandLineError(.cannotRun, "cannot read '/tmp': Is a directory")) {
            try Recording(path: "/tmp")
        }
        #expect(throws: CommandLineError(.cannotRun, "'/dev/null' is empty, and no recording")) {
            try Recording(path: "/dev/null")
        }
        #expect(throws: CommandLineError(.cannotRun, "'/dev/zero': a line is longer than 16 MiB")) {
            try Recording(path: "/dev/zero")
        }
    }
}
