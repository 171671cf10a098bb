import Foundation
import MetricsText
import PoolModel
import TestSupport
import Testing

@testable import FleetCore

@Suite("The state of a fleet") struct FleetMachineTests {
    private static func machine(_ settings: FleetSettings = FleetSettings()) -> FleetMachine {
        FleetMachine(settings: settings)
    }

    @Test("A round asks for names, then who is there, then intervals, then figures, all of one moment")
    func steps() throws {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1")])
        let names = machine.begin(at: 100)
        #expect(names.map(\.question) == [.names] && names[0].path == "api/v1/label/__name__/values")
        #expect(!machine.isRoundOver && !names[0].mayBePosted)
        let presence = machine.receive(prometheus.answer(names[0]), to: names[0], at: 100)
        #expect(
            Set(presence.map(\.question)) == [.presence(.pooltop), .past(.pooltop), .presence(.dotnet), .past(.dotnet)])
        var next: [FleetRequest] = []
        for request in presence { next += machine.receive(prometheus.answer(request), to: request, at: 100) }
        #expect(next.map(\.question) == [.scrapes(InstanceID(job: "shop", instance: "a"))])
        next = machine.receive(prometheus.answer(next[0]), to: next[0], at: 100)
        #expect(next.count > 15 && next.allSatisfy { $0.mayBePosted })
        // Each percentile walks over every bucket, so the others are asked for where somebody looks at one instance.
        let p50 = FleetRequest.Question.measure(.responseTime(.p50), .pooltop, .instances)
        let p99 = FleetRequest.Question.measure(.responseTime(.p99), .pooltop, .instances)
        #expect(!next.map(\.question).contains(p50) && next.map(\.question).contains(p99))
        let times = next.filter { $0.path == "api/v1/query" }.map { $0.items.last }
        #expect(Set(times.map { $0?.value }) == ["5000.000"])
        for request in next { #expect(machine.receive(prometheus.answer(request), to: request, at: 100) == []) }
        #expect(machine.isRoundOver && machine.fleet(at: 100).instances.count == 1)
        // Names and intervals are known now.
        #expect(machine.begin(at: 110).map(\.question) == [.presence(.pooltop), .presence(.dotnet)])
        #expect(machine.begin(at: 170).map(\.question) == [.names])
    }

    @Test("In the first round figures are shown as they come, and in later ones together")
    func early() throws {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1"), .own("b", version: "1", reuse: 0.1)])
        let isOpened = { (request: FleetRequest) in
            request.question == .measure(.fact(.opened), .pooltop, .instances)
        }
        var requests = machine.begin(at: 100)
        #expect(machine.fleet(at: 100).instances.isEmpty)
        while let request = requests.first(where: { !isOpened($0) && $0.path != "api/v1/query_range" })
            ?? requests.first
        {
            requests.removeAll { $0 == request }
            if isOpened(request) { break }
            requests += machine.receive(prometheus.answer(request), to: request, at: 100)
            let fleet = machine.fleet(at: 100)
            if fleet.instances.isEmpty { continue }
            #expect(
                fleet.instances.count == 2 && fleet.instances.allSatisfy { $0.figures.openedPerSecond.value == nil })
        }
        let early = machine.fleet(at: 100)
        #expect(!machine.isRoundOver && early.totals.requestsPerSecond == .exact(200))
        #expect(early.instances.map(\.id.instance) == ["b", "a"])
        prometheus.play(&machine, at: 110)
        #expect(machine.fleet(at: 110).totals.openedPerSecond.value.map { abs($0 - 97) < 0.01 } == true)
        let before = machine.fleet(at: 110)
        let again = try #require(machine.begin(at: 120).first)
        _ = machine.receive(prometheus.answer(again), to: again, at: 120)
        #expect(machine.fleet(at: 110).totals == before.totals)
    }

    @Test("Our own instances are none of .NET, though their names contain those of .NET")
    func ownIsNotDotnet() {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1"), .dotnet("d")])
        prometheus.play(&machine, at: 100)
        let fleet = machine.fleet(at: 100)
        #expect(fleet.instances.map(\.id.instance).sorted() == ["a", "d"])
        #expect(fleet.instances.first { $0.id.instance == "a" }?.dialects == [.pooltop])
        #expect(fleet.instances.first { $0.id.instance == "d" }?.dialects == [.dotnet])
        #expect(fleet.instances.first { $0.id.instance == "a" }?.figures.requestsPerSecond == .exact(100))
    }

    @Test("An instance that is missing is gone with unknown figures, and comes back")
    func gone() throws {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1"), .own("b", version: "1", reuse: 0.1)])
        prometheus.play(&machine, at: 100)
        #expect(machine.fleet(at: 100).instances.map(\.id.instance) == ["b", "a"])
        let without = FakePrometheus([.own("a", version: "1")])
        without.play(&machine, at: 110)
        var fleet = machine.fleet(at: 115)
        #expect(fleet.instances.map(\.id.instance) == ["a", "b"] && fleet.instances.map(\.isGone) == [false, true])
        #expect(fleet.instances[1].figures == FleetFigures() && fleet.instances[1].lastSeenSeconds == 16)
        #expect(fleet.totals.requestsPerSecond == .exact(100))
        prometheus.time += 20
        prometheus.play(&machine, at: 120)
        fleet = machine.fleet(at: 120)
        #expect(fleet.instances.allSatisfy { !$0.isGone } && fleet.totals.requestsPerSecond == .exact(200))
        // After an hour nobody asks any more.
        without.play(&machine, at: 130)
        without.play(&machine, at: 130 + 3601)
        #expect(machine.fleet(at: 130 + 3601).instances.map(\.id.instance) == ["a"])
    }

    @Test("A series whose end Prometheus does not know is gone when nothing came for four scrapes")
    func old() {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1"), .own("b", version: "1")])
        prometheus.play(&machine, at: 100)
        prometheus.instances[1].ageSeconds = 50
        prometheus.play(&machine, at: 110)
        #expect(machine.fleet(at: 110).instances.map(\.isGone) == [false, false])
        prometheus.instances[1].ageSeconds = 61
        prometheus.play(&machine, at: 121)
        #expect(machine.fleet(at: 121).instances.map(\.isGone) == [false, true])
    }

    @Test("A Prometheus that is down leaves everything as it was, and says so")
    func down() {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1"), .own("b", version: "1")])
        FleetTape.play(&machine, from: 90, to: 90) { _ in nil }
        #expect(machine.isRoundOver && machine.fleet(at: 90).instances.isEmpty)
        #expect(machine.fleet(at: 90).problems == [.init(kind: .failure(.unreachable("connection refused")), count: 1)])
        #expect(machine.fleet(at: 90).ageSeconds == nil)
        prometheus.play(&machine, at: 100)
        let before = machine.fleet(at: 100)
        #expect(before.problems.isEmpty && before.ageSeconds == 0)
        FleetTape.play(&machine, from: 110, to: 110) { _ in (503, Array("<html>".utf8)) }
        FleetTape.play(&machine, from: 200, to: 200) { _ in (200, Array("{}".utf8)) }
        let after = machine.fleet(at: 200)
        #expect(after.instances.map(\.figures) == before.instances.map(\.figures) && after.ageSeconds == 100)
        #expect(after.instances.allSatisfy { !$0.isGone })
        #expect(after.problems.map(\.label) == ["notPrometheus"])
    }

    @Test("A question without an answer leaves its figure unknown")
    func partial() {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1")])
        prometheus.refuses = { if case .measure(.fact(.onReused), _, _) = $0 { true } else { false } }
        prometheus.play(&machine, at: 100)
        let fleet = machine.fleet(at: 100)
        #expect(fleet.problems.count == 1 && fleet.problems[0].label == "refused")
        #expect(fleet.instances[0].figures.requestsPerSecond == .exact(100))
        #expect(fleet.instances[0].figures.openedPerSecond.value != nil)
        // Without it, reuse would be a guess from the connections; it is one, and says so.
        #expect(fleet.instances[0].figures.reuse.certainty == .estimate)
    }

    @Test("If one dialect is not answered, its instances stay as they were")
    func partialPresence() {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1"), .dotnet("d")])
        prometheus.play(&machine, at: 100)
        prometheus.refuses = { $0 == .presence(.dotnet) }
        prometheus.instances.removeFirst()
        prometheus.play(&machine, at: 110)
        let fleet = machine.fleet(at: 110)
        #expect(fleet.instances.map(\.id.instance) == ["d", "a"] && fleet.instances.map(\.isGone) == [false, true])
        #expect(fleet.problems.map(\.label) == ["refused"])
    }

    @Test("If ours are not answered, they are not taken for those of .NET")
    func partialOwnPresence() {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1"), .dotnet("d")])
        prometheus.refuses = { $0 == .presence(.pooltop) }
        prometheus.play(&machine, at: 100)
        #expect(machine.fleet(at: 100).instances.isEmpty)
        prometheus.refuses = { _ in false }
        prometheus.play(&machine, at: 110)
        prometheus.refuses = { $0 == .presence(.pooltop) }
        prometheus.play(&machine, at: 120)
        #expect(machine.fleet(at: 120).instances.map(\.dialects) == [[.pooltop], [.dotnet]])
        #expect(machine.fleet(at: 120).instances.allSatisfy { !$0.isGone })
    }

    @Test("Answers of an earlier round are late, and one is taken once")
    func late() {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1")])
        let first = machine.begin(at: 100)
        let second = machine.begin(at: 101)
        #expect(machine.receive(prometheus.answer(first[0]), to: first[0], at: 101) == [])
        #expect(machine.lateAnswers == 1 && !machine.isRoundOver)
        #expect(!machine.receive(prometheus.answer(second[0]), to: second[0], at: 101).isEmpty)
        #expect(machine.receive(prometheus.answer(second[0]), to: second[0], at: 101) == [])
        #expect(machine.lateAnswers == 2)
    }

    @Test("An answer of another type than the question has is nonsense")
    func unexpected() {
        var machine = Self.machine()
        FleetTape.play(&machine, from: 1, to: 1) { request in
            request.question == .names
                ? (200, Array(#"{"status":"success","data":["pooltop_uptime_seconds"]}"#.utf8))
                : (200, Array(#"{"status":"success","data":["a"]}"#.utf8))
        }
        #expect(machine.isRoundOver && machine.fleet(at: 1).problems.map(\.label) == ["notPrometheus"])
        #expect(machine.fleet(at: 1).problems[0].count == 2)
    }

    @Test("A Prometheus without any known name is said to have none")
    func empty() {
        var machine = Self.machine()
        let none = #"{"status":"success","data":["up","go_goroutines"]}"#
        FleetTape.play(&machine, from: 1, to: 1) { _ in (200, Array(none.utf8)) }
        #expect(machine.fleet(at: 1).problems.map(\.label) == ["noMetrics"])
        #expect(machine.fleet(at: 1).problems[0].sentence == "No metric of a name that is known was found")
    }

    @Test("The window is at least four scrapes of the slowest job")
    func window() {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1")])
        prometheus.scrapeSeconds = 30
        prometheus.play(&machine, at: 100)
        #expect(machine.fleet(at: 100).windowSeconds == 120 && machine.fleet(at: 100).scrapeSeconds == 30)
        #expect(machine.fleet(at: 100).problems.map(\.label) == ["windowLengthened"])
        #expect(
            prometheus.asked.contains { $0.contains("[120s]") } && !prometheus.asked.contains { $0.contains("[60s]") })
    }

    @Test("Groups are the sums of their instances, worst first")
    func groups() throws {
        var settings = FleetSettings()
        try settings.setGroupLabel("version")
        var machine = Self.machine(settings)
        let prometheus = FakePrometheus([
            .own("a", version: "1"), .own("b", version: "2", reuse: 0.5), .own("c", version: "1"), .dotnet("d"),
        ])
        prometheus.play(&machine, at: 100)
        let groups = machine.fleet(at: 100).groups
        #expect(groups.map(\.value) == ["2", "1", nil] && groups.map(\.instances) == [1, 2, 1])
        #expect(groups[1].figures.requestsPerSecond == .exact(200))
        #expect(groups[0].figures.reuse == .exact(0.5))
    }

    @Test("A form has only what needs no escape, and the rest escaped")
    func form() {
        let request = FleetRequest.query(.names, "a{b=~\"é+ &%\"}[1m]", time: 1.0625, round: 1)
        #expect(request.form == "query=a%7Bb%3D~%22%C3%A9%2B%20%26%25%22%7D%5B1m%5D&time=1.063")
    }

    /// The CPU time of this thread, which other tests beside it do not lengthen.
    private static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test("Time grows with the instances and not with their square", .ordinarySpeed("it measures time"))
    func proportion() {
        func best(_ count: Int, of tries: Int) -> Double {
            let prometheus = FakePrometheus((0..<count).map { .own("i\($0)", version: "1") })
            return (0..<tries).map { _ in
                var machine = Self.machine()
                let start = Self.threadSeconds
                prometheus.play(&machine, at: 100)
                return Self.threadSeconds - start
            }.min() ?? 0
        }
        _ = best(10, of: 1)
        // Twenty times as long; more than a hundred times where each row walks over all instances.
        #expect(best(3000, of: 2) < best(150, of: 5) * 60)
    }

    @Test("A new value of a version leaves a mark, and more of the same none")
    func marks() {
        var machine = Self.machine()
        FakePrometheus([.own("a", version: "1"), .own("b", version: "1")]).play(&machine, at: 100)
        #expect(machine.fleet(at: 100).marks == [])
        FakePrometheus([.own("a", version: "1"), .own("b", version: "2")]).play(&machine, at: 110)
        FakePrometheus([.own("a", version: "2"), .own("b", version: "2"), .own("c", version: "2")])
            .play(&machine, at: 120)
        let mark = FleetMark(time: 110, job: "shop", label: "version", from: "1", to: "2")
        #expect(machine.fleet(at: 120).marks == [mark])
        // Back again.
        FakePrometheus([.own("a", version: "1"), .own("b", version: "1")]).play(&machine, at: 130)
        #expect(machine.fleet(at: 130).marks.map(\.to) == ["2", "1"])
    }

    @Test("Hosts are asked for only where somebody looks at them")
    func detail() throws {
        var machine = Self.machine()
        let prometheus = FakePrometheus([.own("a", version: "1"), .own("b", version: "1")])
        prometheus.play(&machine, at: 100)
        #expect(machine.fleet(at: 100).instances.allSatisfy { $0.hosts.isEmpty && $0.hostCount == 2 })
        machine.detail = .instance(InstanceID(job: "shop", instance: "b"))
        prometheus.play(&machine, at: 110)
        let fleet = machine.fleet(at: 110)
        #expect(fleet.instances.map(\.hosts.count) == [0, 2])
        let host = try #require(fleet.instances[1].hosts.first)
        #expect(
            host.figures.responseTime(.p50).value == 0.05 && fleet.instances[1].figures.responseTime(.p50).isUnknown)
        #expect(host.labels.map(\.name) == ["host", "server_address", "server_port", "url_scheme"])
        let history = try #require(machine.history(of: .host(fleet.instances[1].id, host.labels)))
        let query = history.requests.first?.items.first?.value ?? ""
        #expect(query.contains(#"job="shop",instance="b",host="h0",server_address="h0.local""#), "\(query)")
        #expect(history.requests.allSatisfy { $0.path == "api/v1/query_range" })
        #expect(
            host.name == "h0" && host.origin == "http://h0.local:80" && host.figures.requestsPerSecond == .exact(50))
    }

    @Test("Limits bound instances, hosts and questions")
    func limits() {
        var settings = FleetSettings()
        (settings.limits.instances, settings.limits.hosts, settings.limits.requests) = (3, 4, 400)
        var machine = Self.machine(settings)
        machine.detail = .all
        let prometheus = FakePrometheus((0..<5).map { .own("i\($0)", version: "1") })
        prometheus.play(&machine, at: 100)
        let fleet = machine.fleet(at: 100)
        #expect(fleet.instances.count == 3 && fleet.refused == 2)
        // There are ten hosts, which nobody asks for then.
        #expect(fleet.instances.allSatisfy { $0.hosts.isEmpty && $0.figures.requestsPerSecond == .exact(100) })
        #expect(fleet.problems.map(\.kind) == [.tooManyHosts(10, limit: 4)])
        #expect(!prometheus.asked.contains { $0.contains("server_address") && $0.contains("rate(") })
        settings.limits.requests = 2
        machine = Self.machine(settings)
        prometheus.play(&machine, at: 100)
        #expect(machine.isRoundOver && machine.fleet(at: 100).instances.count == 3)
    }
}
