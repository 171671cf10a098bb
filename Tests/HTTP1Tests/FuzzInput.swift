import HTTP1

/// One input of a fuzzer: two bytes that say how the stream is fed, and the stream.
struct FuzzInput {
    private let bytes: [UInt8]
    private let feed: Feed
    /// The reads are this long.
    private let stride: Int

    init(_ input: some Collection<UInt8>) {
        let (flags, cut) = (input.first ?? 0, input.dropFirst().first ?? 0)
        bytes = Array(input.dropFirst(2))
        stride = Int(cut % 32) + 1
        var feed = Feed()
        feed.kind = [.ordinary, .head, .connect, .ordinary][Int(flags & 3)]
        feed.ending = Ending.allCases[Int(flags >> 2 & 3) % 3]
        feed.keepsHead = flags & 16 != 0
        feed.requests = Int(flags >> 5 & 3)
        self.feed = feed
    }

    /// The error found in the parser; nil if there is none. Reads out of bounds trap by themselves.
    func complaint() -> String? {
        let whole = parse(bytes, feed)
        let cuts = Array(Swift.stride(from: stride, to: max(stride, bytes.count), by: stride))
        guard parse(bytes, cuts: cuts, feed) == whole else { return "reads of \(stride) bytes differ: \(text(bytes))" }
        var plain = feed
        plain.keepsHead = false
        let withoutFields = whole.filter { if case .fields = $0 { false } else { true } }
        guard parse(bytes, plain) == withoutFields else { return "keeping the head differs: \(text(bytes))" }
        return nil
    }
}
