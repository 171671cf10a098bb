import DNSWire

/// One input of a fuzzer: a DNS message as it came from the network.
struct DNSFuzzInput {
    private let bytes: [UInt8]

    init(_ input: some Collection<UInt8>) { bytes = Array(input) }

    /// The error found in the decoder; nil if there is none. Reads out of bounds trap by themselves.
    func complaint() -> String? {
        guard let message = try? Message(decoding: bytes), let asked = DomainName("www.test") else { return nil }
        _ = message.verdict(for: .query(id: message.id, name: asked, type: .a))
        // A decoded message can be encoded, and decodes to the same message again.
        guard let again = try? Message(decoding: message.encoded()) else { return "unreadable once written: \(bytes)" }
        return again.answers.count == message.answers.count ? nil : "answers got lost: \(bytes)"
    }
}
