import Foundation
import MetricsText
import PlainDocuments
import PoolModel
import Testing

@testable import FleetCore

/// The answers of a real Prometheus, recorded once; see `LiveFleetTests`.
@Suite("Answers of a real Prometheus") struct FleetTapeTests {
    private static func machine() throws -> (machine: FleetMachine, tape: FleetTape) {
        var machine = FleetMachine(settings: try FleetScenario.settings())
        machine.detail = .all
        return (machine, try FleetTape.recorded())
    }

    /// Two rounds: all are there, and then one is gone.
    private static func changed() throws -> (machine: FleetMachine, tape: FleetTape) {
        var (machine, tape) = try machine()
        for round in 0..<2 { tape.replay(&machine, round: round) }
        return (machine, tape)
    }

    @Test("Rates are those of the services")
    func steady() throws {
        var (machine, tape) = try Self.machine()
        tape.replay(&machine, round: 0)
        #expect(machine.isRoundOver && machine.lateAnswers == 0)
        try FleetScenario.expectSteady(machine.fleet(at: tape.rounds[0].end))
    }

    @Test("A service that ends is gone, and a new version leaves a mark")
    func changed() throws {
        let (machine, tape) = try Self.changed()
        try FleetScenario.expectChanged(machine.fleet(at: tape.rounds[1].end))
    }

    @Test("Who is gone and what was deployed is known from the first round on")
    func late() throws {
        var machine = FleetMachine(settings: try FleetScenario.settings())
        let tape = try FleetTape.recorded()
        tape.replay(&machine, round: 2)
        try FleetScenario.expectLate(machine.fleet(at: tape.rounds[2].end))
    }

    @Test("A chart has a point for each second, without what was not known")
    func history() throws {
        let (machine, tape) = try Self.changed()
        var history = try #require(machine.history(of: .total))
        #expect(!history.isComplete)
        for request in history.requests {
            let answer = try #require(tape.answer(to: request, round: 2))
            history.receive(FleetTape.read((answer.status, Array(answer.body.utf8))), to: request)
        }
        #expect(history.isComplete && history.problems == [])
        let points = history.points
        #expect(points.count > 20 && points.count < 40)
        #expect(zip(points, points.dropFirst()).allSatisfy { abs($1.time - $0.time - 1) < 0.01 })
        #expect(abs((points.last?.time ?? 0) - tape.rounds[1].end) < 1)
        // undici and what the watched service cannot know are parts of it.
        #expect(points.last?.figures.requestsPerSecond.isUnknown == true)
        #expect(points.last?.figures.open.value != nil)
    }

    @Test("All samples of one instance make the usual snapshot of a process")
    func samples() throws {
        let (machine, tape) = try Self.changed()
        let request = try #require(machine.samplesRequest(of: InstanceID(job: "shop", instance: "a:9464"), seconds: 60))
        let recorded = try #require(tape.answer(to: request, round: 2))
        let answer = try FleetTape.read((recorded.status, Array(recorded.body.utf8))).get()
        var source = MetricsSource(name: "a:9464")
        let scrapes = answer.scrapes
        #expect(scrapes.count == 1)
        let snapshot = source.read(try #require(scrapes.first).exposition, takenAt: 0, uptimeSeconds: 0)
        #expect(source.dialects == [.pooltop])
        #expect(snapshot.hosts.map(\.name).sorted() == ["mail", "pay"])
        let pay = try #require(snapshot.hosts.first { $0.name == "pay" })
        #expect(pay.metrics.connections.open == 4 && pay.metrics.requests.succeeded > 1000)
        #expect(pay.metrics.latency.response.count == pay.metrics.requests.succeeded)
        #expect(machine.samplesRequest(of: InstanceID(job: "shop", instance: "c:9464"), seconds: 60) == nil)
    }

    @Test("Samples over a time are the scrapes that they came from, oldest first")
    func scrapes() {
        func series(_ host: String, _ points: [(Double, Double)]) -> PrometheusAnswer.Series {
            PrometheusAnswer.Series(
                labels: [.init(name: "__name__", value: "opened_total"), .init(name: "host", value: host)],
                points: points.map { PrometheusAnswer.Point(time: $0.0, value: $0.1) })
        }
        let answer = PrometheusAnswer(result: .matrix([series("a", [(10, 1), (25, 2)]), series("b", [(25, 7)])]))
        let scrapes = answer.scrapes
        #expect(scrapes.map(\.time) == [10, 25])
        #expect(scrapes.map { $0.exposition.families.first?.samples.map(\.value) } == [[1], [2, 7]])
        #expect(scrapes.last?.exposition.families.first?.samples.last?[label: "host"] == "b")
    }

    @Test("Each scrape of an instance becomes one snapshot, however often it is asked for")
    func instance() throws {
        let (machine, tape) = try Self.changed()
        let id = InstanceID(job: "shop", instance: "a:9464")
        let now = tape.rounds[1].end
        var samples = InstanceSamples(id, began: now - 3600)
        let first = try #require(samples.request(machine, at: now))
        #expect(first.items.contains { $0.value.hasSuffix("[12s]") }, "\(first.items)")
        var series: [PrometheusAnswer.Series] = []
        for host in ["pay", "mail"] {
            for (name, values) in [
                ("http_client_pool_connections_opened_total", [4.0, 6, 9]), ("pooltop_uptime_seconds", [1, 2, 3]),
            ] {
                let labels = [("__name__", name), ("host", host), ("url_scheme", "http"), ("server_address", host)]
                series.append(
                    PrometheusAnswer.Series(
                        labels: labels.map { .init(name: $0.0, value: $0.1) },
                        points: zip([now - 3, now - 2, now - 1], values).map { .init(time: $0, value: $1) }))
            }
        }
        let snapshots = samples.read(PrometheusAnswer(result: .matrix(series)), clockOffset: 0.5)
        #expect(snapshots.map { ($0.uptimeSeconds * 10).rounded() } == [35975, 35985, 35995])
        #expect(snapshots.allSatisfy { $0.source?.kind == .fleet && $0.source?.name == "a:9464" })
        #expect(snapshots.map { $0.hosts.map(\.metrics.connections.opened).reduce(0, +) } == [8, 12, 18])
        #expect(samples.read(PrometheusAnswer(result: .matrix(series)), clockOffset: 0.5).isEmpty)
        let next = try #require(samples.request(machine, at: now + 4))
        // The clocks of the tape differ by some milliseconds.
        let range = try #require(next.items.first { $0.name == "query" }?.value.split(separator: "[").last)
        #expect(["69", "70", "7s"].contains { range.hasPrefix($0) }, "\(range)")
        #expect(InstanceSamples(InstanceID(job: "shop", instance: "c:9464"), began: 0).request(machine, at: now) == nil)
    }

    @Test("The past is asked for once, and rounds add to it")
    func past() throws {
        let (machine, tape) = try Self.changed()
        var past = FleetPast(seconds: 20)
        let now = tape.rounds[1].end
        past.append(machine.fleet(at: now), at: now)
        #expect(past.points.count == 1)
        var history = try #require(past.history(machine))
        for request in history.requests {
            let recorded = try #require(tape.answer(to: request, round: 2))
            history.receive(FleetTape.read((recorded.status, Array(recorded.body.utf8))), to: request)
        }
        past.take(history)
        #expect(past.history(machine) == nil)
        #expect(past.points.count > 20 && zip(past.points, past.points.dropFirst()).allSatisfy { $0.time < $1.time })
        past.append(machine.fleet(at: now + 1), at: now + 1)
        let count = past.points.count
        #expect(past.points.last.map { abs($0.time - now) < 1.5 } == true, "its figures are as old as the round")
        var later = machine.fleet(at: now)
        later.ageSeconds = 0
        past.append(later, at: now + 15)
        #expect(past.points.count < count && past.points.allSatisfy { $0.time >= now - 5 })
        later.ageSeconds = nil
        past.append(later, at: now + 30)
        #expect(past.points.last?.time == now + 15)
    }

    @Test("The document has every instance with its figures, and null where nothing is known")
    func document() throws {
        let (machine, tape) = try Self.changed()
        let fleet = machine.fleet(at: tape.rounds[1].end)
        let document = FleetDocument(fleet, name: "http://127.0.0.1:9090")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let bytes = try encoder.encode(document)
        #expect(try JSONDecoder().decode(FleetDocument.self, from: bytes) == document)
        let value = try JSONReader.value(of: Array(bytes)[...])
        #expect(value["schema"] == .string("pooltop.fleet/1") && value["durationSeconds"]?.asDouble == 10)
        #expect(value.at(["source", "kind"]) == .string("fleet"))
        #expect(value.at(["totals", "requests", "perSecond"]) == .null)
        guard case .array(let instances) = value["instances"] else { throw NotThere() }
        #expect(instances.count == 6 && instances.first?["name"] == .string("b:9464"))
        let first = try #require(instances.first)
        #expect((first.at(["requests", "perSecond"])?.asDouble ?? 0) > 38)
        #expect((first.at(["connections", "openedPerSecond"])?.asDouble ?? 0) > 38)
        #expect((first.at(["connections", "closedPerSecond"])?.asDouble ?? 0) > 38)
        #expect(first.at(["connections", "reuseRatio"])?.asDouble == 0)
        #expect((first.at(["connections", "closedBy", "remote"])?.asDouble ?? 0) > 380)
        #expect(first.at(["labels", "version"]) == .string("1.1"))
        #expect(first["certainty"] == .object(["latency": .string("estimate")]))
        let last = try #require(instances.last)
        #expect(last["certainty"]?.members.count == FleetFigures.groups.count)
        #expect(last["name"] == .string("c:9464") && last["gone"] == .bool(true))
        for path in [["requests", "perSecond"], ["connections", "openedPerSecond"], ["latency", "response", "p99"]] {
            #expect(last.at(path.map { $0[...] }) == .null, "\(path)")
        }
        #expect((last["lastSeenSeconds"]?.asDouble ?? 0) > 12)
    }

    private struct NotThere: Error {}

    @Test("The same answers make the same fleet, however often it is asked")
    func determinism() throws {
        let (machine, tape) = try Self.changed()
        let (again, _) = try Self.changed()
        let end = tape.rounds[1].end
        #expect(machine.fleet(at: end) == again.fleet(at: end))
        #expect(machine.fleet(at: end + 5).instances.map(\.lastSeenSeconds).allSatisfy { $0 >= 5 })
    }
}
