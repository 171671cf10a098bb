import FoundationEssentials
import Glibc
import PoolModel
import SessionConfig

/// The CPU time that another process has used, as the kernel counts it.
struct ProcessCPU {
    let pid: Int
    private let started: Double
    private let startedAt = ContinuousClock.now

    /// Begins to measure a process.
    ///
    /// - Throws: why it cannot be measured.
    init(of pid: Int) throws(CommandLineError) {
        self.pid = pid
        guard let seconds = Self.seconds(of: pid) else {
            throw CommandLineError(.cannotRun, "--own-cpu: no process \(pid)")
        }
        started = seconds
    }

    /// CPU seconds per second since the beginning; nil if the process has ended.
    var perSecond: Double? {
        let elapsed = (ContinuousClock.now - startedAt) / .seconds(1)
        guard let seconds = Self.seconds(of: pid), seconds >= started, elapsed > 0 else { return nil }
        return (seconds - started) / elapsed
    }

    private static func seconds(of pid: Int) -> Double? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        return seconds(in: String(decoding: data, as: UTF8.self), ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Reads utime and stime, the 14th and 15th field (proc_pid_stat(5)). The name before them is in brackets and can
    /// have blanks and brackets itself.
    static func seconds(in text: String, ticksPerSecond: Double) -> Double? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (user + system) / ticksPerSecond
    }
}
