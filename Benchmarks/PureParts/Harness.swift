#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The target for a figure.
struct Goal {
    enum Sense { case atMost, atLeast }

    var sense: Sense
    var value: Double

    static func atMost(_ value: Double) -> Goal { Goal(sense: .atMost, value: value) }
    static func atLeast(_ value: Double) -> Goal { Goal(sense: .atLeast, value: value) }

    func isMet(by figure: Double) -> Bool {
        switch sense {
        case .atMost: figure <= value
        case .atLeast: figure >= value
        }
    }
}

/// How the time of one operation is shown.
enum Unit: String {
    case nanoseconds = "ns"
    case microseconds = "us"
    /// Computed from `bytesPerOperation`.
    case gigabytesPerSecond = "GB/s"
}

/// One thing to be timed: `work` does it so many times and says how many it has done. A measurement in which that is
/// another number than what was asked for is no measurement.
struct Benchmark {
    var name: String
    var unit: Unit
    var goal: Goal?
    var bytesPerOperation = 0
    var work: (_ count: Int) -> Int

    func figure(seconds: Double, count: Int) -> Double {
        switch unit {
        case .nanoseconds: seconds / Double(count) * 1e9
        case .microseconds: seconds / Double(count) * 1e6
        case .gigabytesPerSecond: Double(bytesPerOperation * count) / seconds / 1e9
        }
    }
}

/// Times benchmarks: warm-up, then repetitions of at least `seconds` each.
struct Harness {
    var repetitions: Int
    var seconds: Double

    func run(_ benchmark: Benchmark) {
        let count = calibrated(benchmark)
        for _ in 0..<2 { _ = time(benchmark, count) }
        let figures = (0..<repetitions).map { _ in
            benchmark.figure(seconds: time(benchmark, count), count: count)
        }.sorted()
        show(benchmark, least: figures[0], median: figures[figures.count / 2], most: figures[figures.count - 1])
    }

    /// How many operations fill a repetition.
    private func calibrated(_ benchmark: Benchmark) -> Int {
        var count = 1
        while true {
            let elapsed = time(benchmark, count)
            if elapsed >= seconds { return count }
            count *= elapsed < seconds / 100 ? 10 : 2
        }
    }

    private func time(_ benchmark: Benchmark, _ count: Int) -> Double {
        let start = cpuSeconds()
        let done = benchmark.work(count)
        let elapsed = cpuSeconds() - start
        precondition(done == count, "\(benchmark.name): \(done) of \(count) operations were done")
        return elapsed
    }

    /// CPU time of this thread, so that what else the machine does counts less.
    private func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func showHeader() {
        print(padded("", 52), "     min   median      max        goal")
    }

    private func show(_ benchmark: Benchmark, least: Double, median: Double, most: Double) {
        var line = padded(benchmark.name, 52)
        for figure in [least, median, most] { line += " " + aligned(figure) }
        line += " " + padded(benchmark.unit.rawValue, 5)
        if let goal = benchmark.goal {
            line += goal.sense == .atMost ? "≤ " : "≥ "
            line += shortened(goal.value) + (goal.isMet(by: median) ? "  within" : "  NOT within")
        }
        print(line)
    }
}

private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

private func aligned(_ value: Double) -> String {
    let text = rounded(value)
    return String(repeating: " ", count: max(0, 8 - text.count)) + text
}

private func shortened(_ value: Double) -> String {
    value == value.rounded() ? String(Int(value)) : String(value)
}

/// Three digits or so.
private func rounded(_ value: Double) -> String {
    let decimals = value < 10 ? 100 : value < 100 ? 10 : 1
    let scaled = Int((value * Double(decimals)).rounded())
    guard decimals > 1 else { return String(scaled) }
    let fraction = String(scaled % decimals)
    let zeros = String(repeating: "0", count: (decimals == 100 ? 2 : 1) - fraction.count)
    return "\(scaled / decimals).\(zeros)\(fraction)"
}
