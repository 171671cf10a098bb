import Foundation
import TestSupport
import Testing

@testable import FleetCore

/// A real Prometheus, for half a minute. With POOLTOP_RECORD_FLEET=1 its answers become the tape of the other tests.
@Suite(
    "A fleet of a real Prometheus",
    .enabled(
        if: LiveFleet.prometheusPath != nil && ProcessInfo.processInfo.environment["POOLTOP_LIVE_FLEET"] != nil,
        "POOLTOP_LIVE_FLEET is not set, or prometheus is not installed"))
struct LiveFleetTests {
    @Test("Rates are those of the services, and a service that ends is gone")
    func live() async throws {
        let live = try LiveFleet()
        do { try await watch(live) } catch {
            await live.end()
            throw error
        }
        await live.end()
    }

    private func watch(_ live: LiveFleet) async throws {
        var machine = FleetMachine(settings: try FleetScenario.settings())
        var tape = FleetTape()
        machine.detail = .all
        func play(_ machine: inout FleetMachine) -> Fleet {
            let begin = Date().timeIntervalSince1970
            FleetTape.play(&machine, from: begin, to: begin + 0.1) { request in
                let answer = live.get(request)
                if let answer {
                    tape.answers.append(
                        .init(
                            round: tape.rounds.count, question: FleetTape.name(request.question),
                            status: answer.status, body: String(decoding: answer.body, as: UTF8.self)))
                }
                return answer
            }
            tape.rounds.append(.init(begin: begin, end: begin + 0.1))
            return machine.fleet(at: begin + 0.1)
        }
        try await Task.sleep(for: .seconds(16))
        try FleetScenario.expectSteady(play(&machine))
        live.kill("c")
        try live.deploy()
        try await Task.sleep(for: .seconds(15))
        try FleetScenario.expectChanged(play(&machine))

        var history = try #require(machine.history(of: .total))
        var samples = try #require(machine.samplesRequest(of: InstanceID(job: "shop", instance: "a:9464"), seconds: 60))
        samples.round = machine.round
        for request in history.requests + [samples] {
            let answer = try #require(live.get(request))
            tape.answers.append(
                .init(
                    round: tape.rounds.count, question: FleetTape.name(request.question), status: answer.status,
                    body: String(decoding: answer.body, as: UTF8.self)))
            history.receive(FleetTape.read(answer), to: request)
        }
        #expect(history.isComplete && history.points.count > 10)

        var later = FleetMachine(settings: try FleetScenario.settings())
        _ = play(&later)
        try FleetScenario.expectLate(later.fleet(at: tape.rounds[2].end))
        if ProcessInfo.processInfo.environment["POOLTOP_RECORD_FLEET"] != nil { try tape.write() }
    }
}
