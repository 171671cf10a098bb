import ArgumentParser
import SessionConfig

/// Where a session is written to while it goes on.
struct FilesOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Record what the screen shows to this file, for pooltop replay. One that exists is replaced.",
            valueName: "FILE"), completion: .file())
    var record: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Write an interval log of HdrHistogram (version 1.3) to this file, tagged with host and phase, a line for each \
            per interval. It appears when it is complete.
            """, valueName: "FILE"), completion: .file())
    var hdrLog: String?

    func plan() throws(CommandLineError) -> FilesPlan {
        for (option, path) in [("--record", record), ("--hdr-log", hdrLog)] {
            guard let path else { continue }
            if path.isEmpty { throw Source.option(option).error("is empty") }
            if path == "-" { throw Source.option(option).error("has to be a file, not standard output") }
        }
        if let hdrLog, hdrLog == record {
            throw Source.option("--hdr-log").error("is the same file as that of --record")
        }
        return FilesPlan(recording: record, hdrLog: hdrLog)
    }
}
