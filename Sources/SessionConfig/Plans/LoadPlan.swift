package import PlainDocuments
package import PoolModel

/// The load that the traffic generator produces.
package struct LoadPlan: Sendable, Equatable {
    package enum Shape: Sendable, Equatable {
        /// Open loop at one rate, in requests a second over all targets.
        case rate(perSecond: Double, Arrivals)
        /// Open loop along a plan; never empty.
        case steps([RateStep], Arrivals)
        /// Closed loop: this many requests in flight.
        case concurrency(Int)
    }

    /// The rate of the story that the bundled downstreams tell: 200,000 requests a minute.
    static let defaultRate = 200_000.0 / 60
    static let defaultArrivals = Arrivals.batched
    /// Measured time of a headless run where nothing sets an end: long enough for a steady state, short enough to wait
    /// for.
    package static let headlessDuration = Duration.seconds(10)
    package static let concurrencies = 1...1_000_000

    package var shape = Shape.rate(perSecond: defaultRate, defaultArrivals)
    /// How long to measure, warm-up not included; for steps their sum. nil: until stopped, or until `requests` are done.
    package var duration: Duration?
    /// How many requests to measure, warm-up not included; nil: no limit.
    package var requests: Int?
    /// Load before the measuring begins, left out of every count and latency. With steps it runs at their first rate.
    package var warmUp = Duration.zero

    var isOpenLoop: Bool {
        if case .concurrency = shape { false } else { true }
    }

    /// Warm-up and measured time together; nil: until stopped, or until `requests` are done.
    package var totalDuration: Duration? { duration.map { $0 + warmUp } }

    /// Requests a second at a time after the start of the load, warm-up included; nil for a closed loop. After the last
    /// step its final rate goes on.
    package func targetPerSecond(at elapsed: Duration) -> Double? {
        switch shape {
        case .rate(let perSecond, _): return perSecond
        case .concurrency: return nil
        case .steps(let steps, _):
            var left = max(.zero, elapsed - warmUp)
            for step in steps {
                if left < step.duration { return step.from + (step.to - step.from) * (left / step.duration) }
                left -= step.duration
            }
            return steps.last?.to
        }
    }
}

/// The text of `--plan`: steps `DURATION@RATE`, joined by commas.
///
/// `~` makes a ramp. `1m@50~200` goes from 50 to 200 during that minute; `1m@~200` starts at the rate of the step before;
/// between two steps in place of the comma, as in `30s@50~1m@200`, it makes the second one such a ramp.
package enum RatePlanText {
    package static let examples = "30s@50,1m@200, a ramp 1m@50~200, 30s@50,1m@~200"

    package static func parse(_ text: String) throws(TextProblem) -> [RateStep] {
        var steps: [RateStep] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            for piece in pieces(of: part) { steps.append(try step(piece, after: steps.last, in: text)) }
            guard steps.count <= PlanLimits.steps else { throw TextProblem("has more than \(PlanLimits.steps) steps") }
        }
        guard steps.contains(where: { $0.from > 0 || $0.to > 0 }) else {
            throw TextProblem("'\(text)' plans no request", allowed: examples)
        }
        return steps
    }

    package static func format(_ steps: [RateStep]) -> String {
        let texts = steps.map { step in
            let rate = step.from == step.to ? "" : "~\(RateText.format(step.to))"
            return "\(DurationText.format(step.duration))@\(RateText.format(step.from))\(rate)"
        }
        return texts.joined(separator: ",")
    }

    /// Cuts `30s@50~1m@200` into `30s@50` and `1m@~200`: a `~` that is followed by another `@` stands for a comma.
    private static func pieces(of part: Substring) -> [String] {
        var pieces: [String] = []
        for item in part.split(separator: "~", omittingEmptySubsequences: false) {
            if let last = pieces.last, let at = item.firstIndex(of: "@"), last.contains("@") {
                pieces.append(String(item[...at]) + "~" + String(item[at...].dropFirst()))
            } else if let last = pieces.popLast() {
                pieces.append(last + "~" + String(item))
            } else {
                pieces.append(String(item))
            }
        }
        return pieces
    }

    private static func step(_ piece: String, after last: RateStep?, in text: String) throws(TextProblem) -> RateStep {
        let parts = piece.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw TextProblem("'\(text)' is not a plan", allowed: examples) }
        let duration = try DurationText.parse(parts[0])
        guard duration > .zero else { throw TextProblem("'\(text)' has a step of no length", allowed: examples) }
        let rates = parts[1].split(separator: "~", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(rates.count) else { throw TextProblem("'\(text)' is not a plan", allowed: examples) }
        if rates.count == 1 {
            let rate = try RateText.parse(rates[0])
            return RateStep(duration: duration, from: rate, to: rate)
        }
        if rates[0].isEmpty {
            guard let last else { throw TextProblem("'\(text)' ramps from nowhere: no step comes before its first") }
            return RateStep(duration: duration, from: last.to, to: try RateText.parse(rates[1]))
        }
        return RateStep(duration: duration, from: try RateText.parse(rates[0]), to: try RateText.parse(rates[1]))
    }
}
