import AgentCore
import Foundation
import Testing
import Wording

@testable import PlainDocuments
@testable import PoolModel
@testable import Recordings
@testable import Reporting
@testable import SessionConfig

/// Recordings of several programs as one.
@Suite struct MergeTests {
    private func merged(_ parts: [PartFile]) throws -> Recording {
        try RecordingMerge(files: parts.map(\.path)).recording()
    }

    private func snapshots(_ recording: Recording) -> [AgentSnapshot] {
        var cursor = RecordingCursor()
        var snapshots: [AgentSnapshot] = []
        while let next = cursor.next(of: recording) { snapshots.append(next) }
        return snapshots
    }

    private func notes(_ parts: [PartFile]) throws -> [String] {
        try #require(try merged(parts).header.run.merge).notes.map { note in
            parts.reduce(note) { $0.replacing($1.path, with: $1.label) }
        }
    }

    @Test("Counts and distributions of four parts add up, to the last one")
    func countsAndDistributionsAddUp() throws {
        let parts = try (1...4).map { try PartFile(share: PlanShare(part: $0, of: 4), offset: Double($0) / 10) }
        let states = snapshots(try merged(parts))
        let (first, last) = (try #require(states.first), try #require(states.last))
        let gained = last.hosts.map { $0.metrics.since(first.hosts[$0.id].metrics) }
        for (host, name) in ["catalog", "search"].enumerated() {
            var expected = HostMetrics()
            for part in parts {
                let ends = part.measured.map { $0.hosts[host].metrics }
                expected.merge(try #require(ends.last).since(try #require(ends.first)))
            }
            #expect(last.hosts[host].name == name && gained[host].requests == expected.requests)
            #expect(gained[host].connections == expected.connections && gained[host].statuses == expected.statuses)
            for row in LatencySet.rows {
                let (sum, union) = (
                    gained[host].latency[keyPath: row.histogram], expected.latency[keyPath: row.histogram]
                )
                #expect(sum.counts() == union.counts() && sum.count == union.count, "\(row.name)")
            }
            let p99 = gained[host].latency.response.seconds(atPercentile: 99)
            #expect(p99 == expected.latency.response.seconds(atPercentile: 99) && p99 ?? 0 > 0)
            #expect(expected.requests.succeeded > 100)
        }
        #expect(last.process.cpuSeconds == parts.reduce(0) { $0 + ($1.measured.last?.process.cpuSeconds ?? 0) })
        #expect(
            last.dns.lookups == parts.reduce(0) { $0 + ($1.measured.last?.dns.lookups ?? 0) } && last.dns.lookups > 0)
        let load = try #require(last.load)
        #expect(load.planned == parts.reduce(0) { $0 + ($1.measured.last?.load?.planned ?? 0) })
        #expect(load.targets.map(\.planned).reduce(0, +) == load.planned && load.targets.count == 2)
        #expect(try notes(parts) == [])
    }

    /// The second one's clock says that it began two seconds later.
    @Test("Times are put side by side by the clocks in the files")
    func clocksAreAligned() throws {
        let parts = [
            try PartFile(share: PlanShare(part: 1, of: 2), seconds: 5),
            try PartFile(share: PlanShare(part: 2, of: 2), offset: 2, seconds: 5),
        ]
        let recording = try merged(parts)
        #expect(abs(recording.length - 7) < 1e-6)
        let counts = [0.0, 1, 2, 4, 5, 7].map { time -> Int in
            var cursor = RecordingCursor()
            var last: AgentSnapshot?
            while cursor.index <= recording.index(at: time + 0.01), let next = cursor.next(of: recording) {
                last = next
            }
            return last?.hosts[0].metrics.requests.succeeded ?? -1
        }
        // A part makes 20 times its number of requests per second; the second makes none in the first two.
        #expect(counts == [0, 20, 40, 80 + 80, 100 + 120, 100 + 200])
        let merge = try #require(recording.header.run.merge)
        #expect(merge.parts.map { ($0.offsetSeconds * 1000).rounded() } == [0, 2000])
        #expect(snapshots(recording).allSatisfy { abs($0.takenAt - $0.uptimeSeconds - PartFile.start) < 1e-3 })
    }

    @Test("A part that has ended keeps its totals, has nothing present, and is in the end as it ended")
    func endedParts() throws {
        let parts = [
            try PartFile(share: PlanShare(part: 1, of: 2), seconds: 3),
            try PartFile(share: PlanShare(part: 2, of: 2), seconds: 9),
        ]
        let states = snapshots(try merged(parts))
        func active(_ time: Double) -> [Int] {
            states.filter { abs($0.uptimeSeconds - time) < 0.01 }.map { $0.hosts[0].metrics.connections.active }
        }
        #expect(active(2) == [3] && active(6) == [2] && active(9) == [3])
        let middle = try #require(states.first { abs($0.uptimeSeconds - 6) < 0.01 })
        #expect(middle.hosts[0].metrics.requests.succeeded == 60 + 240)
        #expect(middle.load?.targetPerSecond == 200 && states.first?.load?.targetPerSecond == 300)
        for (one, next) in zip(states, states.dropFirst()) {
            #expect(one.hosts[0].metrics.requests.succeeded <= next.hosts[0].metrics.requests.succeeded)
        }
    }

    @Test("The warm-up of each part is in nothing")
    func warmUpIsLeftOut() throws {
        let parts = try (1...2).map { try PartFile(share: PlanShare(part: $0, of: 2), offset: Double($0), warmUp: 2) }
        let recording = try merged(parts)
        let states = snapshots(recording)
        let gained = try #require(states.last).hosts[0].metrics.since(try #require(states.first).hosts[0].metrics)
        #expect(gained.requests.succeeded == (20 + 40) * (PartFile.seconds - 2))
        #expect(abs(recording.length - Double(PartFile.seconds - 2) - 1) < 1e-6)
    }

    @Test("One recording alone is reported as its replay is")
    func oneAlone() throws {
        let part = try PartFile(share: nil, warmUp: 1)
        func report(_ recording: Recording) throws -> JSONValue {
            let file = try TemporaryFile("")
            let plan = ReportPlan(format: .json, outputFile: file.path, isQuiet: true)
            #expect(try ReplayReport(recording: recording, report: plan, position: nil).write() == .done)
            let text = try String(contentsOfFile: file.path, encoding: .utf8)
            let document = try JSONReader.value(of: Array(text.utf8)[...])
            return .object(document.members.filter { $0.key != "merge" })
        }
        let merged = try merged([part])
        let original = try Recording(path: part.path)
        #expect(try report(merged) == report(original))
        #expect(merged.lines.count == original.lines.count - 2 && merged.header.run.merge?.notes == [])
    }

    @Test("Parts that are missing, and those that are there twice, are named")
    func missingAndDoubledParts() throws {
        func part(_ number: Int, of count: Int, _ label: String) throws -> PartFile {
            try PartFile(share: PlanShare(part: number, of: count), label: label)
        }
        #expect(
            try notes([part(1, of: 4, "a"), part(4, of: 4, "b")]) == ["2/4 and 3/4 are missing: the load is not whole"])
        #expect(
            try notes([part(1, of: 2, "a"), part(1, of: 2, "b")]) == [
                "2/2 is missing: the load is not whole", "1/2 is in a and b: it counts 2 times",
            ])
        #expect(
            try notes([part(1, of: 1, "a"), part(1, of: 2, "b"), PartFile(share: nil, label: "c")]) == [
                "c is of a whole load, and no part of one", "the parts are not those of one plan: some are of 1 and 2",
                "2/2 is missing: the load is not whole",
            ])
        #expect(try notes([PartFile(share: nil, label: "a"), PartFile(share: nil, label: "b")]) == [])
    }

    @Test("Settings, seeds, checks and kinds that differ are named with their files")
    func differences() throws {
        let share = PlanShare(part: 1, of: 2)
        let parts = [
            try PartFile(share: share, label: "a"),
            try PartFile(share: PlanShare(part: 2, of: 2), label: "b") { plan in
                plan.seed = 43
                plan.loops = 2
                plan.settings.maxSocketsPerHost = 7
                plan.checks = [try CheckExpression.parse("errors == 0")]
            },
        ]
        #expect(
            try notes(parts) == [
                "settings differ: agent.maxSockets 64 in a; agent.maxSockets 7 in b",
                "settings differ: load.loops 1 in a; load.loops 2 in b",
                "settings differ: load.seed 42 in a; load.seed 43 in b", "checks differ: none in a; errors == 0 in b",
            ])
        let watched = try PartFile(share: PlanShare(part: 2, of: 2), label: "c", command: "watch", version: "0.1")
        #expect(
            try notes([parts[0], watched]) == [
                "kinds of recordings differ: pooltop run in a; pooltop watch in c",
                "versions of pooltop differ: \(ProductVersion.current) in a; 0.1 in c",
            ])
    }

    @Test("Recordings that do not overlap are said to be apart")
    func apart() throws {
        let parts = try (0..<3).map { try PartFile(share: nil, offset: 20 * Double($0), seconds: 5, label: "\($0)") }
        #expect(
            try notes(parts) == ["no two of the recordings overlap in time: rates are over all of it, pauses included"])
        let late = try PartFile(share: nil, offset: 1, seconds: 5, label: "x")
        #expect(
            try notes([parts[0], parts[1], late]) == ["not all recordings overlap in time: 0 had ended when 1 began"])
    }

    @Test("Hosts of one name are one, whatever their ports and order, and others are kept")
    func hostsByName() throws {
        let parts = [
            try PartFile(share: nil, hosts: ["catalog", "search"]),
            try PartFile(share: nil, hosts: ["images", "search", "catalog"], port: 9000),
        ]
        let last = try #require(snapshots(try merged(parts)).last)
        #expect(last.hosts.map(\.name) == ["catalog", "search", "images"] && last.hosts.map(\.id) == [0, 1, 2])
        let each = 20 * PartFile.seconds
        #expect(last.hosts.map(\.metrics.requests.succeeded) == [2 * each, 2 * each, each])
        #expect(last.load?.targets.map(\.name) == ["catalog", "search", "images"])
        #expect(last.load?.targets.map(\.hostID) == [0, 1, 2])
        #expect(last.hosts[0].addresses.map(\.address) == ["127.0.0.1:8000", "127.0.0.1:9002"])
    }

    @Test("Notices are in the order of their times, and a mark of all parts is one")
    func notices() throws {
        let parts = try (1...3).map { try PartFile(share: PlanShare(part: $0, of: 3), offset: Double($0) / 10) }
        let events = snapshots(try merged(parts)).flatMap(\.events)
        #expect(events.filter { $0.level == .mark }.map(\.text) == ["keepAlive=off"])
        let others = events.filter { $0.level == .info }
        #expect(Set(others.map(\.text)) == ["notice of 1", "notice of 2", "notice of 3"] && others.count == 3)
        #expect(others.map(\.uptimeSeconds) == others.map(\.uptimeSeconds).sorted())
        #expect(others.allSatisfy { $0.hostID == 1 })
        #expect(try merged(parts).marks.count == 1)
    }

    @Test("A recording that was cut is used as far as it goes, and one that is none is an error")
    func damagedFiles() throws {
        let parts = try (1...2).map { try PartFile(share: PlanShare(part: $0, of: 2), label: "part \($0)") }
        let text = try String(contentsOfFile: parts[1].path, encoding: .utf8)
        let lines = text.split(separator: "\n")
        try (lines.prefix(8).joined(separator: "\n") + "\n{\"number\":8,\"pat").write(
            toFile: parts[1].path, atomically: false, encoding: .utf8)
        #expect(try notes(parts) == ["part 2 ends early, after 3.00s: what followed is in no figure"])
        let last = try #require(snapshots(try merged(parts)).last)
        #expect(last.hosts[0].metrics.requests.succeeded == 20 * PartFile.seconds + 40 * 3)
        try (lines.prefix(4) + lines.dropFirst(6)).joined(separator: "\n").appending("\n").write(
            toFile: parts[1].path, atomically: false, encoding: .utf8)
        #expect(try notes(parts) == ["part 2 lacks 2 lines: latencies and counts do not add up"])
        for (bad, problem) in [("", "is empty"), ("{}\n", "line 1: not a recording"), ("x", "line 1: not a recording")]
        {
            try bad.write(toFile: parts[1].path, atomically: false, encoding: .utf8)
            let error = #expect(throws: CommandLineError.self) { try merged(parts) }
            #expect(error?.message.contains(problem) == true && error?.message.contains(parts[1].path) == true)
        }
    }

    @Test("Counts that cannot be added up are an error and not a trap")
    func countsBeyondAll() throws {
        let parts = try (1...2).map { number in
            try PartFile(share: nil, label: "\(number)", succeeded: Quantity.most)
        }
        let error = #expect(throws: CommandLineError.self) { try merged(parts) }
        #expect(error?.message.hasPrefix("the recordings cannot be added up: ") == true)
    }

    @Test("The sum can be written, replayed, and added to others")
    func sumIsARecording() throws {
        let parts = try (1...4).map { try PartFile(share: PlanShare(part: $0, of: 4), label: "\($0)") }
        let halves = try [Array(parts[..<2]), Array(parts[2...])].map { half -> PartFile in
            let file = try TemporaryFile("")
            let copy = RecordingCopy(recording: try merged(half), interval: .seconds(1))
            try copy.write(FilesPlan(recording: file.path))
            return PartFile(file)
        }
        let half = try Recording(path: halves[0].path)
        #expect(half.isComplete && half.header.command == "merge")
        #expect(half.header.run.merge?.notes == ["3/4 and 4/4 are missing: the load is not whole"])
        #expect(half.lines.map(\.bytes) == (try merged(Array(parts[..<2]))).lines.map(\.bytes))
        let (atOnce, byHalves) = (try merged(parts), try merged(halves))
        #expect(byHalves.header.run.merge?.notes == [])
        #expect(try notes([halves[0], parts[2], parts[3]]) == [])
        let (one, other) = (try #require(snapshots(atOnce).last), try #require(snapshots(byHalves).last))
        #expect(one.hosts.map(\.metrics.requests) == other.hosts.map(\.metrics.requests))
        #expect(
            one.hosts.map { $0.metrics.latency.response.counts() }
                == other.hosts.map { $0.metrics.latency.response.counts() })
    }

    @Test("The log of the sum has every duration once")
    func logOfTheSum() throws {
        let parts = try (1...3).map { try PartFile(share: PlanShare(part: $0, of: 3), offset: Double($0) / 7) }
        let (file, recording) = (try TemporaryFile(""), try merged(parts))
        try RecordingCopy(recording: recording, interval: .seconds(3600)).write(FilesPlan(hdrLog: file.path))
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("Tag=host=search;phase=response,0.000,") }
        var union = LatencyHistogram()
        for part in parts { union.merge(try #require(part.measured.last).hosts[1].metrics.latency.response) }
        let expected = Data(HdrHistogramPayload.bytes(of: union.counts())).base64EncodedString()
        #expect(lines.count == 1 && lines.first?.hasSuffix(",\(expected)") == true && union.count > 100)
    }

    @Test("Reports of the sum say what it was made of")
    func reports() throws {
        let parts = [
            try PartFile(share: PlanShare(part: 1, of: 3), label: "a"),
            try PartFile(share: PlanShare(part: 3, of: 3), offset: 0.25, label: "b"),
        ]
        let recording = try merged(parts)
        let states = snapshots(recording)
        let summary = Summary(
            recording.header.run, first: try #require(states.first), last: try #require(states.last))
        let document = try #require(summary.document["merge"])
        #expect(document["notes"]?.line == #"["2/3 is missing: the load is not whole"]"#)
        #expect(summary.document["share"]?.line == "null")
        var text = TextSummary(summary: summary).text
        for part in parts { text = text.replacing(part.path, with: part.label) }
        #expect(text.contains("a (1/3 from 0s for 10.0s)") && text.contains("b (3/3 from 250ms for 10.0s)"))
        #expect(text.contains("\nnote    2/3 is missing: the load is not whole\n"))
        #expect(text.contains("\n        by the clocks of their machines, which may differ\n"))
    }
}
