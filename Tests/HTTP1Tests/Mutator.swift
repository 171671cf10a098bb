import HTTP1

/// The generator of Steele, Lea and Flood (2014): a seed is all its state, so a failure is replayed by its number.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &self) }
}

/// A damaged message and the way in which it is fed, all out of one number.
struct Mutant: CustomStringConvertible {
    var bytes: [UInt8]
    var feed: Feed
    var cuts: [Int]

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let origin = Self.origins[random.below(Self.origins.count)]
        bytes = origin.bytes
        feed = origin.feed
        for _ in 0..<(1 + random.below(4)) { Self.damage(&bytes, &random) }
        if random.below(4) == 0 { feed.kind = [.ordinary, .head, .connect][random.below(3)] }
        if random.below(2) == 0 { feed.requests = random.below(4) }
        feed.ending = Ending.allCases[random.below(3)]
        feed.keepsHead = random.below(2) == 0
        // Small limits, so that they are met, and met at every place in a message.
        if random.below(2) == 0 {
            feed.limits = ResponseParser.Limits(
                headBytes: random.below(160), fields: random.below(6), informational: random.below(3),
                chunkExtensionBytes: random.below(12))
        }
        let count = bytes.count
        cuts = (0..<random.below(6)).map { _ in random.below(count + 1) }.sorted()
    }

    var description: String {
        "\(feed.requests) × \(feed.kind), \(feed.limits), \(feed.ending), cut at \(cuts): \(text(bytes))"
    }

    /// The long ones would take most of the time, and their middle is all the same.
    private static let origins: [(bytes: [UInt8], feed: Feed)] =
        ValidCorpus.all.map { ($0.bytes, $0.feed) }
        + HostileCorpus.all.filter { $0.bytes.count < 500 }.map { ($0.bytes, $0.feed) }

    private static let tokens: [[UInt8]] = [
        "\n", "\n\n", "\u{240D}", "\u{240A}", "\0", " ", "\t", ":", ",", ";", "\"", "0", "7", "f", "-", "+", "\u{FF}",
        "HTTP/1.1 200 OK\n", "HTTP/1.0 200 OK\n", "HTTP/1.1 100 Continue\n\n", "HTTP/1.1 101 x\n", "HTTP/1.1 204 x\n\n",
        "Content-Length: 5\n", "Content-Length: 0\n", "Transfer-Encoding: chunked\n", "Connection: close\n",
        "Connection: keep-alive\n", "Keep-Alive: timeout=5, max=3\n", "chunked", "close", "0\n\n", "5\nhello\n",
        "1;x=y\na\n", "20000000000000\n", "\n folded\n", "A : b\n",
    ].map(message)

    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let place = random.below(bytes.count + 1)
        let end = min(bytes.count, place + 1 + random.below(12))
        switch random.below(8) {
        case 0 where place < bytes.count:
            bytes[place] ^= 1 << UInt8(random.below(8))
        case 1 where place < bytes.count:
            bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 2:
            bytes.removeSubrange(place..<end)
        case 3:
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: random.below(bytes.count + 1))
        case 4:
            bytes.removeSubrange(place...)
        case 5:
            let other = origins[random.below(origins.count)].bytes
            bytes.replaceSubrange(place..., with: other[random.below(other.count)...])
        default:
            let token = tokens[random.below(tokens.count)]
            bytes.replaceSubrange(place..<(random.below(2) == 0 ? place : end), with: token)
        }
    }
}
