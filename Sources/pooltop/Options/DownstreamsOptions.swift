import ArgumentParser
import SessionConfig

/// The plan of `pooltop downstreams`.
struct DownstreamsPlan: Sendable, Equatable {
    var json = false
    /// The seed of every random choice.
    var seed: UInt64
}

/// All options of `pooltop downstreams`.
struct DownstreamsOptions: ParsableArguments {
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
        return plan
    }
}
