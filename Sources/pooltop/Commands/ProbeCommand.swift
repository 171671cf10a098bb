import ArgumentParser
import Sessions

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "probe",
        abstract: "Find out what connection policy a downstream has, and what a client should set.",
        discussion: """
            Holds a dozen connections idle until the server ends them, puts many requests on another, looks at DNS and \
            TLS, and ends with settings for pooltop, Node, Go, Java, .NET, nginx and Envoy. Takes little longer than \
            the server's idle limit; ^C ends it early and prints what is known. With --format json: one object, or \
            {"schema":"pooltop.probes/1","probes":[...]} unless exactly one URL is given. A target that is down is a \
            result: exit status 0, and 1 only where the probe could not be carried out, 64 for bad usage.
            """,
        examples: examples)

    static let examples = [
        Example(
            "pooltop probe https://pay.internal/health",
            "How long the server keeps connections, and what to set in a client."),
        Example(
            "pooltop probe http://localhost:8080 --max-wait 10s --format json",
            "What can be found in ten seconds, for a script."),
    ]

    @OptionGroup var options: ProbeOptions

    mutating func run() throws {
        let run = ProbeRun(plan: try options.plan())
        try blocking { try await run.execute() }
    }
}
