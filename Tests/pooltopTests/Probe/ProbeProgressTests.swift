import Testing

@testable import Prober

@Suite struct ProbeProgressTests {
    private let now = ContinuousClock.now

    private func text(_ steps: [ProbeStep], counts: [Int?] = [nil, nil, nil]) -> String {
        ProbeProgress.text(names: Array(["a", "b", "c"].prefix(steps.count)), steps: steps, counts: counts, now: now)
    }

    @Test("A single probe shows its current step")
    func oneProbeSaysWhatItDoes() {
        #expect(text([.waiting]) == "a")
        #expect(text([.opening(2, of: 5)]) == "a: new connection 2 of 5")
        #expect(
            text([.holding(until: now + .milliseconds(61_500))], counts: [1234])
                == "a: at most 62s more (^C ends it), holding idle connections, 1,234 requests on one")
        #expect(
            text([.holding(until: now - .seconds(1))]) == "a: at most 0s more (^C ends it), holding idle connections")
        #expect(text([.finishing], counts: [7]) == "a: finishing, 7 requests on one")
    }

    @Test("Several probes are counted")
    func severalProbesAreCounted() {
        let steps: [ProbeStep] = [.done, .holding(until: now + .seconds(5)), .holding(until: now + .seconds(9))]
        #expect(text(steps) == "at most 9s more (^C ends it), 1 of 3 done, 2 holding idle connections")
        #expect(text([.done, .finishing, .waiting]) == "1 of 3 done, 0 holding idle connections")
    }

    @Test("Requests are counted in parallel with everything else")
    func requestsAreCountedBesideEverythingElse() {
        let progress = ProbeProgress(names: ["a"])
        progress.report(.opening(5, of: 5), of: 0)
        progress.report(.holding(until: now + .seconds(3)), of: 0)
        progress.report(.counting(9, of: 1000), of: 0)
        #expect(
            progress.text(now: now) == "a: at most 3s more (^C ends it), holding idle connections, 9 requests on one")
    }
}
