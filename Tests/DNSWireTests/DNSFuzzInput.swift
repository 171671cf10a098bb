import DNSWire

/// One input of a fuzzer: a DNS message as it came from the network.
struct DNSFuzzInput {
    private let bytes: [UInt8]

    init(_ input: some Collection<UInt8>) { bytes = Array(input) }

    /// What is wrong with the decoder; nil: nothing. It traps on its own where it reads astray.
    func complaint() -> String? {
        guard let message = try? Message(decoding: bytes), let asked = DomainName("www.test") else { return nil }
        _ = message.verdict(for: .query(id: message.id, name: asked, type: .a))
        // What was read can be written, and what was written reads as the same again.
        guard let again = try? Message(decoding: message.encoded()) else { return "unreadable once written: \(bytes)" }
        return again.answers.count == message.answers.count ? nil : "answers got lost: \(bytes)"
    }
}
