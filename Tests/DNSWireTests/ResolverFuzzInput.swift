import DNSWire

/// One input of a fuzzer: the texts of resolv.conf and hosts, with a zero byte between them.
struct ResolverFuzzInput {
    private let texts: [String]

    init(_ input: some Collection<UInt8>) {
        texts = Array(input).split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The error found in the reader of the files; nil if there is none. Reads out of bounds trap by themselves.
    func complaint() -> String? {
        let configuration = ResolverConfiguration(resolvConf: texts[0], hosts: texts.last ?? "")
        guard (1...3).contains(configuration.servers.count), configuration.search.count <= 32,
            (0...15).contains(configuration.ndots), (1...30).contains(configuration.timeoutSeconds),
            (1...5).contains(configuration.attempts)
        else { return "out of its limits: \(configuration)" }
        for server in configuration.servers where DNSServerAddress(server.description) != server {
            return "\(server) does not read as itself"
        }
        let words = texts.flatMap { $0.split { $0.isWhitespace }.prefix(8).map(String.init) }
        for word in words + ["a.onion", "www", "localhost"] {
            if let complaint = Self.complaint(of: word, configuration) { return complaint }
        }
        return nil
    }

    private static func complaint(of name: String, _ configuration: ResolverConfiguration) -> String? {
        let known = configuration.hosts.lookup(name) ?? []
        if known.count > HostsFile.maximumAddressesPerName { return "\(known.count) addresses of one name" }
        for address in known where IPAddress(address.description) != address {
            return "\(address) does not read as itself"
        }
        var machine = ResolverMachine(configuration: configuration)
        var effects: [ResolverMachine.Effect] = []
        var random = Counter()
        machine.handle(.lookupRequested(0, name: name, limit: 1000), now: 0, using: &random, into: &effects)
        machine.tick(1000, using: &random, into: &effects)
        var completions = 0
        for effect in effects {
            switch effect {
            case .sendDatagram(_, _, _, let bytes), .sendStream(_, _, let bytes):
                guard let message = try? Message(decoding: bytes), let asked = message.questions.first else {
                    return "a query that cannot be read, for \(name)"
                }
                if SpecialUseName(asked.name) != nil { return "\(asked.name) left, asked for as \(name)" }
            case .complete: completions += 1
            case .stopListening: continue
            }
        }
        return completions == 1 ? nil : "\(name) ended \(completions) times"
    }

    private struct Counter: RandomNumberGenerator {
        private var state: UInt64 = 0
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return state
        }
    }
}
