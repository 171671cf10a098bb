package import PoolModel

/// Writes a snapshot as metrics, in OpenMetrics or in the text format of Prometheus.
///
/// The families come from the tables of counters and durations, so a new row there is a new family here. A figure that the
/// source does not know has no sample; an estimate has the label `certainty="estimate"`. A distribution without records
/// has no samples yet. `_created` is not written: Prometheus 2 would store each as one more series, and the moment is the
/// same for all, so `pooltop_uptime_seconds` says it once.
package struct MetricsWriter: Sendable {
    /// The limit on hosts that holds where nothing else is said.
    package static let defaultHostLimit = 200
    /// The limit on processes that holds where nothing else is said.
    package static let defaultProcessLimit = 100

    private var selection: HostSelection
    private let processLimit: Int
    private var buckets = BucketCache()
    /// A little more than the size of the last text, so that the next one is written into one piece of memory.
    private var expectedBytes = 64 * 1024

    /// Hosts beyond the limit are summed in a row `host="other"`; processes beyond theirs are left out.
    package init(hostLimit: Int = defaultHostLimit, processLimit: Int = defaultProcessLimit) {
        selection = HostSelection(limit: hostLimit)
        self.processLimit = processLimit
    }

    /// The text of one response. Keep the writer from one to the next: it keeps hosts in their rows.
    package mutating func write(_ snapshot: AgentSnapshot, as format: ExpositionFormat) -> [UInt8] {
        var text = FamilyText(isOpenMetrics: format.isOpenMetrics, capacity: expectedBytes)
        let rows = HostRow.all(of: snapshot, &selection)
        text.writeSource(of: snapshot)
        text.writeCounters(of: rows)
        text.writeLimits(of: rows)
        text.writeKernel(of: rows)
        text.writeDurations(of: rows, &buckets)
        buckets.forgetUnused()
        text.writeDNS(snapshot.dns, snapshot.certainty[.dns])
        text.writeProcess(of: snapshot)
        text.writeProcesses(snapshot.source?.processes ?? [], limit: processLimit)
        let bytes = text.end()
        expectedBytes = bytes.count + bytes.count / 8
        return bytes
    }
}
