import ArgumentParser
import SessionConfig

/// How names become addresses.
struct DNSOptions: ParsableArguments {
    @OptionGroup var settings: SectionOptions<DNSSettingSection>

    @OptionGroup var source: NameSourceOptions

    func fill(_ draft: inout PlanDraft) throws(CommandLineError) {
        try settings.fill(&draft)
        try source.fill(&draft)
    }
}

/// Who is asked for addresses.
struct NameSourceOptions: ParsableArguments {
    @Option(
        name: .customLong("dns-server"), parsing: .unconditional,
        help: ArgumentHelp("Ask this DNS server. Default: the system's.", valueName: "IP[:PORT]"))
    var dnsServer: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Use this address for HOST:PORT; * is any host or port, IPv6 in brackets. Repeatable.",
            valueName: "HOST:PORT:ADDR[:PORT]"))
    var resolve: [String] = []

    func fill(_ draft: inout PlanDraft) throws(CommandLineError) {
        draft.dnsServer = try read(dnsServer, "--dns-server", ResolveText.parseServer)
        for text in resolve {
            if let override = try read(text, "--resolve", ResolveText.parse) { draft.resolve.append(override) }
        }
    }
}

/// TLS for all https targets.
struct TLSOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Trust the certificates in this PEM file too.", valueName: "F"), completion: .file())
    var caFile: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Client certificate chain, PEM.", valueName: "F"),
        completion: .file())
    var cert: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Private key of --cert, PEM.", valueName: "F"), completion: .file())
    var key: String?

    @Flag(
        name: [.customShort("k"), .long], help: "Verify no certificate. Every report says so.")
    var insecure = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The earliest TLS version: 1.0, 1.1, 1.2 or 1.3. Default: 1.2. Reports name an earlier one.",
            valueName: "VERSION"), completion: .list(TLSLeast.allCases.map(\.rawValue)))
    var tlsMin: String?

    func fill(_ draft: inout PlanDraft) throws(CommandLineError) {
        draft.caFile = caFile.map { Sourced($0, from: .option("--ca-file")) }
        draft.certFile = cert.map { Sourced($0, from: .option("--cert")) }
        draft.keyFile = key.map { Sourced($0, from: .option("--key")) }
        if insecure { draft.insecure = Sourced(true, from: .option("--insecure")) }
        draft.tlsLeast = try read(tlsMin, "--tls-min", TLSLeast.parse)
    }
}
