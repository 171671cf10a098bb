import ArgumentParser
import Glibc
import PlainDocuments
import Recordings
import SessionConfig

/// Where the sum of recordings is written to, besides its report.
struct MergeFilesOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Write the sum as a recording to this file, for pooltop replay. One that exists is replaced.",
            valueName: "FILE"), completion: .file())
    var record: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Write an interval log of HdrHistogram (version 1.3) to this file, tagged with host and phase, a line for each \
            per interval.
            """, valueName: "FILE"), completion: .file())
    var hdrLog: String?

    func plan() throws(CommandLineError) -> FilesPlan {
        let recording = try RecordingOptions.file(record, "--record")
        let log = try RecordingOptions.file(hdrLog, "--hdr-log")
        if let log, log == recording {
            throw Source.option("--hdr-log").error("is the same file as that of --record")
        }
        return FilesPlan(recording: recording, hdrLog: log)
    }
}

/// The files that a merge reads and writes. Each is one file only, by whatever names it is called.
struct MergedFiles {
    private let files: [String]
    private let written: [(option: String, path: String)]

    init(_ files: [String], output: String?, _ plan: FilesPlan) {
        self.files = files
        let all = [("--output", output), ("--record", plan.recording), ("--hdr-log", plan.hdrLog)]
        written = all.compactMap { option, path in path.map { (option, $0) } }
    }

    func check() throws(CommandLineError) {
        guard files.count <= RecordingMerge.mostFiles else {
            throw Source.option("FILE").error("more than \(RecordingMerge.mostFiles) recordings")
        }
        var names: [Identity: String] = [:]
        for file in files {
            guard let identity = Identity(file) else { continue }
            if let other = names[identity] {
                let name = other == file ? "'\(file)' is given twice" : "'\(file)' and '\(other)' are one file"
                throw Source.option("FILE").error(name)
            }
            names[identity] = file
        }
        for (option, path) in written {
            guard let identity = Identity(path), let file = names[identity] else { continue }
            throw Source.option(option).error("'\(path)' is '\(file)', which is read")
        }
    }

    /// Nil for a file that is not there, which whoever opens it says.
    private struct Identity: Hashable {
        var device: dev_t
        var node: ino_t

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, node) = (status.st_dev, status.st_ino)
        }
    }
}
