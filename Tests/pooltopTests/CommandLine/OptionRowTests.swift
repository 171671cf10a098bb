import AgentCore
import ArgumentParser
import PlainDocuments
import TestSupport
import Testing

@testable import SessionConfig
@testable import pooltop

/// A row is all that a key of a config file needs, and its option.
@Suite(.busyCore) struct OptionRowTests {
    /// A value other than the default for each row, by its section and key: as in a config file, and as options.
    struct Sample {
        var yaml: String
        var arguments: [String]

        init(_ yaml: String, _ arguments: String...) {
            self.yaml = yaml
            self.arguments = arguments
        }
    }

    static let file = "/dev/null"
    static let samples: [String: Sample] = [
        "load.rate": Sample("load: {rate: 50}", "--rate", "50"),
        "load.concurrency": Sample("load: {concurrency: 8}", "--concurrency", "8"),
        "load.arrivals": Sample("load: {arrivals: poisson}", "--arrivals", "poisson"),
        "load.plan": Sample("load: {plan: [1s@5, 2s@~9]}", "--plan", "1s@5,2s@~9"),
        "load.duration": Sample("load: {duration: 7s}", "--duration", "7s"),
        "load.requests": Sample("load: {requests: 2k}", "--requests", "2k"),
        "load.warmUp": Sample("load: {warmUp: 2s}", "--warm-up", "2s"),
        "load.loops": Sample("load: {loops: 2}", "--loops", "2"),
        "load.seed": Sample("load: {seed: 9}", "--seed", "9"),
        "load.at": Sample(
            "load: {at: ['1s:keepAlive=off', '2s:rate=5']}", "--at", "1s:keepAlive=off", "--at",
            "2s:rate=5"),
        "dns.server": Sample("dns: {server: 127.0.0.1:5353}", "--dns-server", "127.0.0.1:5353"),
        "dns.resolve": Sample(
            "dns: {resolve: ['a:*:127.0.0.1', '*:80:[::1]:8']}", "--resolve", "a:*:127.0.0.1",
            "--resolve",
            "*:80:[::1]:8"),
        "tls.caFile": Sample("tls: {caFile: \(file)}", "--ca-file", file),
        // Neither goes without the other.
        "tls.certFile": Sample(
            "tls: {certFile: \(file), keyFile: \(file)}", "--cert", file, "--key", file),
        "tls.keyFile": Sample(
            "tls: {certFile: \(file), keyFile: \(file)}", "--cert", file, "--key", file),
        "tls.insecure": Sample("tls: {insecure: on}", "--insecure"),
        "tls.minVersion": Sample("tls: {minVersion: 1.3}", "--tls-min", "1.3"),
        "checks": Sample(
            "checks: ['reuse > 0.5', 'p99 < 1s']", "--check", "reuse > 0.5", "--check", "p99 < 1s"),
        "ui.theme": Sample("ui: {theme: mono}", "--theme", "mono"),
        "ui.ascii": Sample("ui: {ascii: on}", "--ascii"),
        "ui.color": Sample("ui: {color: off}", "--no-color"),
    ]

    /// Keys of the one target `http://a`.
    static let targetSamples: [String: Sample] = [
        "name": Sample("name: x"), "weight": Sample("weight: 2"), "rate": Sample("rate: 5"),
        "method": Sample("method: PUT", "--method", "PUT"),
        "headers": Sample("headers: ['A: 1', 'B: 2']", "--header", "A: 1", "--header", "B: 2"),
        "body": Sample("body: x", "--body", "x"),
        "bodyFile": Sample("bodyFile: \(file)", "--body-file", file),
        "bodyBase64": Sample("bodyBase64: eA=="), "timeout": Sample("timeout: 2s"),
        "unixSocket": Sample("unixSocket: /run/a.sock", "--unix-socket", "/run/a.sock"),
        "agent": Sample("agent: {maxSockets: 3}"),
    ]

    static let sections = [
        ("load.", SessionRows.load), ("dns.", SessionRows.dns), ("tls.", SessionRows.tls),
        ("", [SessionRows.checks]),
        ("ui.", SessionRows.screen),
    ]
    static let rows: [String: SessionRow] = Dictionary(
        uniqueKeysWithValues: sections.flatMap { prefix, rows in rows.map { (prefix + $0.key, $0) } })

    private static func planned(_ draft: PlanDraft) throws -> SessionPlan {
        try PlanAssembly(draft: draft, defaultDuration: LoadPlan.headlessDuration).plan(randomSeed: 7)
    }

    /// The plan of these options for the target `http://a`. A section of the help is parsed alone: ArgumentParser checks
    /// its declarations at every parse of a debug build.
    private static func planned(_ arguments: [String], in section: String) throws -> SessionPlan {
        var draft = PlanDraft()
        switch section {
        case "load": try SectionOptions<LoadSection>.parse(arguments).fill(&draft)
        case "dns": try SectionOptions<DNSSection>.parse(arguments).fill(&draft)
        case "tls": try SectionOptions<TLSSection>.parse(arguments).fill(&draft)
        case "ui": try SectionOptions<ScreenSection>.parse(arguments).fill(&draft)
        case "checks": try SectionOptions<CheckSection>.parse(arguments).fill(&draft)
        default: try SectionOptions<RequestsSection>.parse(arguments).fill(&draft)
        }
        return try planned(draft.over(try Self.draft("targets: [http://a]")))
    }

    private static func draft(_ yaml: String) throws -> PlanDraft {
        try ConfigFile.draft(text: yaml, file: "a.yaml")
    }

    @Test("Every row has a sample here, and every key of a section is that of one row")
    func samplesAreComplete() {
        #expect(
            Set(Self.samples.keys) == Set(Self.rows.keys) && Self.rows.count == SessionRows.all.count)
        #expect(Set(Self.targetSamples.keys) == Set(TargetRows.all.map(\.key)).subtracting(["url"]))
        let ofTargets = Set(TargetRows.all.map(\.key))
        #expect(RequestRows.all.allSatisfy { ofTargets.contains($0.key) })
    }

    @Test(
        "What a row's option says, its key says too, and --print-config prints it to be read back",
        arguments: samples.keys
    )
    func optionAndKey(name: String) throws {
        let (row, sample) = (try #require(Self.rows[name]), try #require(Self.samples[name]))
        let option = try #require(row.option)
        #expect(sample.arguments.contains("--\(option.name.long)"))
        let byFile = try Self.draft("targets: [http://a]\n\(sample.yaml)")
        let plan = try Self.planned(byFile)
        #expect(
            plan != (try Self.planned(Self.draft("targets: [http://a]"))), "the sample is the default")
        let section = String(name.prefix { $0 != "." })
        #expect(try Self.planned(sample.arguments, in: section) == plan)
        #expect(
            try Self.planned(Self.draft(PlanDocument.configText(for: plan, showsSecrets: true))) == plan)
        // Whichever of two sources says it.
        #expect(
            try Self.planned(byFile.over(PlanDraft())) == plan
                && Self.planned(PlanDraft().over(byFile)) == plan)
    }

    @Test(
        "A value on the command line wins over that of a file, and a list is added to",
        arguments: samples.keys)
    func optionsWin(name: String) throws {
        let (row, sample) = (try #require(Self.rows[name]), try #require(Self.samples[name]))
        guard let option = row.option, option.form != .flag else { return }
        let texts = sample.arguments.indices.filter { sample.arguments[$0] == "--\(option.name.long)" }
            .map { sample.arguments[$0 + 1] }
        var stronger = PlanDraft()
        try option.fill(texts, &stronger)
        let weaker = try Self.draft(sample.yaml)
        var merged = weaker
        row.merge(stronger, &merged)
        let (before, after) = (Self.sources(of: merged), Self.sources(of: weaker))
        let isList = if case .list = option.form { true } else { false }
        #expect(before.filter { $0 == option.source }.count == (isList ? texts.count : 1))
        #expect(before.count == (isList ? after.count + texts.count : after.count))
    }

    /// Where everything in a draft was written.
    private static func sources(of value: Any) -> [Source] {
        if let source = value as? Source { return [source] }
        return Mirror(reflecting: value).children.flatMap { sources(of: $0.value) }
    }

    @Test(
        "Every key of a target is read, and --print-config prints it to be read back",
        arguments: targetSamples.keys)
    func targetKeys(key: String) throws {
        let sample = try #require(Self.targetSamples[key])
        let plan = try Self.planned(Self.draft("targets:\n- url: http://a\n  \(sample.yaml)\n"))
        let plain = try Self.planned(Self.draft("targets: [http://a]"))
        #expect(plan != plain || key == "bodyFile", "the sample is the default")
        #expect(
            try Self.planned(Self.draft(PlanDocument.configText(for: plan, showsSecrets: true))) == plan)
        guard let row = RequestRows.all.first(where: { $0.key == key }), let option = row.option else {
            return
        }
        #expect(sample.arguments.contains("--\(option.name.long)"))
        #expect(try Self.planned(sample.arguments, in: "targets") == plan)
    }

    @Test("Help names every option of a row once, in the words of the row")
    func help() {
        let help = CommonOptions.helpMessage(columns: 500)
        let options =
            SessionRows.all.compactMap(\.option) + RequestRows.all.compactMap(\.option)
            + OptionSections.agent
            + AgentSetting.options(in: .dns)
        #expect(options.count > 40 && Set(options.map(\.name.long)).count == options.count)
        for option in options {
            let lines = help.split(separator: "\n").filter {
                $0.firstMatch(of: /(^|[ ,])--([a-z-]+)/)?.2 == option.name.long[...]
            }
            #expect(lines.count == 1, "\(option.name.long)")
            #expect(help.contains(option.help.replacing("\n", with: " ")), "\(option.name.long)")
        }
    }

    /// Defaults that are no value: what happens where nothing is said.
    static let toldInWords: Set = ["duration", "seed", "dns-server", "method"]

    @Test("To give an option the default that help tells changes nothing")
    func defaults() throws {
        let plan = try Self.planned([], in: "load")
        var count = 0
        for (name, row) in Self.rows {
            guard let option = row.option, !Self.toldInWords.contains(option.name.long),
                let told = option.help.firstMatch(of: /Default: (.+?)\.( |$)/)?.1
            else { continue }
            let arguments = ["--\(option.name.long)", String(told)]
            #expect(
                try Self.planned(arguments, in: String(name.prefix { $0 != "." })) == plan, "\(arguments)")
            count += 1
        }
        #expect(count == 6)
        let duration = try #require(Self.rows["load.duration"]?.option)
        #expect(
            duration.help.contains(
                "Default: \(HelpText.duration(try #require(plan.load.duration))) for run"))
    }

    @Test("The commands have every section")
    func sections() throws {
        let plan = try plan(
            [
                "--target", "http://a", "-n5", "-c", "2", "--dns-server", "::1", "--resolve",
                "a:80:127.0.0.1", "-k",
            ]
                + ["--ascii", "--check", "p99 < 1s", "-X", "PUT", "--max-sockets", "3"])
        #expect(
            plan.load.requests == 5 && plan.load.shape == .concurrency(2) && plan.dns.overrides.count == 1
        )
        #expect(
            plan.dns.server?.address == "::1" && plan.tls.insecure && plan.screen.ascii
                && plan.checks.count == 1)
        #expect(plan.targets[0].method == "PUT" && plan.settings.maxSocketsPerHost == 3)
    }
}
