import FoundationEssentials
import PlainDocuments
import PoolModel
import Reporting
import SessionConfig

/// Writes an interval log of HdrHistogram, version 1.3: one line `Tag=host=…;phase=…,start,length,max,histogram` for
/// each interval, host and phase with recorded durations.
///
/// Start and length are in seconds, the start relative to `BaseTime`. Histogram values are in nanoseconds, and the
/// maximum is in milliseconds, as in HdrHistogram's own writers.
struct HdrLogSink: BackgroundSink {
    private let file: ReportFile
    /// The snapshot at the start of measuring; nil before that.
    private var start: AgentSnapshot?
    private var previous: AgentSnapshot?

    init(path: String) throws(CommandLineError) {
        file = try ReportFile(path: path, option: "--hdr-log")
    }

    /// The first snapshot is the start of measuring.
    mutating func write(_ snapshot: AgentSnapshot) throws(CommandLineError) {
        if let start, let previous {
            let text = Self.lines(from: previous, to: snapshot, base: start.uptimeSeconds)
            if !text.isEmpty { try file.write(text) }
        } else {
            start = snapshot
            try file.write(Self.head(startedAt: snapshot.takenAt))
        }
        previous = snapshot
    }

    func finish() throws(CommandLineError) { try file.finish() }

    func abandon() { file.abandon() }

    static func head(startedAt: Double) -> String {
        let start = "\(seconds(startedAt)) (seconds since epoch), \(Timestamp.text(startedAt))"
        return """
            #[Logged by pooltop \(ProductVersion.current): values in nanoseconds, maximum in milliseconds]
            #[Histogram log format version 1.3]
            #[StartTime: \(start)]
            #[BaseTime: \(seconds(startedAt)) (seconds since epoch)]
            "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"

            """
    }

    /// The lines for the interval between two snapshots; start times are relative to the uptime `base`.
    static func lines(from earlier: AgentSnapshot, to later: AgentSnapshot, base: Double) -> String {
        let span = "\(seconds(earlier.uptimeSeconds - base)),\(seconds(later.uptimeSeconds - earlier.uptimeSeconds))"
        var text = ""
        for (index, host) in later.hosts.enumerated() {
            let before = earlier.hosts.indices.contains(index) ? earlier.hosts[index].metrics.latency : LatencySet()
            for phase in LatencySet.rows {
                let histogram = host.metrics.latency[keyPath: phase.histogram]
                let counts = histogram.counts(since: before[keyPath: phase.histogram])
                guard let last = counts.entries.last, let edges = histogram.edges else { continue }
                // The overall maximum is exact; the maximum of an interval is known only by its bucket.
                let longest = min(Double(HistogramBuckets.top(of: last.bucket)), Double(edges.maxNanoseconds))
                let data = Data(HdrHistogramPayload.bytes(of: counts)).base64EncodedString()
                text += "Tag=host=\(tag(host.name));phase=\(phase.name),\(span),\(seconds(longest / 1e6)),\(data)\n"
            }
        }
        return text
    }

    /// A tag ends at a comma, a space or the end of the line.
    private static func tag(_ name: String) -> String {
        let text = PlainText.clean(name)
        return String(text.map { $0 == "," || $0.isWhitespace ? "_" : $0 })
    }

    private static func seconds(_ value: Double) -> String { NumberFormat.decimals(value, 3) }
}
