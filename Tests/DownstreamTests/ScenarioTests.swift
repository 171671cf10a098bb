import Foundation
import Testing

@testable import Downstream

@Suite struct ScenarioTests {
    private static let rates = "a rate, or the sum of all,"

    @Test("The seven scenarios are valid and survive JSON")
    func theSevenAreValidAndSurviveJSON() throws {
        #expect(
            [Scenario].bundled.map(\.name) == [
                "catalog", "search", "payments", "legacy", "ledger", "images", "flaky",
            ])
        for scenario in [Scenario].bundled {
            try scenario.validate()
            let bytes = try JSONEncoder().encode(scenario)
            #expect(try JSONDecoder().decode(Scenario.self, from: bytes) == scenario)
        }
    }

    @Test("Missing fields have their defaults")
    func whatIsNotSaidIsTheDefault() throws {
        let scenario = try JSONDecoder().decode(Scenario.self, from: Data(#"{"name":"mine"}"#.utf8))
        #expect(scenario == Scenario(name: "mine"))
        #expect(scenario.hostName == "mine.pooltop.test")
    }

    @Test("An invalid field is refused by name")
    func nonsenseIsRefusedByName() {
        let wrong: [(String, (inout Scenario) -> Void)] = [
            ("bodyBytes", { $0.bodyBytes = -1 }),
            ("requestsPerConnection", { $0.requestsPerConnection = 0 }),
            ("idleLimitSeconds", { $0.idleLimitSeconds = 0 }),
            (Self.rates, { $0.resetRate = 1.1 }),
            (Self.rates, { $0.hangRate = -0.1 }),
            (
                Self.rates,
                {
                    $0.unsolicitedRate = 0.75
                    $0.statusRates = [.init(status: 404, rate: 0.5)]
                }
            ),
            ("statusRates", { $0.statusRates = [.init(status: 199, rate: 0.5)] }),
            ("dribble", { $0.dribble = .init(bytes: 0, everySeconds: 1) }),
            ("dribble", { $0.dribble = .init(bytes: 1, everySeconds: 0) }),
            ("nameAnswers", { $0.nameAnswers = .outage(afterSeconds: -1) }),
            ("refusingAddresses, silentAddresses", { $0.refusingAddresses = ["127.0.0.2"] }),
            (
                "refusingAddresses, silentAddresses",
                {
                    $0.refusingAddresses = $0.addresses
                    $0.silentAddresses = $0.addresses
                }
            ),
            ("latency", { $0.latency = .logNormal(p50Seconds: 0.2, p95Seconds: 0.1) }),
            ("addresses", { $0.addresses = [] }),
        ]
        for (field, change) in wrong {
            #expect(throws: ScenarioError.invalidValue(scenario: "x", field: field)) {
                try Scenario.plain("x", change).validate()
            }
        }
        #expect(throws: ScenarioError.invalidAddress(scenario: "x", address: "192.0.2.1")) {
            try Scenario.plain("x") { $0.addresses = ["192.0.2.1"] }.validate()
        }
    }

    @Test("Log-normal latency has the given quantiles")
    func logNormalLatencyHasItsQuantiles() {
        var generator = SeededGenerator(seed: 7, stream: "test")
        let latency = Latency.logNormal(p50Seconds: 0.040, p95Seconds: 0.080)
        let drawn = (0..<20_000).map { _ in latency.draw(&generator) }.sorted()
        func quantile(_ share: Double) -> Double { Double(drawn[Int(share * Double(drawn.count))]) / 1e6 }
        #expect(abs(quantile(0.5) - 40) < 1)
        #expect(abs(quantile(0.95) - 80) < 2.5)
        #expect(abs(quantile(0.05) - 20) < 1)
        #expect(Double(drawn[drawn.count - 1]) / 1e6 < 180)
    }

    @Test("The seed determines the draws, and streams are independent")
    func theSeedDecidesAndStreamsAreApart() {
        func draws(_ seed: UInt64, _ stream: String) -> [UInt64] {
            var generator = SeededGenerator(seed: seed, stream: stream)
            return (0..<8).map { _ in generator.next() }
        }
        #expect(draws(1, "a") == draws(1, "a"))
        #expect(Set(draws(1, "a") + draws(2, "a") + draws(1, "b")).count == 24)
    }
}
