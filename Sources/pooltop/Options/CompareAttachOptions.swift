import ArgumentParser
import SessionConfig

/// The process whose own traffic is compared, in place of a load that is made here.
struct CompareAttachOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Compare inside another process, under its own traffic: the arms change the settings of its agent. By its id, or the \
            agent's socket. Needs --allow-changes.
            """, valueName: "PID|SOCKET"))
    var attach: String?

    @Flag(help: "With --attach: let the arms change the agent's settings, which are put back at the end.")
    var allowChanges = false

    @Flag(help: "With --attach: put the hook into a running Node process without asking.")
    var yes = false

    /// nil: traffic is made here.
    func plan(
        common: CommonOptions, session: SessionPlan, client: String?
    ) throws(CommandLineError) -> AttachPlan? {
        guard let target = try read(attach, "--attach", AttachOptions.target) else {
            for (option, isGiven) in [("--allow-changes", allowChanges), ("--yes", yes)] where isGiven {
                throw Source.option(option).error("is for --attach")
            }
            return nil
        }
        guard allowChanges else {
            throw Source.option("--attach").error("changes settings of that process: give --allow-changes to agree")
        }
        if client != nil { throw Source.option("--client").error("has no place here: the process is the client") }
        var bare = try CommonOptions.bare(seed: session.seed)
        (bare.checks, bare.screen, bare.files) = (session.checks, session.screen, session.files)
        (bare.load.duration, bare.load.warmUp) = (session.load.duration, session.load.warmUp)
        guard session == bare else {
            throw Source.option("--attach").error(
                "the targets, the load and the settings are the process's own: leave the options for them out")
        }
        var plan = AttachPlan()
        plan.target = target.value
        plan.mayChange = true
        plan.isAgreed = yes
        plan.recording = session.files.recording
        return plan
    }
}

extension CommonOptions {
    /// The session of a command line without any option.
    fileprivate static func bare(seed: UInt64) throws(CommandLineError) -> SessionPlan {
        do { return try CommonOptions.parse([]).plan(randomSeed: seed) } catch let error as CommandLineError {
            throw error
        } catch {
            preconditionFailure("no option is required: \(error)")
        }
    }
}
