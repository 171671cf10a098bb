import Foundation
import NIOConcurrencyHelpers
import Testing
import Wording

@testable import PoolModel
@testable import Recordings
@testable import SessionConfig
@testable import pooltop

/// The files that are written while a session runs.
@Suite struct SessionFilesTests {
    private func header() throws -> RecordingHeader {
        RecordingHeader(plan: try SnapshotFixture.plan(), command: "run", startedAt: SnapshotFixture.startedAt)
    }

    private func open(
        _ plan: FilesPlan, interval: Duration = .seconds(1), said: NIOLockedValueBox<[String]> = .init([])
    ) throws -> SessionFiles {
        try SessionFiles(
            plan, header: header(), interval: interval,
            onFailure: { error in said.withLockedValue { $0.append(error.message) } })
    }

    private func snapshot(_ uptime: Double, event: String? = nil) -> AgentSnapshot {
        var snapshot = SnapshotFixture.last
        snapshot.uptimeSeconds = uptime
        snapshot.events =
            event.map { [AgentNotice(level: .info, uptimeSeconds: uptime, hostID: nil, text: $0)] } ?? []
        return snapshot
    }

    private func read(_ path: String) throws -> [AgentSnapshot] {
        var snapshots: [AgentSnapshot] = []
        _ = try Recording(path: path) { snapshot, _ in snapshots.append(snapshot) }
        return snapshots
    }

    /// The first snapshot of every second, which charts are made of, and one between two of them. Events of the others
    /// are in the next one that is recorded: they are handed out once.
    @Test("Two snapshots per second are recorded with all events")
    func twoASecondAreRecordedWithAllEvents() throws {
        let file = try TemporaryFile("")
        let files = try open(FilesPlan(recording: file.path))
        files.begin(snapshot(0.05, event: "0"))
        for tenth in 1...25 { files.take(snapshot(0.05 + Double(tenth) / 10, event: "\(tenth)")) }
        #expect(files.finish(nil, measuredSeconds: nil).isEmpty)
        let recorded = try read(file.path)
        #expect(recorded.map { Int($0.uptimeSeconds * 100 + 0.5) } == [5, 55, 105, 155, 205, 255])
        #expect(recorded.flatMap(\.events).map(\.text) == (0...25).map(String.init))
    }

    @Test("The last snapshot is always recorded")
    func theLastSnapshotIsRecordedWhateverTheTime() throws {
        let file = try TemporaryFile("")
        let files = try open(FilesPlan(recording: file.path))
        files.begin(snapshot(0))
        files.take(snapshot(0.2, event: "a"))
        #expect(files.finish(snapshot(0.3, event: "b"), measuredSeconds: 0.25).isEmpty)
        let recording = try Recording(path: file.path)
        #expect(recording.isComplete && recording.measuredSeconds == 0.25)
        let recorded = try read(file.path)
        #expect(recorded.map(\.uptimeSeconds) == [0, 0.3])
        #expect(recorded.last?.events.map(\.text) == ["a", "b"])
    }

    /// A recording is of use before it is complete, and an earlier one until there is a new one.
    @Test("An earlier recording stays until the new one has content")
    func anEarlierRecordingStaysUntilThereIsANewOne() throws {
        let file = try TemporaryFile("earlier")
        func text() throws -> String { try String(contentsOfFile: file.path, encoding: .utf8) }
        var sink = try RecordingSink(path: file.path, header: header())
        #expect(try text() == "earlier")
        try sink.write(.snapshot(snapshot(0), startsMeasuring: true))
        #expect(try text().hasPrefix("{\"schema\":\"pooltop.recording/1\""))
        #expect(try FileManager.default.contentsOfDirectory(atPath: file.folder) == ["file"])
        #expect(try read(file.path).count == 1)
        try sink.write(.snapshot(snapshot(1), startsMeasuring: false))
        sink.abandon()
        #expect(try read(file.path).count == 2)
    }

    @Test(
        "A full disk is reported once, and the session continues",
        arguments: [FilesPlan(recording: "/dev/full"), FilesPlan(hdrLog: "/dev/full")])
    func aFullDiskIsToldOnceAndTheSessionGoesOn(plan: FilesPlan) throws {
        let option = plan.recording == nil ? "--hdr-log" : "--record"
        let text = "\(option): cannot write to '/dev/full': No space left on device"
        let said = NIOLockedValueBox<[String]>([])
        let files = try open(plan, said: said)
        files.begin(snapshot(0))
        for second in 1...50 { files.take(snapshot(Double(second))) }
        #expect(files.finish(nil, measuredSeconds: nil).map(\.message) == [text])
        #expect(said.withLockedValue { $0 } == [text])
    }

    @Test("A folder is refused as a file", arguments: [FilesPlan(recording: "/tmp"), FilesPlan(hdrLog: "/tmp")])
    func aFolderIsNoFile(plan: FilesPlan) throws {
        let error = #expect(throws: CommandLineError.self) { try open(plan) }
        #expect(error?.message.hasSuffix(": '/tmp' is a folder") == true)
    }

    @Test("Intervals are logged from the start of measuring")
    func intervalsAreLoggedFromWhereMeasuringBegins() throws {
        let file = try TemporaryFile("")
        let files = try open(FilesPlan(hdrLog: file.path))
        func at(_ uptime: Double, count: Int) -> AgentSnapshot {
            var snapshot = snapshot(uptime)
            for _ in 0..<count { snapshot.hosts[0].metrics.latency.connect.record(.milliseconds(3)) }
            return snapshot
        }
        files.take(at(0.5, count: 1))
        files.begin(at(1, count: 2))
        for (tenth, count) in [(15, 3), (20, 4), (24, 5), (30, 5), (40, 9)] {
            files.take(at(Double(tenth) / 10, count: count))
        }
        #expect(files.finish(at(4.5, count: 10), measuredSeconds: nil).isEmpty)
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("Tag=host=catalog;phase=connect") }
        #expect(
            lines.map { $0.split(separator: ",").prefix(3).dropFirst().joined(separator: " ") } == [
                "0.000 1.000", "1.000 1.000", "2.000 1.000", "3.000 0.500",
            ])
    }

    /// Where the disk stands still there is no room, and nobody waits for it.
    @Test("A slow disk delays nobody")
    func aSlowDiskHoldsNobodyUp() throws {
        let gate = DispatchSemaphore(value: 0)
        let writer = BackgroundWriter(SlowSink(gate: gate), option: "--record", onFailure: { _ in })
        var taken = 0
        for number in 0..<100 where writer.offer(number) { taken += 1 }
        let room = BackgroundWriter<SlowSink>.room
        #expect((room...2 * room).contains(taken))
        for _ in 0..<200 { gate.signal() }
        #expect(writer.finish([100], limit: .seconds(60)) == nil)
    }

    private struct SlowSink: BackgroundSink {
        let gate: DispatchSemaphore
        func write(_ item: Int) { gate.wait() }
        func finish() {}
        func abandon() {}
    }
}
