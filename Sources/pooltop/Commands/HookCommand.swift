import ArgumentParser
import Attach
import SessionConfig

struct HookCommand: ParsableCommand {
    enum Runtime: String, CaseIterable {
        case node
    }

    static let configuration = CommandConfiguration(
        name: "hook",
        abstract: "Print the file that lets pooltop attach see into a process.",
        discussion: """
            For Node 18 and newer it is one file of JavaScript without dependencies. It counts requests and connections of \
            http.Agent, https.Agent, undici and fetch, answers `pooltop attach` on a socket that only the user may open, and \
            changes nothing by itself.
            """,
        examples: examples)

    static let examples = [
        Example(
            "pooltop hook node --output pooltop-hook.cjs", "The file; then: node --require ./pooltop-hook.cjs app.js"),
        Example("pooltop hook node", "The same to read, on standard output."),
    ]

    @Argument(
        help: ArgumentHelp("The runtime of the process.", valueName: "RUNTIME"),
        completion: .list(Runtime.allCases.map(\.rawValue)))
    var runtime: String

    @OptionGroup var destination: PrintedFileOptions

    mutating func run() throws {
        guard Runtime(rawValue: runtime) != nil else {
            throw Source.option("RUNTIME").error("there is no hook for '\(runtime)'", allowed: "node")
        }
        try destination.write(String(decoding: NodeHook.source, as: UTF8.self))
    }
}
