import ArgumentParser
import PoolModel
import SessionConfig

/// The division of a plan among several programs.
struct ShareOptions: ParsableArguments {
    /// The message that it is not an option of the command.
    static let unknown = "unknown option '--share'"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Send part K of N of the load; the N parts together, with one --seed and the same options, send exactly all of it. \
            Limits of the agent are those of each part. pooltop merge adds their recordings up.
            """, valueName: "K/N"))
    var share: String?

    /// nil: all of the load.
    func part() throws(CommandLineError) -> Sourced<PlanShare>? { try read(share, "--share", PlanShareText.parse) }
}
