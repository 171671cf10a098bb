import Foundation

/// Inputs made of kept ones by small changes, as a fuzzer makes them that nothing guides: a little of it in every run of the
/// tests. The same seed makes the same ones.
///
/// `POOLTOP_TEST_MUTATIONS` says how many; 500 where it is not set.
package struct Mutations: Sequence, IteratorProtocol {
    private let kept: [[UInt8]]
    private var generator: Numbers
    private var left: Int

    private static let most = 4096
    /// Bytes that end, separate or begin something in one of the formats.
    private static let marks: [UInt8] = [0, 9, 10, 13, 27, 32, 58, 59, 91, 126, 127, 128, 255]

    package init(of kept: [[UInt8]], seed: UInt64) {
        self.kept = kept
        generator = Numbers(state: seed)
        left = ProcessInfo.processInfo.environment["POOLTOP_TEST_MUTATIONS"].flatMap { Int($0) } ?? 500
    }

    package mutating func next() -> [UInt8]? {
        guard left > 0, var bytes = kept.randomElement(using: &generator) else { return nil }
        left -= 1
        for _ in 0..<Int.random(in: 1...4, using: &generator) { change(&bytes) }
        return Array(bytes.prefix(Self.most))
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let start = Int.random(in: 0...bytes.count, using: &generator)
        let end = Int.random(in: start...Swift.min(bytes.count, start + 64), using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: for index in start..<end { bytes[index] = UInt8.random(in: .min ... .max, using: &generator) }
        case 1: bytes.removeSubrange(start..<end)
        case 2: bytes.insert(contentsOf: bytes[start..<end], at: start)
        case 3: bytes.insert(contentsOf: slice(), at: start)
        case 4: bytes.insert(Self.marks.randomElement(using: &generator) ?? 0, at: start)
        default: if start < bytes.count { bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
        }
    }

    private mutating func slice() -> [UInt8] {
        guard let other = kept.randomElement(using: &generator), !other.isEmpty else { return [] }
        let start = Int.random(in: 0..<other.count, using: &generator)
        return Array(other[start..<Swift.min(other.count, start + Int.random(in: 1...256, using: &generator))])
    }

    /// SplitMix64.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }
}
