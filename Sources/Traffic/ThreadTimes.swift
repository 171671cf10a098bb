import KeepAliveAgent
import PoolModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How long the current thread has run so far, and how long it was ready to run and had to wait for a processor.
///
/// Between the two ends of a gap they tell why the thread did not get on: a machine that stands still adds to neither.
struct ThreadTimes {
    private(set) var ranSeconds = 0.0
    /// Zero where the kernel does not count it.
    private(set) var waitedSeconds = 0.0

    static var now: ThreadTimes {
        ThreadTimes(ranSeconds: ProcessSnapshot.threadCPUSeconds, waitedSeconds: waitedSeconds)
    }

    func cause(ofGap seconds: Double, since earlier: ThreadTimes) -> LoadGap.Cause {
        .of(
            seconds: seconds, waited: waitedSeconds - earlier.waitedSeconds, ran: ranSeconds - earlier.ranSeconds)
    }

    /// The second number of schedstat, in nanoseconds (sched-stats in the kernel's documentation).
    private static var waitedSeconds: Double {
        let descriptor = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 96)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return 0 }
        let numbers = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        return numbers.count > 1 ? Double(numbers[1]).map { $0 / 1e9 } ?? 0 : 0
    }
}
