import Glibc

/// The kernel's random numbers, fetched 32 words at a time: a query needs sixteen bits, and a call of the kernel for
/// each would cost more than the rest of building it.
struct SystemRandomWords: RandomNumberGenerator {
    private var words = [UInt64](repeating: 0, count: 32)
    private var used = 32

    mutating func next() -> UInt64 {
        if used == words.count { refill() }
        defer {
            // Words that were returned are not left in memory.
            words[used] = 0
            used += 1
        }
        return words[used]
    }

    private mutating func refill() {
        used = 0
        // 256 bytes are the most that one call gives.
        let failure = words.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { getentropy($0, bytes.count) } ?? -1
        }
        if failure == 0 { return }
        var system = SystemRandomNumberGenerator()
        for index in words.indices { words[index] = system.next() }
    }
}
