import ArgumentParser
import Downstream
import SessionConfig

/// The plan of `pooltop downstreams`.
struct DownstreamsPlan: Sendable, Equatable {
    var json = false
    /// The seed of every random choice.
    var seed: UInt64
    /// In the order of the set that they are of.
    var scenarios = [Scenario].bundled
}

/// All options of `pooltop downstreams`.
struct DownstreamsOptions: ParsableArguments {
    @Flag(help: "Run the sick ones instead: one for each way in which a downstream can fail.")
    var sick = false

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Run only this one. Repeatable. Default: all of them.", valueName: "NAME"))
    var only: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How the endpoints are printed: text or json. Default: text.", valueName: "F"),
        completion: .list(["text", "json"]))
    var format: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Seed of every random choice. Default: drawn, and reported.", valueName: "N"))
    var seed: String?

    func plan(randomSeed: UInt64 = .random(in: 1...999_999)) throws(CommandLineError) -> DownstreamsPlan {
        var plan = DownstreamsPlan(seed: try read(seed, "--seed", SeedText.parse)?.value ?? randomSeed)
        plan.json = try FormatText.isJSON(format)
        plan.scenarios = try chosen(of: sick ? .sick : .bundled)
        return plan
    }

    private func chosen(of scenarios: [Scenario]) throws(CommandLineError) -> [Scenario] {
        let names = scenarios.map(\.name)
        for name in only where !names.contains(name) {
            throw Source.option("--only").error(NearestName.problem(kind: "downstream", name: name, among: names))
        }
        return only.isEmpty ? scenarios : scenarios.filter { only.contains($0.name) }
    }
}
