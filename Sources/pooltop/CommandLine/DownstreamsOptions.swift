import ArgumentParser

/// What `pooltop downstreams` shall do.
struct DownstreamsPlan: Sendable, Equatable {
    var json = false
    /// Of every random choice.
    var seed: UInt64
    /// The first downstream's port, each further one the next; nil: ports that are free.
    var firstPort: Int?
    /// nil: a port that is free.
    var dnsPort: Int?
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

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Port of the first downstream; the others take the next ones. Default: free ones.", valueName: "N"))
    var firstPort: String?

    @Option(
        name: .customLong("dns-port"), parsing: .unconditional,
        help: ArgumentHelp("Port of the DNS server, UDP and TCP. Default: a free one.", valueName: "N"))
    var dnsPort: String?

    func plan(randomSeed: UInt64 = .random(in: 1...999_999)) throws(CommandLineError) -> DownstreamsPlan {
        var plan = DownstreamsPlan(seed: try read(seed, "--seed", SeedText.parse)?.value ?? randomSeed)
        if let format {
            guard format == "text" || format == "json" else {
                throw Source.option("--format").error("unknown format '\(format)'", allowed: "text, json")
            }
            plan.json = format == "json"
        }
        plan.firstPort = try read(firstPort, "--first-port", PortText.parse)?.value
        plan.dnsPort = try read(dnsPort, "--dns-port", PortText.parse)?.value
        let last = (plan.firstPort ?? 1) + PlanAssembly.bundledNames.count - 1
        if let first = plan.firstPort {
            guard last <= 65535 else {
                throw Source.option("--first-port").error("\(first) leaves no room for the downstreams after it")
            }
            // One address each could share a port, but a person reading two equal ports would not know that.
            if let dnsPort = plan.dnsPort, (first...last).contains(dnsPort) {
                throw Source.option("--dns-port").error(
                    "\(dnsPort) is one of the downstreams' ports, \(first) to \(last)")
            }
        }
        return plan
    }
}
