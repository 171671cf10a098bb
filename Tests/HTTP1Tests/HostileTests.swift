import Testing

/// Input as sent by attackers and broken servers.
@Suite struct HostileTests {
    @Test("Each hostile input has the expected outcome", arguments: HostileCorpus.all)
    func outcome(_ hostile: Hostile) {
        let found = parse(hostile.bytes, hostile.feed)
        #expect(found.map(\.description).joined(separator: " ") == hostile.outcome)
    }
}
