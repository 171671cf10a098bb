import FoundationEssentials

/// The kernel's counters for the whole machine (for this network namespace), which are independent of the agent.
enum KernelCounters {
    /// TCP segments sent since the start, including retransmissions. Over loopback this includes both directions of a
    /// connection. nil if the kernel does not report it.
    static func tcpSegmentsSent() -> Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/net/snmp") else { return nil }
        return tcpSegmentsSent(in: String(decoding: data, as: UTF8.self))
    }

    /// Reads the two lines that begin with `Tcp:`: the names of the counters, then their values (proc_net(5)).
    static func tcpSegmentsSent(in text: String) -> Int? {
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("Tcp:") }.map { $0.split(separator: " ") }
        guard rows.count == 2, rows[0].count == rows[1].count else { return nil }
        let sum = zip(rows[0], rows[1]).filter { ["OutSegs", "RetransSegs"].contains($0.0) }.compactMap { Int($0.1) }
        return sum.count == 2 ? sum[0] + sum[1] : nil
    }
}
