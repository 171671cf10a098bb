import ArgumentParser
import FoundationEssentials
import PoolModel
import SessionConfig

/// The options that every command with traffic has.
struct CommonOptions: ParsableArguments {
    @OptionGroup(title: "Targets") var target: TargetOptions
    @OptionGroup(title: "Load") var load: SectionOptions<LoadSection>
    @OptionGroup(title: "Agent") var agent: SectionOptions<AgentSection>
    @OptionGroup(title: "DNS") var dns: SectionOptions<DNSSection>
    @OptionGroup(title: "TLS") var tls: SectionOptions<TLSSection>
    @OptionGroup(title: "Screen") var screen: ScreenOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Read settings from this YAML file; options win over it.", valueName: "FILE"),
        completion: .file())
    var config: String?

    @Flag(help: "Print the effective settings as a config file, and end. Secrets are not shown.")
    var printConfig = false

    @Flag(help: "With --print-config: header values, bodies and values in URLs are printed as they are.")
    var showSecrets = false

    @OptionGroup var checks: SectionOptions<CheckSection>

    @OptionGroup(title: "Files") var files: FilesOptions

    /// The session that the options and the config file ask for.
    ///
    /// - Parameters:
    ///   - defaultDuration: measured time where nothing sets an end (`LoadPlan.headlessDuration` for `run`); nil: until
    ///     stopped.
    ///   - randomSeed: the seed where none was given. Short, so that a person can type it again.
    ///   - share: the part of the load that is to be sent, with `--share`; nil: all of it.
    ///   - environment: the variables of the process.
    /// - Returns: a plan in which nothing contradicts itself.
    /// - Throws: what is wrong, ready to be printed: the first thing on the command line, or all faults of the config file.
    func plan(
        defaultDuration: Duration? = nil, randomSeed: UInt64 = .random(in: 1...999_999),
        share: Sourced<PlanShare>? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandLineError) -> SessionPlan {
        if showSecrets, !printConfig { throw Source.option("--show-secrets").error("is for --print-config") }
        var draft = PlanDraft()
        draft.share = share
        try target.fill(&draft)
        try load.fill(&draft)
        try agent.fill(&draft)
        try dns.fill(&draft)
        try tls.fill(&draft)
        try screen.fill(&draft, environment: environment)
        try checks.fill(&draft)
        var weaker = try config.map { path throws(CommandLineError) in try ConfigFile.draft(path: path) }
        // A source whose load contradicts itself is wrong even where a stronger one covers it. All else may rest on what
        // the other source says, and is looked at when both are put together.
        try PlanAssembly(draft: draft).checkLoad()
        if var file = weaker {
            PlanAssembly(draft: file).checkLoad(noting: &file.faults)
            weaker = file
        }
        var merged = weaker.map { draft.over($0) } ?? draft
        merged.share = share
        merged.faults.attempt("ui.theme") { [merged] () throws(CommandLineError) in
            try screen.checkTheme(merged, environment: environment)
        }
        var plan = try PlanAssembly(draft: merged, defaultDuration: defaultDuration).plan(randomSeed: randomSeed)
        plan.files = try files.plan()
        screen.finish(&plan.screen)
        return plan
    }

    /// The output of `--print-config`; nil if it was not given.
    func printedConfig(of plan: SessionPlan) -> String? {
        printConfig ? PlanDocument.configText(for: plan, showsSecrets: showSecrets) : nil
    }
}
