import ArgumentParser
import FoundationEssentials
import PlainDocuments
import Reporting
import SessionConfig

/// Where a file goes that a command prints, as it is.
struct PrintedFileOptions: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp("Write the file here instead of to standard output.", valueName: "FILE"),
        completion: .file())
    var output: String?

    func write(_ text: String) throws(CommandLineError) {
        guard let output, output != "-" else { return try StandardStreams.writeOutput(text) }
        do {
            try Data(text.utf8).write(to: URL(filePath: output))
        } catch {
            throw CommandLineError(.cannotRun, "--output: \(PlainText.clean(output)) cannot be written")
        }
    }
}
