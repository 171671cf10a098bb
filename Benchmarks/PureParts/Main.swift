/// Times the parts of pooltop that do no I/O, each beside its goal:
///
///     swift run -c release pure-parts [--quick] [NAME …]
///
/// A NAME keeps the benchmarks whose name has it in it. Nothing fails here for being slow: times depend on the machine.
@main
struct PureParts {
    static func main() {
        var names = Array(CommandLine.arguments.dropFirst())
        let isQuick = names.contains("--quick")
        names.removeAll { $0 == "--quick" }
        #if DEBUG
            print("built without optimisation: these figures mean nothing (swift run -c release pure-parts)")
        #endif
        let harness = Harness(repetitions: isQuick ? 3 : 15, seconds: isQuick ? 0.01 : 0.1)
        Harness.showHeader()
        // Made one by one, so that only one of the large machines is in memory at a time.
        for make in poolBenchmarks + parserBenchmarks + dnsBenchmarks + snapshotBenchmarks + frameBenchmarks {
            guard names.isEmpty || names.contains(where: { make.name.contains($0) }) else { continue }
            harness.run(make.benchmark())
        }
        if names.isEmpty || names.contains(where: { HostMemory.name.contains($0) }) { HostMemory.show() }
    }
}

/// A benchmark that is yet to be set up.
struct Maker: Sendable {
    var name: String
    var make: @Sendable (String) -> Benchmark

    init(_ name: String, _ make: @escaping @Sendable (String) -> Benchmark) {
        self.name = name
        self.make = make
    }

    func benchmark() -> Benchmark { make(name) }
}
