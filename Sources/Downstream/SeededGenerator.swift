#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// SplitMix64: small, fast, and the same on every platform, so that a seed reproduces a run.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// `stream` gives each use an independent sequence, so that an additional draw in one does not shift the others.
    package init(seed: UInt64, stream: String) {
        // FNV-1a, because Swift's own hash is seeded per process. The seed is mixed before the two are combined,
        // because similar seeds and streams would otherwise cancel out.
        state = seed
        let mixed = next()
        state = mixed ^ stream.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Uniform in [0, 1).
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Standard normal (Box–Muller; the second value is discarded to keep the state a single word).
    package mutating func normal() -> Double {
        let radius = (-2 * log(1 - unit())).squareRoot()
        return radius * cos(2 * .pi * unit())
    }
}

extension Latency {
    /// Nanoseconds until the response begins. Log-normal draws are limited to 3.5 standard deviations (1 in 4,300), so
    /// that a slow draw cannot be mistaken for a stall.
    package func draw(_ generator: inout SeededGenerator) -> Int64 {
        switch self {
        case .none: return 0
        case .constant(let seconds): return Int64(seconds * 1e9)
        case .logNormal(let p50Seconds, let p95Seconds):
            // 1.645 is the 95 % quantile of the standard normal.
            let deviation = log(p95Seconds / p50Seconds) / 1.6448536269514722
            let drawn = min(max(generator.normal(), -3.5), 3.5)
            return Int64(p50Seconds * exp(deviation * drawn) * 1e9)
        }
    }
}
