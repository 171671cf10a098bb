import Foundation
import Testing

/// Damaged messages: nothing traps, every read is consumed or refused, and where the reads cut the bytes makes no
/// difference. (That no read leaves its bounds, and that each step makes progress, `Reader` and the span check.)
///
/// `HTTP1_SEED=n` runs the one mutant of that number; `HTTP1_MUTANTS=n` sets how many a block has. A trap ends the
/// process: the block that was started last, times its size, is where to look.
@Suite(.serialized) struct MutationTests {
    private static let blocks = 25

    @Test("Splitting damaged input makes no difference", arguments: 0..<blocks)
    func splitsMakeNoDifference(_ block: Int) {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["HTTP1_SEED"].flatMap(UInt64.init) {
            if block == 0 { check(seed) }
            return
        }
        let size = environment["HTTP1_MUTANTS"].flatMap(UInt64.init) ?? 1000
        let first = UInt64(block) * size
        for seed in first..<(first + size) {
            guard check(seed) else { return }
        }
    }

    @discardableResult
    private func check(_ seed: UInt64) -> Bool {
        let mutant = Mutant(seed: seed)
        let whole = parse(mutant.bytes, mutant.feed)
        let cut = parse(mutant.bytes, cuts: mutant.cuts, mutant.feed)
        #expect(cut == whole, "HTTP1_SEED=\(seed): \(mutant)")
        guard cut == whole else { return false }
        guard seed % 8 == 0 else { return true }
        let byteByByte = parse(mutant.bytes, cuts: Array(mutant.bytes.indices), mutant.feed)
        #expect(byteByByte == whole, "byte by byte, HTTP1_SEED=\(seed): \(mutant)")
        var plain = mutant.feed
        plain.keepsHead = false
        let withoutFields = parse(mutant.bytes, plain)
        #expect(withoutFields == whole.filter { !$0.isFields }, "without fields, HTTP1_SEED=\(seed): \(mutant)")
        return byteByByte == whole
    }
}

extension Found {
    fileprivate var isFields: Bool {
        guard case .fields = self else { return false }
        return true
    }
}
