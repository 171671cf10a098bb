import ArgumentParser
import SessionConfig

/// The recording of what a screen shows, or would show.
struct RecordingOptions: ParsableArguments {
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
            Serve the figures as metrics (OpenMetrics, Prometheus) at /metrics on this port, of 127.0.0.1 unless an address is \
            given; 0 takes any that is free.
            """, valueName: "[ADDRESS:]PORT"))
    var metrics: String?

    /// nil: no metrics are wanted.
    func metricsAddress() throws(CommandLineError) -> MetricsAddress? {
        try read(metrics, "--metrics", MetricsAddress.parse)?.value
    }

    /// nil: none is wanted.
    func file() throws(CommandLineError) -> String? { try Self.file(record, "--record") }

    /// Checks the path of a file that is written while a session goes on.
    static func file(_ path: String?, _ option: String) throws(CommandLineError) -> String? {
        if path?.isEmpty == true { throw Source.option(option).error("is empty") }
        if path == "-" { throw Source.option(option).error("has to be a file, not standard output") }
        return path
    }
}

/// Where a session is written to while it goes on.
struct FilesOptions: ParsableArguments {
    @OptionGroup var recording: RecordingOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Write an interval log of HdrHistogram (version 1.3) to this file, tagged with host and phase, a line for each \
            per interval. It appears when it is complete.
            """, valueName: "FILE"), completion: .file())
    var hdrLog: String?

    func plan() throws(CommandLineError) -> FilesPlan {
        let recording = try recording.file()
        let hdrLog = try RecordingOptions.file(hdrLog, "--hdr-log")
        if let hdrLog, hdrLog == recording {
            throw Source.option("--hdr-log").error("is the same file as that of --record")
        }
        return FilesPlan(recording: recording, hdrLog: hdrLog, metrics: try self.recording.metricsAddress())
    }
}
