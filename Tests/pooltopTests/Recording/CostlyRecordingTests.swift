import Dashboard
import Foundation
import PoolModel
import Testing

@testable import PlainDocuments
@testable import Recordings
@testable import SessionConfig
@testable import pooltop

/// Recordings made to cost much more than their size: each ends in one line, or is read in little time and memory.
@Suite struct CostlyRecordingTests {
    /// A tenth of a second's work and little memory, so that no test has to reach the real ones.
    private var little: RecordingBudget {
        var budget = RecordingBudget()
        (budget.freeWork, budget.freeMemory) = (100_000, 4 << 20)
        return budget
    }

    /// Header and first line of a session with so many hosts.
    private func beginning(hosts count: Int) throws -> String {
        var snapshot = try #require(RecordedStory.told(seconds: 1).first)
        let host = snapshot.hosts[0]
        snapshot.hosts = (0..<count).map { index in
            var copy = host
            copy.id = index
            return copy
        }
        snapshot.dnsRecords = []
        return try RecordedStory.recording([snapshot], isComplete: false)
    }

    private func read(_ text: String) throws -> String {
        let file = try TemporaryFile(text)
        do throws(CommandLineError) {
            let recording = try Recording(path: file.path, budget: little)
            return "read \(recording.lines.count) lines"
        } catch {
            #expect(!error.message.contains("\n"))
            return error.message.replacing("'\(file.path)', ", with: "")
        }
    }

    private func lines(_ count: Int, _ line: (Int) -> String) -> String {
        (0..<count).map { "{\"patch\":{\(line($0))}}\n" }.joined()
    }

    private static let work = "the recording is too much work for its size: many hosts or sockets in very many lines"

    @Test("Many hosts in many short lines are limited")
    func manyHosts() throws {
        let text = try read(beginning(hosts: 300) + lines(1500) { "\"uptimeSeconds\":\($0 + 5)" })
        #expect(text.hasSuffix(Self.work) && text.hasPrefix("line "))
        let few = try read(beginning(hosts: 3) + lines(400) { "\"uptimeSeconds\":\($0 + 5)" })
        #expect(few == "read 401 lines")
    }

    @Test("Many sockets, names or targets that change repeatedly are limited")
    func manyEntries() throws {
        let socket = "{\"state\":\"idle\",\"dialedAt\":0,\"exchanges\":0}"
        let sockets = (0..<1000).map { "\"\($0)\":\(socket)" }.joined(separator: ",")
        let first = "\"sockets\":{\"0\":{\(sockets)}}"
        let again = lines(200) { "\"sockets\":{\"0\":{\"0\":{\"exchanges\":\($0)}}}" }
        #expect(try read(beginning(hosts: 2) + lines(1) { _ in first } + again).hasSuffix(Self.work))
        let target = "{\"name\":\"a\",\"url\":\"http://a\",\"method\":\"GET\",\"weight\":1,\"planned\":0}"
        let load = "\"load\":{\"targets\":[\((0..<1000).map { _ in target }.joined(separator: ","))]}"
        let planned = lines(200) { "\"load\":{\"planned\":\($0)}" }
        #expect(try read(beginning(hosts: 2) + lines(1) { _ in load } + planned).hasSuffix(Self.work))
    }

    @Test("Members in the worst order and growing objects are limited")
    func mergePatches() throws {
        let members = (0..<4000).reversed().map { "\"k\($0)\":{\"a\":1}" }.joined(separator: ",")
        let start = ContinuousClock.now
        let text = try read(beginning(hosts: 1) + lines(6) { _ in "\"junk\":{\(members)}" })
        #expect(text == "read 7 lines")
        #expect(ContinuousClock.now - start < .seconds(60), "96 million comparisons would take minutes here")
        let growing = lines(3000) { line in "\"junk\":{\"k\(line * 2)\":1,\"k\(line * 2 + 1)\":1}" }
        #expect(try read(beginning(hosts: 1) + growing).hasSuffix(Self.work))
    }

    @Test("Durations that need a whole histogram for a few bytes are limited")
    func histograms() throws {
        let day = "{\"counts\":\"Ag==\",\"min\":0,\"max\":86400000000000,\"sum\":1}"
        let phases = LatencySet.rows.map { "\"\($0.name)\":\(day)" }.joined(separator: ",")
        let latency = (0..<200).map { "\"\($0)\":{\(phases)}" }.joined(separator: ",")
        let line = "{\"patch\":{},\"latency\":{\(latency)}}\n"
        let text = try read(beginning(hosts: 200) + line)
        #expect(text == "line 3: the recording's durations need too much memory for its size")
    }

    @Test("Nesting, size and long names are limited")
    func limits() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(try read(beginning(hosts: 1) + lines(1) { _ in "\"junk\":\(deep)" }).contains("nested too deeply"))
        let mass = String(repeating: "0,", count: 1_000_001)
        #expect(
            try read(beginning(hosts: 1) + lines(1) { _ in "\"junk\":[\(mass)" }).contains(
                "more than \(JSONReader.mostValues) values"))
        let long = String(repeating: "x", count: 1 << 20)
        #expect(try read(beginning(hosts: 1) + lines(3) { _ in "\"\(long)\":1" }) == "read 4 lines")
        let hosts = (0..<RecordedTree.maxHosts + 1).map { "\"#\($0)\":{}" }.joined(separator: ",")
        #expect(try read(beginning(hosts: 1) + lines(1) { _ in "\"hosts\":{\(hosts)}" }).contains("too many members"))
    }

    @Test("Stored checkpoints are limited by the recording's size")
    func checkpoints() throws {
        let seconds = lines(1500) { "\"uptimeSeconds\":\($0 + 1)" }
        let file = try TemporaryFile(beginning(hosts: 20) + seconds)
        let (recording, checkpoints) = try RecordingReading(path: file.path).read()
        #expect(recording.lines.count == 1501)
        #expect(checkpoints.byteCount < 80 << 20)
        var player = Player(recording, checkpoints: checkpoints)
        for act in [PlayerCommand.end, .seek(seconds: -1000), .end] {
            let hasChanged = player.go([act], elapsed: 0)
            #expect(hasChanged)
        }
    }

    @Test("Parts that a line does not change stay as they are")
    func untouchedParts() throws {
        let snapshots = RecordedStory.told(seconds: 30)
        let file = try TemporaryFile(RecordedStory.recording(snapshots))
        var index = 0
        _ = try Recording(path: file.path) { snapshot, _ in
            #expect(snapshot.hosts.map(\.name) == snapshots[index].hosts.map(\.name))
            #expect(snapshot.hosts.map(\.sockets?.count) == snapshots[index].hosts.map(\.sockets?.count))
            #expect(snapshot.dnsRecords.map(\.hits) == snapshots[index].dnsRecords.map(\.hits))
            #expect(
                snapshot.hosts.map(\.metrics.latency.response.count)
                    == snapshots[index].hosts.map(\.metrics.latency.response.count))
            index += 1
        }
        #expect(index == snapshots.count)
    }
}
